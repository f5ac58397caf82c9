//! pam_unix: the account's and the password's age (`pam_unix_acct.c`, `passverify.c`).

use super::ask::{Ask, Reply};
use super::code;
use crate::account::{day, expired};
use crate::found;
use alloc::format;
use alloc::string::ToString;
use sshwhy_causes::signature as cause;
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Gap, Mend, Shadow};

const DAY: i64 = 86_400;

pub(super) fn account(ask: &mut Ask<'_, '_>) -> Result<Reply, Gap> {
    if ask.account.password != PasswordField::Shadowed {
        return Ok(code::SUCCESS.into());
    }
    let name = ask.account.name.clone();
    let Some(shadow) = ask.pass.world.shadow(&name).known()? else {
        if ask.flag(b"broken_shadow") {
            return Ok(code::SUCCESS.into());
        }
        let entry = Shadow {
            password: PasswordField::Set,
            last_change: -1,
            min: -1,
            max: -1,
            warn: -1,
            inactive: -1,
            expire: -1,
        };
        let finding = ask
            .finding(&cause::pam_no_shadow_entry::CAUSE)
            .evidence(found::account("/etc/shadow", name.as_slice(), "no entry"))
            .mend(Mend::Shadow(name, entry));
        return Ok(Reply {
            code: code::AUTHINFO_UNAVAIL,
            finding: Some(finding),
        });
    };
    let today = ask.pass.world.now().div_euclid(DAY);
    let (older, newer) = (before_1_6(&shadow, today), since_1_6(&shadow, today));
    let answer = match ask.since_1_6() {
        Some(true) => newer,
        Some(false) => older,
        None if older == newer => newer,
        None => {
            let gap = Gap::not_looked(
                "on which day this PAM counts a password as too old",
                "versions before 1.6.0 count a day less",
                "pamtester sshd USER acct_mgmt, as root on the server",
            );
            if ask.choices.pick(2, &gap) == 0 {
                older
            } else {
                newer
            }
        }
    };
    if answer == code::ACCT_EXPIRED {
        let mut finding = expired(ask.account, &shadow, &cause::pam_account_expired::CAUSE);
        finding
            .args
            .fill(&ask.finding(&cause::pam_account_expired::CAUSE).args);
        finding.evidence.push(ask.entry.place.evidence());
        return Ok(Reply {
            code: answer,
            finding: Some(finding),
        });
    }
    let aged = matches!(answer, code::AUTHTOK_EXPIRED | code::NEW_AUTHTOK_REQD);
    if aged && ask.flag(b"no_pass_expiry") {
        // The password was not used for this login, so its age does not count.
        return Ok(code::SUCCESS.into());
    }
    if answer == code::AUTHTOK_EXPIRED {
        let until = shadow.last_change.saturating_add(shadow.max);
        let mended = Shadow {
            max: -1,
            inactive: -1,
            ..shadow.clone()
        };
        let finding = ask
            .finding(&cause::pam_password_expired_inactive::CAUSE)
            .arg("value", shadow.inactive.to_string())
            .arg("date", day(until))
            .evidence(found::account(
                "/etc/shadow",
                name.as_slice(),
                format!(
                    "changed on {}, valid for {} days, and {} days more until it is inactive",
                    day(shadow.last_change),
                    shadow.max,
                    shadow.inactive
                ),
            ))
            .mend(Mend::Shadow(name, mended));
        return Ok(Reply {
            code: answer,
            finding: Some(finding),
        });
    }
    Ok(answer.into())
}

/// `check_shadow_expiry` up to 1.5.3.
fn before_1_6(s: &Shadow, today: i64) -> code::Code {
    if s.expire != -1 && today >= s.expire {
        return code::ACCT_EXPIRED;
    }
    if s.last_change == 0 {
        return code::NEW_AUTHTOK_REQD;
    }
    if today < s.last_change {
        return code::SUCCESS;
    }
    let passed = today.saturating_sub(s.last_change);
    if passed > s.max
        && passed > s.inactive
        && passed > s.max.saturating_add(s.inactive)
        && s.max != -1
        && s.inactive != -1
    {
        return code::AUTHTOK_EXPIRED;
    }
    if passed > s.max && s.max != -1 {
        return code::NEW_AUTHTOK_REQD;
    }
    code::SUCCESS
}

/// `check_shadow_expiry` since 1.6.0.
fn since_1_6(s: &Shadow, today: i64) -> code::Code {
    if s.expire >= 0 && today >= s.expire {
        return code::ACCT_EXPIRED;
    }
    if s.last_change == 0 {
        return code::NEW_AUTHTOK_REQD;
    }
    if s.last_change < 0 || today < s.last_change {
        return code::SUCCESS;
    }
    let passed = today.saturating_sub(s.last_change);
    if s.max >= 0 {
        if s.inactive >= 0 && passed >= s.max.saturating_add(s.inactive) {
            return code::AUTHTOK_EXPIRED;
        }
        if passed >= s.max {
            return code::NEW_AUTHTOK_REQD;
        }
    }
    code::SUCCESS
}
