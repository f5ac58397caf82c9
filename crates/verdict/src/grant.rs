//! What an accepted key is granted: what a server that opens sessions itself has to enforce.

use crate::Server;
use crate::conf::Kw;
use crate::pass::Pass;
use crate::session;
use alloc::vec::Vec;
use sshwhy_authfile::Options;
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
    Ok(Some(Grant {
        forced: session::forced_command(&pass)?,
        chroot: pass.conf.text(Kw::ChrootDirectory)?.value.is_some(),
        permit_tty: pass.conf.is(Kw::PermitTTY)?,
        sftp: session::sftp_command(&pass),
        options: pass.granted.take().and_then(|g| g.options),
    }))
}
