//! The account: getpwnam(3), locked and expired accounts, the shell, Allow and Deny lists
//! (`getpwnamallow`, `allowed_user`).

use crate::Gate;
use crate::conf::{Kw, Said};
use crate::found;
use crate::pass::Pass;
use alloc::format;
use alloc::vec::Vec;
use sshwhy_causes::Finding;
use sshwhy_causes::account as cause;
use sshwhy_config::pattern::{self, AddrText, HostMatch};
use sshwhy_world::account::PasswordField;
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Account, Cred, Errno, Mend, Shadow};

const DAY: i64 = 86_400;

/// getpwnam(3) knows the name.
pub(crate) fn exists(pass: &mut Pass<'_>) -> Gate {
    let Some(account) = pass.world.account(&pass.user).known()? else {
        if pass.suffix.at == Some(b':') {
            // The name was meant as a whole, as `corp:alice`.
            return Err(suffix_stripped(pass, "no such account").into());
        }
        let mut finding = Finding::new(&cause::user_unknown::CAUSE).evidence(found::account(
            "/etc/passwd",
            pass.user.as_slice(),
            "no such account",
        ));
        if let Some(near) = near_name(pass) {
            finding.args.set("found", near);
        }
        // Nothing behind this gate can be judged without an account.
        finding.mend.clear();
        return Err(finding.into());
    };
    let groups = pass.world.groups_of(&account).known()?;
    pass.cred = Some(Cred {
        uid: account.uid,
        gid: account.gid,
        groups,
    });
    pass.say(format!("uid {}", account.uid));
    pass.account = Some(account);
    Ok(())
}

/// The finding for a name that sshd cuts.
pub(crate) fn suffix_stripped(pass: &Pass<'_>, detail: &str) -> Finding {
    let at = pass.suffix.at.unwrap_or(b':');
    Finding::new(&cause::user_suffix_stripped::CAUSE)
        .arg("found", pass.attempt.user.as_slice())
        .arg("value", pass.user.as_slice())
        .arg("pattern", [at].as_slice())
        .evidence(found::account("/etc/passwd", pass.user.as_slice(), detail))
}

/// An account whose name differs from the typed one by case alone.
fn near_name(pass: &Pass<'_>) -> Option<Vec<u8>> {
    let all = pass.world.accounts().ok()?;
    all.into_iter()
        .map(|a| a.name)
        .find(|n| n.eq_ignore_ascii_case(&pass.user))
}

/// Without PAM sshd itself refuses locked and expired accounts.
pub(crate) fn not_locked(pass: &mut Pass<'_>) -> Gate {
    let account = pass.account()?.clone();
    if pass.conf.is(Kw::UsePAM)? {
        pass.say("left to PAM");
        return Ok(());
    }
    let use_pam = pass.conf.flag(Kw::UsePAM)?;
    let shadow = pass.world.shadow(&account.name).known()?;
    if let Some(shadow) = &shadow
        && shadow.expire >= 0
        && shadow.expire < pass.world.now().div_euclid(DAY)
    {
        let finding = expired(&account, shadow, &cause::account_expired::CAUSE);
        pass.refuse(found::with_setting(finding, &use_pam))?;
    }
    let field = shadow.as_ref().map_or(account.password, |s| s.password);
    if field == PasswordField::Locked {
        let mut mended = shadow.clone();
        let finding = Finding::new(&cause::account_locked::CAUSE)
            .arg("found", "!")
            .evidence(found::account(
                "/etc/shadow",
                account.name.as_slice(),
                "the password field starts with `!`",
            ));
        let finding = match &mut mended {
            Some(s) => {
                s.password = PasswordField::Set;
                finding.mend(Mend::Shadow(account.name.clone(), s.clone()))
            }
            None => {
                let mut open = account.clone();
                open.password = PasswordField::Set;
                finding.mend(Mend::Account(open))
            }
        };
        pass.refuse(found::with_setting(finding, &use_pam))?;
    }
    Ok(())
}

/// The finding for a shadow entry past its expiry.
pub(crate) fn expired(
    account: &Account,
    shadow: &Shadow,
    which: &'static sshwhy_causes::Cause,
) -> Finding {
    let mut open = shadow.clone();
    open.expire = -1;
    Finding::new(which)
        .arg("date", day(shadow.expire))
        .evidence(found::account(
            "/etc/shadow",
            account.name.as_slice(),
            format!("expired on {} (day {})", day(shadow.expire), shadow.expire),
        ))
        .mend(Mend::Shadow(account.name.clone(), open))
}

/// A day since the epoch as `2026-11-22`.
pub(crate) fn day(days: i64) -> alloc::string::String {
    // Civil from days, after Howard Hinnant's public-domain algorithm.
    let z = days.saturating_add(719_468);
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    let y = yoe + era * 400 + i64::from(m <= 2);
    format!("{y:04}-{m:02}-{d:02}")
}

/// An instant as `2026-11-22T10:00:00Z`.
pub(crate) fn instant(seconds: i64) -> alloc::string::String {
    let rest = seconds.rem_euclid(DAY);
    format!(
        "{}T{:02}:{:02}:{:02}Z",
        day(seconds.div_euclid(DAY)),
        rest / 3_600,
        rest / 60 % 60,
        rest % 60
    )
}

/// The shell is a regular file with any x bit, unless a chroot hides it from the test.
pub(crate) fn shell(pass: &mut Pass<'_>) -> Gate {
    let account = pass.account()?.clone();
    if pass.conf.text(Kw::ChrootDirectory)?.value.is_some() {
        pass.say("not tested: ChrootDirectory");
        return Ok(());
    }
    let shell = account.effective_shell().to_vec();
    let finding = match resolve(pass.world, &shell, None)? {
        Ok(r) if r.node.is_file() && r.node.mode & 0o111 != 0 => return Ok(()),
        Ok(r) => Finding::new(&cause::shell_not_executable::CAUSE)
            .arg("path", r.real.as_slice())
            .arg("mode", found::octal(r.node.mode))
            .evidence(found::path(pass.world, &r.real, &r.node)),
        Err(stop) => Finding::new(&cause::shell_missing::CAUSE)
            .arg("path", shell.as_slice())
            .arg("reason", stop.errno.text())
            .evidence(found::absent(if stop.errno == Errno::NotFound {
                &shell
            } else {
                &stop.at
            })),
    };
    let entry = found::account("/etc/passwd", shell.as_slice(), "the shell of the account");
    pass.refuse(finding.evidence(entry))
}

/// DenyUsers, AllowUsers, DenyGroups, AllowGroups, in this order.
pub(crate) fn allowed(pass: &mut Pass<'_>) -> Gate {
    let account = pass.account()?.clone();
    let addr = AddrText::new(pass.attempt.from.addr);
    let at_last = pass.server.user_pattern_at_last();
    let host = pass.conf.host_name(&addr);
    let host_unknown = host.is_none();
    let host = host.unwrap_or_else(|| addr.text().to_vec());
    let listed = |said: &Said<Vec<Vec<u8>>>| {
        let mut by_name_only = false;
        let hit = said.value.iter().position(|item| {
            let (name, at) = pattern::split_user_pattern(item, at_last);
            if at.is_some() && pattern::match_pattern(&account.name, name) {
                by_name_only = true;
            }
            pattern::match_user(&account.name, &host, &addr, item, at_last) == HostMatch::Match
        });
        (hit, by_name_only)
    };

    let deny = pass.conf.words(Kw::DenyUsers)?;
    if let (Some(i), _) = listed(&deny) {
        let f = Finding::new(&cause::user_denied::CAUSE).arg("pattern", deny.value[i].as_slice());
        pass.refuse(found::with_setting(f, &deny))?;
    }
    let allow = pass.conf.words(Kw::AllowUsers)?;
    if !allow.value.is_empty() {
        let (hit, by_name) = listed(&allow);
        if hit.is_none() {
            if host_unknown && by_name {
                return Err(pass.conf.host_gap().into());
            }
            let which = if by_name {
                &cause::user_not_allowed_from_host::CAUSE
            } else {
                &cause::user_not_allowed::CAUSE
            };
            let f = Finding::new(which).arg("pattern", allow.raw.as_slice());
            pass.refuse(found::with_setting(f, &allow))?;
        }
    }

    let deny = pass.conf.words(Kw::DenyGroups)?;
    let allow = pass.conf.words(Kw::AllowGroups)?;
    if deny.value.is_empty() && allow.value.is_empty() {
        return Ok(());
    }
    let mut names = Vec::new();
    for gid in &pass.cred()?.groups {
        if let Some(g) = pass.world.group(*gid).known()? {
            names.push(g.name);
        }
    }
    if names.is_empty() {
        let f = Finding::new(&cause::user_not_in_any_group::CAUSE);
        let said = if deny.value.is_empty() { &allow } else { &deny };
        return pass.refuse(found::with_setting(f, said));
    }
    let groups = found::list(&names);
    let hit = |said: &Said<Vec<Vec<u8>>>| {
        said.value.iter().find_map(|p| {
            names
                .iter()
                .find(|n| pattern::match_pattern(n, p))
                .map(|n| (p.clone(), n.clone()))
        })
    };
    if let Some((p, group)) = hit(&deny) {
        let f = Finding::new(&cause::group_denied::CAUSE)
            .arg("pattern", p)
            .arg("group", group)
            .arg("found", groups.as_slice());
        pass.refuse(found::with_setting(f, &deny))?;
    }
    if !allow.value.is_empty() && hit(&allow).is_none() {
        let mut f = Finding::new(&cause::group_not_allowed::CAUSE)
            .arg("pattern", allow.raw.as_slice())
            .arg("found", groups.as_slice());
        if let Some(first) = allow
            .value
            .iter()
            .find(|p| !p.iter().any(|b| b"*?".contains(b)))
        {
            f.args.set("group", first.as_slice());
        }
        pass.refuse(found::with_setting(f, &allow))?;
    }
    Ok(())
}
