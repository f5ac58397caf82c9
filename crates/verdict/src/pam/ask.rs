//! What a module may ask, and what it answers.

use super::choice::Choices;
use super::code::Code;
use super::stack::{Entry, Place, read_file};
use crate::pass::Pass;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use sshwhy_causes::signature::pam_denied;
use sshwhy_causes::{Cause, Finding};
use sshwhy_config::pattern::AddrText;
use sshwhy_world::{Account, Errno, Gap, Vendor, Version};

/// PAM_TTY, as sshd sets it.
pub(super) const TTY: &[u8] = b"ssh";

/// A module's answer.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) code: Code,
    /// Why it is not success, where that is known.
    pub(super) finding: Option<Finding>,
}

impl From<Code> for Reply {
    fn from(code: Code) -> Self {
        Reply {
            code,
            finding: None,
        }
    }
}

/// One question to one module.
pub(super) struct Ask<'p, 'a> {
    pub(super) pass: &'p Pass<'a>,
    pub(super) account: &'p Account,
    pub(super) service: &'p [u8],
    pub(super) entry: &'p Entry,
    pub(super) args: &'p [Vec<u8>],
    pub(super) choices: &'p mut Choices,
}

impl Ask<'_, '_> {
    /// The value of `name=value`, the last one given.
    pub(super) fn option(&self, name: &[u8]) -> Option<&[u8]> {
        self.args
            .iter()
            .rev()
            .find_map(|a| a.strip_prefix(name)?.strip_prefix(b"="))
    }

    /// Whether an argument is given.
    pub(super) fn flag(&self, name: &[u8]) -> bool {
        self.args.iter().any(|a| a == name)
    }

    /// The names of the account's groups.
    fn groups(&self) -> Result<Vec<Vec<u8>>, Gap> {
        let mut names = Vec::new();
        for gid in self.pass.world.groups_of(self.account).known()? {
            if let Some(g) = self.pass.world.group(gid).known()? {
                names.push(g.name);
            }
        }
        Ok(names)
    }

    /// `pam_modutil_user_in_group_nam_nam`
    pub(super) fn in_group(&self, group: &[u8]) -> Result<bool, Gap> {
        Ok(self.groups()?.iter().any(|g| g == group))
    }

    /// `pam_modutil_user_in_group_nam_gid`
    pub(super) fn in_gid(&self, gid: u32) -> Result<bool, Gap> {
        Ok(self
            .pass
            .world
            .groups_of(self.account)
            .known()?
            .contains(&gid))
    }

    /// PAM_RHOST: the client's name where sshd looks it up, or else its address.
    pub(super) fn rhost(&self) -> Result<Vec<u8>, Gap> {
        let addr = AddrText::new(self.pass.attempt.from.addr);
        self.pass
            .conf
            .host_name(&addr)
            .ok_or_else(|| self.pass.conf.host_gap())
    }

    /// A file, read as root.
    pub(super) fn read(&self, path: &[u8]) -> Result<Result<Vec<u8>, Errno>, Gap> {
        read_file(self.pass.world, path)
    }

    /// A finding that names the module and its line.
    pub(super) fn finding(&self, cause: &'static Cause) -> Finding {
        let place = &self.entry.place;
        Finding::new(cause)
            .arg("service", self.service)
            .arg("module", self.entry.module())
            .arg("file", place.file.as_slice())
            .arg("line", place.line.to_string())
            .evidence(place.evidence())
    }

    /// The module refuses, for a reason that has no cause of its own.
    pub(super) fn denied(&self, code: Code, reason: impl Into<String>) -> Reply {
        let reason: String = reason.into();
        let mut finding = self
            .finding(&pam_denied::CAUSE)
            .arg("detail", reason.as_str());
        for e in &mut finding.evidence {
            e.detail = Some(reason.clone().into_bytes());
        }
        Reply {
            code,
            finding: Some(finding),
        }
    }

    /// The gap that a module leaves whose answer no file shows.
    pub(super) fn unmodelled(&self) -> Gap {
        let Place { file, line, .. } = &self.entry.place;
        let module = self.entry.module().escape_ascii().to_string();
        Gap::not_looked(
            format!("what {module} answers ({}:{line})", file.escape_ascii()),
            "no file shows it: the module asks elsewhere",
            format!(
                "pamtester {} {} acct_mgmt, as root on the server",
                self.service.escape_ascii(),
                self.account.name.escape_ascii()
            ),
        )
    }

    /// Whether this PAM is 1.6.0 or later, as far as the sshd beside it shows.
    pub(super) fn since_1_6(&self) -> Option<bool> {
        self.beside(Version(1, 6, 0), Version(9, 8, 0))
    }

    /// Whether this PAM is 1.7.0 or later.
    pub(super) fn since_1_7(&self) -> Option<bool> {
        self.beside(Version(1, 7, 0), Version(10, 0, 0))
    }

    fn beside(&self, pam: Version, sshd: Version) -> Option<bool> {
        let build = self.pass.world.build();
        if let Some(there) = build.pam {
            return Some(there >= pam);
        }
        match build.vendor {
            Vendor::Debian | Vendor::RedHat => Some(build.version >= sshd),
            _ => None,
        }
    }
}

/// strtol(3) with base 0. `None`: not a number from end to end, or too large.
pub(super) fn number(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (digits, radix) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (rest, 16),
        [b'0', _, ..] => (digits, 8),
        _ => (digits, 10),
    };
    if !digits.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let value = i64::from_str_radix(core::str::from_utf8(digits).ok()?, radix).ok()?;
    Some(if negative { -value } else { value })
}
