//! Whether a password could let an account in.

use crate::logins::{Said, Side};
use sshwhy_causes::Stage;
use sshwhy_config::{Connection, Fact as Looked, Host, Kw, Origin, PermitRootLogin, Tri};
use sshwhy_verdict::{Verdict, verdict_only};
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Attempt, Fact, Software, World};

/// Whether a password could let the account in: the gates before the methods, the method itself,
/// and root's own policy. Whether a password fits is nobody's business here.
pub(crate) fn password(side: Side<'_>, attempt: &Attempt) -> Said {
    let without_key = Attempt {
        key: None,
        ..attempt.clone()
    };
    let (_, refusal) = verdict_only(side.server, side.world, &without_key);
    if let Some(refusal) = refusal
        && matches!(
            refusal.cause.stage,
            Stage::Connect | Stage::Transport | Stage::Account
        )
    {
        return Said::refused(Some(refusal), None);
    }
    let Fact::Known(Some(account)) = side.world.account(&attempt.user) else {
        return Said::refused(None, None);
    };
    if side.world.build().software == Software::Dropbear || !has_password(side.world, &account) {
        return Said::refused(None, None);
    }
    match password_method(side, attempt, &account) {
        Ok(()) => Said {
            verdict: Verdict::Accept,
            because: None,
            setting: None,
        },
        Err(setting) => Said::refused(None, Some(setting)),
    }
}

fn has_password(world: &dyn World, account: &Account) -> bool {
    let field = match world.shadow(&account.name) {
        Fact::Known(Some(shadow)) if account.password == PasswordField::Shadowed => shadow.password,
        _ => account.password,
    };
    matches!(field, PasswordField::Set | PasswordField::Shadowed)
}

/// Whether the method is open to the account. The error is the setting that closes it.
fn password_method(side: Side<'_>, attempt: &Attempt, account: &Account) -> Result<(), Vec<u8>> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    if let Fact::Known(gids) = side.world.groups_of(account) {
        for gid in gids {
            if let Fact::Known(Some(group)) = side.world.group(gid) {
                names.push(group.name);
            }
        }
    }
    let conf = side.server.config.evaluate(&Connection {
        user: &attempt.user,
        user_invalid: Tri::False,
        groups: Looked::Known(&names),
        host: Host::Address,
        addr: attempt.from.addr,
        laddr: Looked::Known(attempt.to.addr),
        lport: Looked::Known(attempt.to.port),
        rdomain: Looked::Known(b""),
    });
    let by_password = conf.flag(Kw::PasswordAuthentication);
    let password = by_password.value;
    let asked = conf.flag(Kw::KbdInteractiveAuthentication).value && conf.flag(Kw::UsePAM).value;
    if !password && !asked {
        return Err(origin("PasswordAuthentication", &by_password.origin));
    }
    let root = conf.permit_root_login();
    if account.uid == 0 && root.value != PermitRootLogin::Yes {
        return Err(origin("PermitRootLogin", &root.origin));
    }
    let lists = conf.words(Kw::AuthenticationMethods);
    let fits = |list: &&[u8]| {
        **list == *b"any"
            || list.split(|&b| b == b',').all(|m| {
                m == b"password" && password
                    || m.split(|&b| b == b':').next() == Some(b"keyboard-interactive") && asked
            })
    };
    if lists.value.is_empty() || lists.value.iter().any(fits) {
        return Ok(());
    }
    Err(origin("AuthenticationMethods", &lists.origin))
}

fn origin(keyword: &str, origin: &Origin<'_>) -> Vec<u8> {
    match origin {
        Origin::File { place, .. } => {
            let mut out = place.file.to_vec();
            out.extend_from_slice(format!(":{}", place.line).as_bytes());
            out
        }
        Origin::CommandLine { .. } => format!("{keyword} on sshd's command line").into_bytes(),
        Origin::Default { build } => format!("{keyword}: the default of {build}").into_bytes(),
    }
}
