//! Root's policy (`auth_root_allowed`): asked of uid 0, whatever the name, after the signature.

use crate::Gate;
use crate::conf::PermitRoot;
use crate::found;
use crate::pass::{Pass, Stop};
use sshwhy_causes::Finding;
use sshwhy_causes::signature as cause;
use sshwhy_world::Mend;

/// PermitRootLogin.
pub(crate) fn allowed(pass: &mut Pass<'_>) -> Gate {
    if pass.account()?.uid != 0 {
        return Ok(());
    }
    let policy = pass.conf.permit_root()?;
    let mend = Mend::Config {
        keyword: b"permitrootlogin".to_vec(),
        value: b"prohibit-password".to_vec(),
    };
    match policy.value {
        PermitRoot::Yes | PermitRoot::WithoutPassword => Ok(()),
        PermitRoot::ForcedCommandsOnly => {
            // Where the key stands is not known: neither is whether a command stands before it.
            let granted = pass.granted.as_ref().ok_or(Stop::Skipped)?.clone();
            if granted.command.is_some() {
                pass.say("the key forces a command");
                return Ok(());
            }
            let f = Finding::new(&cause::root_login_forced_commands_only::CAUSE).mend(mend);
            let f = found::with_setting(f, &policy);
            pass.refuse(found::granted(f, pass, &granted))
        }
        PermitRoot::No => {
            let f = Finding::new(&cause::root_login_off::CAUSE).mend(mend);
            pass.refuse(found::with_setting(f, &policy))
        }
    }
}
