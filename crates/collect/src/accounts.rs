//! Accounts: from the files where these are all there is, from the system's own name service
//! where it has more.

use crate::nss;
use crate::tree::Tree;
use sshwhy_world::account::group_list;
use sshwhy_world::{Account, Errno, Fact, Gap, Group, Shadow};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Larger passwd and group files are cut here.
const MAX_FILE: usize = 128 << 20;
/// getpwent(3) is stopped after so many entries.
const MAX_ACCOUNTS: usize = 1_000_000;

/// Where one database of nsswitch.conf(5) comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sources {
    /// The files come first, so that what they hold is the answer.
    files_first: bool,
    /// A source that only the C library can ask.
    others: bool,
}

impl Sources {
    /// Reads the line of a database. `quiet` sources add nothing here.
    fn of(text: &[u8], database: &[u8], quiet: &[&[u8]]) -> Option<Sources> {
        let line = text.split(|&b| b == b'\n').find_map(|line| {
            let line = line.split(|&b| b == b'#').next()?.trim_ascii();
            line.strip_prefix(database)?
                .trim_ascii_start()
                .strip_prefix(b":")
        })?;
        let mut sources = Sources::default();
        let mut first = true;
        let mut action = false;
        for word in line
            .split(u8::is_ascii_whitespace)
            .filter(|w| !w.is_empty())
        {
            if word.starts_with(b"[") || action {
                action = !word.ends_with(b"]");
                continue;
            }
            if matches!(word, b"files" | b"compat") {
                sources.files_first |= first;
            } else if !quiet.contains(&word) {
                sources.others = true;
            }
            first = false;
        }
        Some(sources)
    }

    const FILES: Sources = Sources {
        files_first: true,
        others: false,
    };
}

#[derive(Clone, Copy, Debug)]
struct Switch {
    passwd: Sources,
    group: Sources,
    shadow: Sources,
}

/// Entries of passwd(5), and where each name stands.
struct Passwd {
    entries: Vec<Account>,
    by_name: HashMap<Vec<u8>, usize>,
    /// compat(5) lines that include or leave out entries of other sources.
    compat: bool,
}

/// The accounts of one tree, each file read once.
#[derive(Default)]
pub(crate) struct Accounts {
    live: bool,
    switch: OnceCell<Switch>,
    passwd: OnceCell<Result<Passwd, Gap>>,
    groups: OnceCell<Result<Vec<Group>, Gap>>,
    shadow: OnceCell<Result<HashMap<Vec<u8>, Shadow>, Gap>>,
    all: OnceCell<Result<Vec<Account>, Gap>>,
}

fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|&b| b == b'\n')
}

fn file(tree: &Tree, path: &str) -> Result<Rc<Vec<u8>>, Gap> {
    if !tree.exists(path.as_bytes()) {
        return Ok(Rc::default());
    }
    let data = tree.system_file(path.as_bytes(), MAX_FILE).ok_or_else(|| {
        Gap::could_not(
            format!("the entries of {path}"),
            "it cannot be read",
            "run the audit as root",
        )
    })?;
    if data.len() >= MAX_FILE {
        return Err(too_long(path));
    }
    Ok(data)
}

/// A name that stands behind what was read is not an unknown name.
fn too_long(path: &str) -> Gap {
    let most = MAX_FILE >> 20;
    Gap::could_not(
        format!("the entries of {path}"),
        format!("it is longer than {most} MiB"),
        format!("ls -ls -- {path}"),
    )
}

fn unanswered(what: &str, name: &[u8], errno: i32) -> Gap {
    let error = std::io::Error::from_raw_os_error(errno);
    Gap::could_not(
        format!("{what} {}", crate::tree::show(name)),
        format!("the name service did not answer: {error}"),
        "getent passwd NAME shows what it says",
    )
}

impl Accounts {
    /// `live`: this machine, where the name service may be asked.
    pub(crate) fn new(live: bool) -> Accounts {
        Accounts {
            live,
            ..Accounts::default()
        }
    }

    fn switch(&self, tree: &Tree) -> Switch {
        *self.switch.get_or_init(|| {
            if !self.live {
                return Switch {
                    passwd: Sources::FILES,
                    group: Sources::FILES,
                    shadow: Sources::FILES,
                };
            }
            let text = tree
                .system_file(b"/etc/nsswitch.conf", 1 << 20)
                .unwrap_or_default();
            // Without homed or other user records, nss-systemd knows nobody who logs in.
            let records = [
                &b"/run/systemd/userdb/io.systemd.Home"[..],
                b"/etc/userdb",
                b"/run/userdb",
            ];
            let quiet: &[&[u8]] = if records.iter().any(|p| tree.exists(p)) {
                &[]
            } else {
                &[b"systemd"]
            };
            let of =
                |database: &[u8]| Sources::of(&text, database, quiet).unwrap_or(Sources::FILES);
            let mut switch = Switch {
                passwd: of(b"passwd"),
                group: of(b"group"),
                shadow: of(b"shadow"),
            };
            if let Some(more) = Sources::of(&text, b"initgroups", quiet) {
                switch.group.others |= more.others;
            }
            switch
        })
    }

    fn passwd(&self, tree: &Tree) -> Result<&Passwd, Gap> {
        self.passwd
            .get_or_init(|| {
                let data = file(tree, "/etc/passwd")?;
                let mut passwd = Passwd {
                    entries: Vec::new(),
                    by_name: HashMap::new(),
                    compat: false,
                };
                for line in lines(&data) {
                    if matches!(line.first(), Some(b'+' | b'-')) {
                        passwd.compat = true;
                    } else if let Some(account) = Account::from_line(line) {
                        let at = passwd.entries.len();
                        passwd.by_name.entry(account.name.clone()).or_insert(at);
                        passwd.entries.push(account);
                    }
                }
                Ok(passwd)
            })
            .as_ref()
            .map_err(Gap::clone)
    }

    fn groups(&self, tree: &Tree) -> Result<&Vec<Group>, Gap> {
        self.groups
            .get_or_init(|| {
                let data = file(tree, "/etc/group")?;
                Ok(lines(&data).filter_map(Group::from_line).collect())
            })
            .as_ref()
            .map_err(Gap::clone)
    }

    /// Whether the C library has to be asked for what the files lack.
    fn ask(&self, sources: Sources, compat: bool) -> bool {
        self.live && (sources.others || compat)
    }

    fn no_modules<T>(what: &str) -> Fact<T> {
        Fact::Unknown(Gap::could_not(
            what,
            "nsswitch.conf names sources that this statically linked build cannot ask",
            "use the build for glibc",
        ))
    }

    /// getpwnam(3)
    pub(crate) fn account(&self, tree: &Tree, name: &[u8]) -> Fact<Option<Account>> {
        let sources = self.switch(tree).passwd;
        let passwd = match self.passwd(tree) {
            Ok(passwd) => passwd,
            Err(gap) => return Fact::Unknown(gap),
        };
        let ask = self.ask(sources, passwd.compat);
        let here = passwd
            .by_name
            .get(name)
            .and_then(|&i| passwd.entries.get(i));
        match here {
            Some(account) if sources.files_first || !ask => Fact::Known(Some(account.clone())),
            None if !ask => Fact::Known(None),
            _ if !nss::MODULES => Self::no_modules("the account"),
            _ => match nss::account(name) {
                Ok(found) => Fact::Known(found),
                Err(e) => Fact::Unknown(unanswered("the account", name, e)),
            },
        }
    }

    /// getpwent(3) to the end
    pub(crate) fn accounts(&self, tree: &Tree) -> Fact<Vec<Account>> {
        let all = self.all.get_or_init(|| {
            let passwd = self.passwd(tree)?;
            if self.ask(self.switch(tree).passwd, passwd.compat) && nss::MODULES {
                return Ok(nss::accounts(MAX_ACCOUNTS));
            }
            Ok(passwd.entries.clone())
        });
        match all {
            Ok(all) => Fact::Known(all.clone()),
            Err(gap) => Fact::Unknown(gap.clone()),
        }
    }

    /// getgrgid(3)
    pub(crate) fn group(&self, tree: &Tree, gid: u32) -> Fact<Option<Group>> {
        let sources = self.switch(tree).group;
        let groups = match self.groups(tree) {
            Ok(groups) => groups,
            Err(gap) => return Fact::Unknown(gap),
        };
        let ask = self.ask(sources, false);
        match groups.iter().find(|g| g.gid == gid) {
            Some(group) if sources.files_first || !ask => Fact::Known(Some(group.clone())),
            None if !ask => Fact::Known(None),
            _ if !nss::MODULES => Self::no_modules("the group"),
            _ => match nss::group(gid) {
                Ok(found) => Fact::Known(found),
                Err(e) => Fact::Unknown(unanswered("group", gid.to_string().as_bytes(), e)),
            },
        }
    }

    /// getgrouplist(3)
    pub(crate) fn groups_of(&self, tree: &Tree, account: &Account) -> Fact<Vec<u32>> {
        if self.ask(self.switch(tree).group, false) {
            if !nss::MODULES {
                return Self::no_modules("the groups of the account");
            }
            return match nss::groups_of(account) {
                Some(gids) => Fact::Known(gids),
                None => Fact::Unknown(unanswered("the groups of", &account.name, libc::EIO)),
            };
        }
        match self.groups(tree) {
            Ok(groups) => Fact::Known(group_list(account, groups)),
            Err(gap) => Fact::Unknown(gap),
        }
    }

    /// getspnam(3). The hashes are classified and wiped from memory.
    pub(crate) fn shadow(&self, tree: &Tree, name: &[u8]) -> Fact<Option<Shadow>> {
        let entries =
            self.shadow
                .get_or_init(|| match tree.secret_file(b"/etc/shadow", MAX_FILE) {
                    Fact::Known(Ok(data)) if data.len() >= MAX_FILE => Err(too_long("/etc/shadow")),
                    Fact::Known(Ok(data)) => {
                        let mut entries = HashMap::new();
                        for (name, entry) in lines(&data).filter_map(Shadow::from_line) {
                            entries.entry(name).or_insert(entry);
                        }
                        Ok(entries)
                    }
                    Fact::Known(Err(Errno::NotFound)) => Ok(HashMap::new()),
                    Fact::Known(Err(e)) => Err(Gap::could_not(
                        "the shadow entries",
                        format!("/etc/shadow: {}", e.text()),
                        "",
                    )),
                    Fact::Unknown(_) => Err(Gap::could_not(
                        "the shadow entries",
                        "only root may read /etc/shadow",
                        "run the audit as root",
                    )),
                });
        let entries = match entries {
            Ok(entries) => entries,
            Err(gap) => {
                let what = format!("the shadow entry of {}", crate::tree::show(name));
                return Fact::Unknown(Gap {
                    what,
                    ..gap.clone()
                });
            }
        };
        match entries.get(name) {
            Some(entry) => Fact::Known(Some(entry.clone())),
            None if self.ask(self.switch(tree).shadow, false) && nss::MODULES => {
                Fact::Known(nss::shadow(name))
            }
            None => Fact::Known(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_nsswitch_writes_them() {
        let of = |t: &str| Sources::of(t.as_bytes(), b"passwd", &[b"systemd"]);
        let is = |files_first, others| {
            Some(Sources {
                files_first,
                others,
            })
        };
        assert_eq!(of("passwd:\t files systemd\n"), is(true, false));
        assert_eq!(of("#passwd: ldap\npasswd: sss files # x"), is(false, true));
        assert_eq!(
            of("passwd : files [NOTFOUND=return UNAVAIL=continue] sss"),
            is(true, true)
        );
        assert_eq!(of("passwd_compat: nis\n"), None);
    }
}
