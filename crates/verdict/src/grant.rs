//! What an accepted key is granted: what a server that opens sessions itself has to enforce.

use crate::Server;
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
    /// The options of the line that let the key in. `None`: no line did (a certificate of a trusted
    /// authority), and whoever opens the session grants as little as it can.
    pub options: Option<Options>,
    /// What runs instead of what the client asks for: ForceCommand, `command=`, the certificate's.
    pub forced: Option<Vec<u8>>,
    /// ChrootDirectory is set.
    pub chroot: bool,
    /// PermitTTY
    pub permit_tty: bool,
    /// The command of `Subsystem sftp`, if one is set.
    pub sftp: Option<Vec<u8>>,
    /// `~/.ssh/rc` is run: PermitUserRC, no `no-user-rc`, and no ForceCommand.
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
    let options = pass.granted.take().and_then(|g| g.options);
    let user_rc = pass.conf.is(Kw::PermitUserRC)? && options.as_ref().is_some_and(|o| o.user_rc);
    Ok(Some(Grant {
        forced,
        chroot: pass.conf.text(Kw::ChrootDirectory)?.value.is_some(),
        permit_tty: pass.conf.is(Kw::PermitTTY)?,
        sftp: session::sftp_command(&pass),
        user_rc: user_rc && !by_config,
        accept_env: pass.conf.words(Kw::AcceptEnv)?.value,
        set_env: pass.conf.words(Kw::SetEnv)?.value,
        options,
    }))
}

impl Grant {
    /// Whether a client may set the variable `name` (`session_env_req`).
    #[must_use]
    pub fn accepts_env(&self, name: &[u8]) -> bool {
        self.accept_env.iter().any(|p| match_pattern(name, p))
    }
}
