//! Return codes of PAM and the actions that a control field gives them (`pam_tokens.h`).

/// A return code of `_pam_types.h`.
pub(super) type Code = u8;

pub(super) const SUCCESS: Code = 0;
pub(super) const SERVICE_ERR: Code = 3;
pub(super) const SYSTEM_ERR: Code = 4;
pub(super) const PERM_DENIED: Code = 6;
pub(super) const AUTH_ERR: Code = 7;
pub(super) const AUTHINFO_UNAVAIL: Code = 9;
pub(super) const USER_UNKNOWN: Code = 10;
pub(super) const NEW_AUTHTOK_REQD: Code = 12;
pub(super) const ACCT_EXPIRED: Code = 13;
pub(super) const SESSION_ERR: Code = 14;
pub(super) const IGNORE: Code = 25;
pub(super) const ABORT: Code = 26;
pub(super) const AUTHTOK_EXPIRED: Code = 27;
pub(super) const MODULE_UNKNOWN: Code = 28;

/// What a module that was not modelled may answer.
pub(super) const PLAUSIBLE: &[Code] = &[
    SUCCESS,
    PERM_DENIED,
    AUTH_ERR,
    USER_UNKNOWN,
    ACCT_EXPIRED,
    NEW_AUTHTOK_REQD,
    AUTHTOK_EXPIRED,
    AUTHINFO_UNAVAIL,
    IGNORE,
    SERVICE_ERR,
    SYSTEM_ERR,
];

/// The names that `[value=action]` uses, by their code; after the last one, `default`.
const NAMES: [&str; 33] = [
    "success",
    "open_err",
    "symbol_err",
    "service_err",
    "system_err",
    "buf_err",
    "perm_denied",
    "auth_err",
    "cred_insufficient",
    "authinfo_unavail",
    "user_unknown",
    "maxtries",
    "new_authtok_reqd",
    "acct_expired",
    "session_err",
    "cred_unavail",
    "cred_expired",
    "cred_err",
    "no_module_data",
    "conv_err",
    "authtok_err",
    "authtok_recover_err",
    "authtok_lock_busy",
    "authtok_disable_aging",
    "try_again",
    "ignore",
    "abort",
    "authtok_expired",
    "module_unknown",
    "bad_item",
    "conv_again",
    "incomplete",
    "default",
];

/// pam_strerror(3), for the codes that account and session modules return.
pub(super) fn text(code: Code) -> &'static str {
    match code {
        SUCCESS => "Success",
        SERVICE_ERR => "Error in service module",
        SYSTEM_ERR => "System error",
        PERM_DENIED => "Permission denied",
        AUTH_ERR => "Authentication failure",
        AUTHINFO_UNAVAIL => "Authentication service cannot retrieve authentication info",
        USER_UNKNOWN => "User not known to the underlying authentication module",
        NEW_AUTHTOK_REQD => "Authentication token is no longer valid; new one required",
        ACCT_EXPIRED => "User account has expired",
        SESSION_ERR => "Cannot make/remove an entry for the specified session",
        IGNORE => "The return value should be ignored by PAM dispatch",
        ABORT => "Critical error - immediate abort",
        AUTHTOK_EXPIRED => "Authentication token expired",
        MODULE_UNKNOWN => "Module is unknown",
        _ => "Unknown PAM error",
    }
}

/// What is done with a return code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Ignore,
    Ok,
    Done,
    Bad,
    Die,
    Reset,
    /// Skips so many modules.
    Jump(u32),
    /// Unlike anything written here: counted as bad.
    Undefined,
}

const WORDS: [(&[u8], Action); 6] = [
    (b"ignore", Action::Ignore),
    (b"ok", Action::Ok),
    (b"done", Action::Done),
    (b"bad", Action::Bad),
    (b"die", Action::Die),
    (b"reset", Action::Reset),
];

/// The actions of one line, by return code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Control([Action; 32]);

impl Control {
    fn empty() -> Self {
        Control([Action::Undefined; 32])
    }

    fn set(mut self, code: Code, action: Action) -> Self {
        if let Some(slot) = self.0.get_mut(usize::from(code)) {
            *slot = action;
        }
        self
    }

    /// `_pam_set_default_control`
    fn otherwise(mut self, action: Action) -> Self {
        for slot in &mut self.0 {
            if *slot == Action::Undefined {
                *slot = action;
            }
        }
        self
    }

    /// Every answer counts as a failure.
    pub(super) fn bad() -> Self {
        Control::empty().otherwise(Action::Bad)
    }

    /// `required`, `requisite`, `optional`, `sufficient`, or the list between brackets
    /// (`_pam_parse_control`). A list that is not understood counts as bad from there on.
    pub(super) fn parse(word: &[u8]) -> Self {
        let both = |action| {
            Control::empty()
                .set(SUCCESS, action)
                .set(NEW_AUTHTOK_REQD, action)
        };
        if word.eq_ignore_ascii_case(b"required") {
            return both(Action::Ok)
                .set(IGNORE, Action::Ignore)
                .otherwise(Action::Bad);
        }
        if word.eq_ignore_ascii_case(b"requisite") {
            return both(Action::Ok)
                .set(IGNORE, Action::Ignore)
                .otherwise(Action::Die);
        }
        if word.eq_ignore_ascii_case(b"optional") {
            return both(Action::Ok).otherwise(Action::Ignore);
        }
        if word.eq_ignore_ascii_case(b"sufficient") {
            return both(Action::Done).otherwise(Action::Ignore);
        }
        let mut control = Control::empty();
        let mut rest = word.trim_ascii_start();
        while !rest.is_empty() {
            let Some((code, action, after)) = pair(rest) else {
                // libpam sets the whole array to bad where it cannot read on.
                return Control::bad();
            };
            if code == NAMES.len() - 1 {
                control = control.otherwise(action);
            } else {
                control = control.set(code as Code, action);
            }
            rest = after.trim_ascii_start();
        }
        control.otherwise(Action::Bad)
    }

    /// What a return code does here.
    pub(super) fn of(&self, code: Code) -> Action {
        self.0
            .get(usize::from(code))
            .copied()
            .unwrap_or(Action::Bad)
    }
}

/// One `value=action`: names are compared as prefixes, the first of the table that fits.
fn pair(text: &[u8]) -> Option<(usize, Action, &[u8])> {
    let code = NAMES.iter().position(|n| text.starts_with(n.as_bytes()))?;
    let rest = text.get(NAMES.get(code)?.len()..)?;
    let rest = rest
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    if let Some((word, action)) = WORDS.iter().find(|(w, _)| rest.starts_with(w)) {
        return Some((code, *action, rest.get(word.len()..)?));
    }
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let number: u32 = core::str::from_utf8(rest.get(..digits)?)
        .ok()?
        .parse()
        .ok()?;
    if number == 0 || number > i32::MAX as u32 {
        return None;
    }
    Some((code, Action::Jump(number), rest.get(digits..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_brackets_give_the_actions_of_pam_conf() {
        let c = Control::parse(b"required");
        assert_eq!(
            (c.of(SUCCESS), c.of(IGNORE), c.of(AUTH_ERR)),
            (Action::Ok, Action::Ignore, Action::Bad)
        );
        let c = Control::parse(b"success=1 new_authtok_reqd=done default=ignore");
        assert_eq!(c.of(SUCCESS), Action::Jump(1));
        assert_eq!(c.of(NEW_AUTHTOK_REQD), Action::Done);
        assert_eq!(c.of(ACCT_EXPIRED), Action::Ignore);
        assert_eq!(Control::parse(b"success = ok").of(AUTH_ERR), Action::Bad);
    }

    #[test]
    fn a_list_that_is_not_understood_counts_as_bad() {
        assert_eq!(
            Control::parse(b"success=ok nonsense=ok").of(SUCCESS),
            Action::Bad
        );
        assert_eq!(Control::parse(b"success=0").of(SUCCESS), Action::Bad);
    }
}
