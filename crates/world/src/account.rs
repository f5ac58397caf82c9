//! Accounts as the name service shows them.

use alloc::vec::Vec;
use core::fmt;

/// A passwd(5) entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Login name.
    pub name: Vec<u8>,
    /// The password field: `x` where shadow(5) holds the hash.
    pub password: PasswordField,
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// Home directory, as written.
    pub home: Vec<u8>,
    /// Shell, as written; empty means /bin/sh.
    pub shell: Vec<u8>,
}

/// What a password field says, without the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordField {
    /// `x`: look in shadow(5).
    Shadowed,
    /// Empty: no password.
    Empty,
    /// Starts with `!`: what sshd without PAM calls locked on Linux.
    Locked,
    /// Starts with `*`: no password fits, and sshd does not call it locked.
    Never,
    /// Anything else: a hash.
    Set,
}

impl PasswordField {
    /// Classifies a field; the text itself is not kept.
    #[must_use]
    pub fn of(field: &[u8]) -> Self {
        match field {
            b"x" => PasswordField::Shadowed,
            b"" => PasswordField::Empty,
            [b'!', ..] => PasswordField::Locked,
            [b'*', ..] => PasswordField::Never,
            _ => PasswordField::Set,
        }
    }
}

/// A group(5) entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name.
    pub name: Vec<u8>,
    /// Group id.
    pub gid: u32,
    /// Members named in the entry (primary members are not among them).
    pub members: Vec<Vec<u8>>,
}

/// A shadow(5) entry, without the hash. Days since 1970-01-01; -1 where the field is empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Shadow {
    /// What the password field says.
    pub password: PasswordField,
    /// Day of the last password change.
    pub last_change: i64,
    /// Days until it may be changed.
    pub min: i64,
    /// Days after which it must be changed.
    pub max: i64,
    /// Days of warning.
    pub warn: i64,
    /// Days of grace after `max`.
    pub inactive: i64,
    /// Day on which the account expires.
    pub expire: i64,
}

impl fmt::Debug for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadow")
            .field("password", &self.password)
            .field("expire", &self.expire)
            .finish_non_exhaustive()
    }
}

fn fields<const N: usize>(line: &[u8]) -> Option<[&[u8]; N]> {
    let mut out = [&b""[..]; N];
    let mut n = 0;
    for part in line.split(|&b| b == b':') {
        *out.get_mut(n)? = part;
        n += 1;
    }
    (n == N).then_some(out)
}

fn number<T: core::str::FromStr>(field: &[u8]) -> Option<T> {
    core::str::from_utf8(field).ok()?.parse().ok()
}

impl Account {
    /// Parses a line of passwd(5). `None`: not an entry (wrong number of fields, bad ids).
    #[must_use]
    pub fn from_line(line: &[u8]) -> Option<Account> {
        let [name, pw, uid, gid, _gecos, home, shell] = fields::<7>(line)?;
        if name.is_empty() || name[0] == b'#' {
            return None;
        }
        Some(Account {
            name: name.to_vec(),
            password: PasswordField::of(pw),
            uid: number(uid)?,
            gid: number(gid)?,
            home: home.to_vec(),
            shell: shell.to_vec(),
        })
    }

    /// The shell that sshd will start: /bin/sh where the field is empty.
    #[must_use]
    pub fn effective_shell(&self) -> &[u8] {
        if self.shell.is_empty() {
            b"/bin/sh"
        } else {
            &self.shell
        }
    }
}

impl Group {
    /// Parses a line of group(5).
    #[must_use]
    pub fn from_line(line: &[u8]) -> Option<Group> {
        let [name, _pw, gid, members] = fields::<4>(line)?;
        if name.is_empty() || name[0] == b'#' {
            return None;
        }
        Some(Group {
            name: name.to_vec(),
            gid: number(gid)?,
            members: members
                .split(|&b| b == b',')
                .filter(|m| !m.is_empty())
                .map(<[u8]>::to_vec)
                .collect(),
        })
    }
}

impl Shadow {
    /// Parses a line of shadow(5); the name comes first. The hash is only classified.
    #[must_use]
    pub fn from_line(line: &[u8]) -> Option<(Vec<u8>, Shadow)> {
        let [name, pw, last, min, max, warn, inactive, expire, _flag] = fields::<9>(line)?;
        let day = |f: &[u8]| {
            if f.is_empty() {
                Some(-1)
            } else {
                number::<i64>(f)
            }
        };
        Some((
            name.to_vec(),
            Shadow {
                password: PasswordField::of(pw),
                last_change: day(last)?,
                min: day(min)?,
                max: day(max)?,
                warn: day(warn)?,
                inactive: day(inactive)?,
                expire: day(expire)?,
            },
        ))
    }
}

/// getgrouplist(3) over a list of groups: the primary gid first, then every group that names the
/// account, each once.
#[must_use]
pub fn group_list(account: &Account, groups: &[Group]) -> Vec<u32> {
    let mut out = alloc::vec![account.gid];
    for g in groups {
        if !out.contains(&g.gid) && g.members.contains(&account.name) {
            out.push(g.gid);
        }
    }
    out
}
