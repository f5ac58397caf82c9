//! What an accepted key is granted: what a server that opens sessions itself has to enforce.

use crate::Server;
use crate::certificate;
use crate::conf::Kw;
use crate::pass::Pass;
use crate::session;
use alloc::vec::Vec;
use sshwhy_authfile::Options;
use sshwhy_config::pattern::match_pattern;
use sshwhy_world::{Attempt, Gap, World};

/// What came with the acceptance.
#[derive(Clone)]
pub struct Grant {
    /// What runs instead of what the client asks for: ForceCommand, `command=`, the certificate's.
    pub forced: Option<Vec<u8>>,
    /// ChrootDirectory is set.
    pub chroot: bool,
    /// A terminal is given: PermitTTY, and the line and the certificate permit it.
    pub pty: bool,
    /// The command of `Subsystem sftp`, if one is set.
    pub sftp: Option<Vec<u8>>,
    /// `~/.ssh/rc` is run: PermitUserRC, the line and the certificate permit it, and no ForceCommand.
    pub user_rc: bool,
    /// AcceptEnv: patterns of the variables that a client may set.
    pub accept_env: Vec<Vec<u8>>,
    /// SetEnv: `NAME=value`, stronger than anything else that is set.
    pub set_env: Vec<Vec<u8>>,
}

/// What the attempt is granted; `None` where it is not accepted.
///
/// # Errors
/// A fact that decides over the session is missing.
pub fn grant(server: &Server, world: &dyn World, attempt: &Attempt) -> Result<Option<Grant>, Gap> {
    let mut pass = Pass::new(server, world, attempt);
    if pass.run().is_some() {
        return Ok(None);
    }
    if let Some(gap) = pass.gaps.first() {
        return Err(gap.clone());
    }
    let forced = session::forced_command(&pass)?;
    let by_config = pass.conf.text(Kw::ForceCommand)?.value.is_some();
    let granted = pass.granted.take();
    let line = granted.and_then(|g| g.options);
    let cert = certificate::offered(&pass);
    // Without a line the certificate speaks alone (`sshauthopt_from_cert`); what both have to say, both
    // have to permit (`sshauthopt_merge`).
    let may = |by_line: fn(&Options) -> bool, extension: &[u8]| {
        line.as_ref().is_none_or(by_line) && cert.is_none_or(|c| c.extension(extension).is_some())
    };
    Ok(Some(Grant {
        forced,
        chroot: pass.conf.text(Kw::ChrootDirectory)?.value.is_some(),
        pty: pass.conf.is(Kw::PermitTTY)? && may(|o| o.pty, b"permit-pty"),
        sftp: session::sftp_command(&pass),
        user_rc: pass.conf.is(Kw::PermitUserRC)?
            && may(|o| o.user_rc, b"permit-user-rc")
            && !by_config,
        accept_env: pass.conf.words(Kw::AcceptEnv)?.value,
        set_env: pass.conf.words(Kw::SetEnv)?.value,
    }))
}

impl Grant {
    /// Whether a client may set the variable `name` (`session_env_req`).
    #[must_use]
    pub fn accepts_env(&self, name: &[u8]) -> bool {
        self.accept_env.iter().any(|p| match_pattern(name, p))
    }
}
