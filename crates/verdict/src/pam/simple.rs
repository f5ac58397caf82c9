//! Modules with a rule of a few lines: nologin, localuser, shells, usertype, listfile.

use super::ask::{Ask, Reply, number};
use super::code;
use crate::found;
use alloc::format;
use alloc::vec::Vec;
use sshwhy_causes::signature as cause;
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Fact, Gap, Mend};

/// Most bytes of the file's text that evidence quotes.
const QUOTE: usize = 200;

/// pam_nologin: a file keeps everyone but uid 0 out.
pub(super) fn nologin(ask: &Ask<'_, '_>) -> Result<Reply, Gap> {
    let none = if ask.flag(b"successok") {
        code::SUCCESS
    } else {
        code::IGNORE
    };
    let own = ask.option(b"file");
    let paths = match own {
        Some(path) => alloc::vec![path.to_vec()],
        None => alloc::vec![b"/var/run/nologin".to_vec(), b"/etc/nologin".to_vec()],
    };
    for path in paths {
        let Ok(r) = resolve(ask.pass.world, &path, None)? else {
            continue;
        };
        if r.node.is_dir() {
            return Ok(ask.denied(
                code::SYSTEM_ERR,
                format!("{} is a directory", path.escape_ascii()),
            ));
        }
        if ask.account.uid == 0 {
            return Ok(none.into());
        }
        let mut evidence = found::path(ask.pass.world, &r.real, &r.node);
        if let Ok(mut text) = ask.read(&r.real)? {
            text.truncate(QUOTE);
            evidence.detail = Some(text.trim_ascii().to_vec()).filter(|t| !t.is_empty());
        }
        let mut finding = ask
            .finding(&cause::pam_nologin::CAUSE)
            .arg("path", r.real.as_slice())
            .mend(Mend::Remove {
                path: r.real.clone(),
            });
        finding.evidence.insert(0, evidence);
        return Ok(Reply {
            code: code::AUTH_ERR,
            finding: Some(finding),
        });
    }
    Ok(none.into())
}

/// pam_localuser: the name has a line in /etc/passwd.
pub(super) fn localuser(ask: &Ask<'_, '_>) -> Result<Reply, Gap> {
    let file = ask.option(b"file").unwrap_or(b"/etc/passwd");
    let Ok(text) = ask.read(file)? else {
        return Ok(ask.denied(
            code::SERVICE_ERR,
            format!("{} cannot be read", file.escape_ascii()),
        ));
    };
    let name = &ask.account.name;
    let here = |line: &[u8]| {
        line.strip_prefix(name.as_slice())
            .is_some_and(|r| r.starts_with(b":"))
    };
    if text.split(|&b| b == b'\n').any(here) {
        return Ok(code::SUCCESS.into());
    }
    Ok(ask.denied(
        code::PERM_DENIED,
        format!(
            "{} has no line in {}",
            name.escape_ascii(),
            file.escape_ascii()
        ),
    ))
}

/// pam_shells: the shell has a line in /etc/shells.
pub(super) fn shells(ask: &Ask<'_, '_>) -> Result<Reply, Gap> {
    let file = b"/etc/shells";
    let safe = resolve(ask.pass.world, file, None)?
        .is_ok_and(|r| r.node.is_file() && r.node.mode & 0o002 == 0);
    let shell = ask.account.effective_shell();
    if safe
        && let Ok(text) = ask.read(file)?
        && text
            .split(|&b| b == b'\n')
            .any(|l| l.starts_with(b"/") && l == shell)
    {
        return Ok(code::SUCCESS.into());
    }
    Ok(ask.denied(
        code::AUTH_ERR,
        format!(
            "the shell {} is not listed in /etc/shells",
            shell.escape_ascii()
        ),
    ))
}

/// pam_usertype: system account or regular one, by login.defs(5).
pub(super) fn usertype(ask: &Ask<'_, '_>) -> Result<Reply, Gap> {
    let wanted = ask
        .args
        .iter()
        .rev()
        .find(|a| matches!(a.as_slice(), b"issystem" | b"isregular"));
    let Some(wanted) = wanted else {
        return Ok(ask.denied(
            code::SERVICE_ERR,
            "pam_usertype has neither issystem nor isregular",
        ));
    };
    // `use_uid` asks about sshd's own uid.
    let uid = if ask.flag(b"use_uid") {
        0
    } else {
        ask.account.uid
    };
    let defs = ask.read(b"/etc/login.defs")?.unwrap_or_default();
    let setting = |key: &[u8]| {
        defs.split(|&b| b == b'\n').find_map(|line| {
            let mut words = line
                .split(u8::is_ascii_whitespace)
                .filter(|w| !w.is_empty());
            if words.next()? != key {
                return None;
            }
            u32::try_from(number(words.next()?)?).ok()
        })
    };
    let min = setting(b"UID_MIN").unwrap_or(1_000);
    let max = setting(b"SYS_UID_MAX").unwrap_or(min.saturating_sub(1));
    let system = uid == 65_534 || uid <= max && uid < min;
    if system == (wanted == b"issystem") {
        return Ok(code::SUCCESS.into());
    }
    let what = if system {
        "a system account"
    } else {
        "a regular account"
    };
    Ok(ask.denied(code::AUTH_ERR, format!("uid {uid} is that of {what}")))
}

/// pam_listfile: a list of names in a file decides.
pub(super) fn listfile(ask: &Ask<'_, '_>) -> Result<Reply, Gap> {
    #[derive(PartialEq)]
    enum Item {
        Text(Vec<u8>),
        Group,
    }
    let failed = match ask.option(b"onerr") {
        Some(b"succeed") => code::SUCCESS,
        _ => code::SERVICE_ERR,
    };
    let broken = |why: &str| {
        if failed == code::SUCCESS {
            code::SUCCESS.into()
        } else {
            ask.denied(failed, why)
        }
    };
    let deny = match ask.option(b"sense") {
        Some(b"allow") => false,
        Some(b"deny") => true,
        _ => return Ok(broken("pam_listfile has no sense=allow or sense=deny")),
    };
    let Some(file) = ask.option(b"file") else {
        return Ok(broken("pam_listfile has no file="));
    };
    let mut of_user = false;
    let item = match ask.option(b"item") {
        Some(b"user") => {
            of_user = true;
            Item::Text(ask.account.name.clone())
        }
        Some(b"rhost") => Item::Text(ask.rhost()?),
        Some(b"ruser") => {
            of_user = true;
            Item::Text(Vec::new())
        }
        Some(b"tty") => Item::Text(super::ask::TTY.to_vec()),
        Some(b"shell") => Item::Text(ask.account.shell.clone()),
        Some(b"group") => {
            of_user = true;
            Item::Group
        }
        _ => return Ok(broken("pam_listfile has no item= that it knows")),
    };
    match ask.option(b"apply") {
        Some(b"" | b"@") => return Ok(broken("pam_listfile has an empty apply=")),
        Some([b'@', group @ ..]) if !of_user && !ask.in_group(group)? => {
            return Ok(code::IGNORE.into());
        }
        Some(user) if !of_user && user.first() != Some(&b'@') && user != ask.account.name => {
            return Ok(code::IGNORE.into());
        }
        _ => {}
    }
    let refuse = |more: Option<sshwhy_causes::Evidence>| {
        let mut finding = ask
            .finding(&cause::pam_listfile::CAUSE)
            .arg("value", if deny { "deny" } else { "allow" })
            .arg("file", file);
        if let Some(e) = more {
            finding.evidence.insert(0, e);
        }
        Reply {
            code: code::AUTH_ERR,
            finding: Some(finding),
        }
    };
    if item == Item::Text(Vec::new()) {
        return Ok(if deny {
            code::SUCCESS.into()
        } else {
            refuse(None)
        });
    }
    // The module does not follow a link at the end.
    let node = match parent_resolved(ask, file)? {
        Some(path) => match ask.pass.world.lstat(&path) {
            Fact::Known(Ok(node)) => node,
            Fact::Known(Err(_)) => return Ok(broken("the list cannot be opened")),
            Fact::Unknown(gap) => return Err(gap),
        },
        None => return Ok(broken("the list cannot be opened")),
    };
    if node.mode & 0o002 != 0 || !node.is_file() {
        return Ok(ask.denied(
            code::AUTH_ERR,
            format!(
                "{} is no regular file, or everyone may write to it",
                file.escape_ascii()
            ),
        ));
    }
    let Ok(text) = ask.read(file)? else {
        return Ok(broken("the list cannot be opened"));
    };
    for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
        let line = raw.split(|&b| b == b'\r').next().unwrap_or(raw);
        if line.is_empty() {
            continue;
        }
        let hit = match &item {
            Item::Group => ask.in_group(line)?,
            Item::Text(text) => line == text,
        };
        if hit {
            let shown = found::text(file, i as u64 + 1, raw, 0..line.len());
            return Ok(if deny {
                refuse(Some(shown))
            } else {
                code::SUCCESS.into()
            });
        }
    }
    let shown = found::path(ask.pass.world, file, &node);
    Ok(if deny {
        code::SUCCESS.into()
    } else {
        refuse(Some(shown))
    })
}

/// The path with links followed in its directories alone.
fn parent_resolved(ask: &Ask<'_, '_>, path: &[u8]) -> Result<Option<Vec<u8>>, Gap> {
    use sshwhy_world::resolve::{base_name, join, parent};
    let dir = resolve(ask.pass.world, parent(path), None)?;
    Ok(dir.ok().map(|d| join(&d.real, base_name(path))))
}
