//! What sshd answers a client before a key is looked at: what a server that stands in its place has to
//! show.

use crate::conf::Kw;
use crate::pass::{Pass, Stop};
use crate::{Server, listener, method, pam};
use sshwhy_causes::Finding;
use sshwhy_world::{Attempt, Software, World};

/// MAX_AUTH_TRIES of Dropbear.
const DROPBEAR_TRIES: usize = 10;

/// The answer to a client's first question, whoever asks: a name without an account hears the same.
#[derive(Clone, Debug)]
pub struct Doorway {
    /// Why no key can be offered.
    pub refusal: Option<Finding>,
    /// MaxAuthTries: refusals that end the connection; 6 where it is not known.
    pub tries: usize,
}

/// Asks what hangs on the name, the ends and the configuration alone, in sshd's order: a Match block
/// that ends the process, RefuseConnection, PAM's start, the methods.
#[must_use]
pub fn doorway(server: &Server, world: &dyn World, attempt: &Attempt) -> Doorway {
    if world.build().software == Software::Dropbear {
        // It offers keys to everybody, and reads no sshd_config.
        return Doorway {
            refusal: None,
            tries: DROPBEAR_TRIES,
        };
    }
    let mut pass = Pass::new(server, world, attempt);
    let gates = [
        listener::match_config,
        listener::refuse_connection,
        pam::starts,
        method::publickey_next,
    ];
    let refusal = gates.into_iter().find_map(|gate| match gate(&mut pass) {
        Err(Stop::Refused(finding)) => Some(*finding),
        _ => None,
    });
    let tries = pass.conf.number(Kw::MaxAuthTries).ok();
    let tries = tries.and_then(|t| usize::try_from(t.value).ok());
    Doorway {
        refusal,
        tries: tries.unwrap_or(6),
    }
}
