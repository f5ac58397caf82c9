//! A bundle as a [`World`].

use super::parse::{Bundle, Place};
use crate::tree::show;
use sshwhy_world::access::READ;
use sshwhy_world::account::group_list;
use sshwhy_world::{
    Account, Build, Civil, CommandOutcome, CommandRequest, Daemon, Errno, Fact, Gap, Group,
    MacDenial, Node, Reader, Sandbox, Shadow, World, resolve,
};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A question that the bundle has no answer to yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// What lies at a path.
    Node(Vec<u8>),
    /// The names in a directory.
    Names(Vec<u8>),
    /// What is in a file.
    Content(Vec<u8>),
}

/// A bundle that is asked.
pub struct BundleWorld {
    bundle: Bundle,
    build: Build,
    wanted: RefCell<BTreeSet<Want>>,
    /// What was asked so far and is not known.
    unknown: RefCell<Vec<Gap>>,
    /// The account whose groups the bundle has.
    user: Vec<u8>,
}

impl BundleWorld {
    /// The facts of a bundle about `user`, judged as `build`.
    #[must_use]
    pub fn new(bundle: Bundle, build: Build, user: &[u8]) -> Self {
        BundleWorld {
            bundle,
            build,
            wanted: RefCell::default(),
            unknown: RefCell::default(),
            user: super::account(user).to_vec(),
        }
    }

    /// The bundle again, for more to be added.
    #[must_use]
    pub fn into_bundle(self) -> Bundle {
        self.bundle
    }

    /// What was asked and is not there, and was not refused to who looked either.
    #[must_use]
    pub fn wanted(&self) -> BTreeSet<Want> {
        self.wanted.borrow().clone()
    }

    /// What was asked until now, is not known, and may have been passed over in silence: a directory
    /// of an Include, for one.
    #[must_use]
    pub fn unknown(&self) -> Vec<Gap> {
        self.unknown.borrow().clone()
    }

    fn gap(&self, what: &str, path: &[u8], want: Want) -> Gap {
        let gap = self.find_gap(what, path, want);
        let mut unknown = self.unknown.borrow_mut();
        if !unknown.contains(&gap) {
            unknown.push(gap.clone());
        }
        gap
    }

    fn find_gap(&self, what: &str, path: &[u8], want: Want) -> Gap {
        let place = self.bundle.places.get(path);
        let what = format!("{what} {}", show(path));
        let why = |p: &Place| match want {
            Want::Node(_) => p.unseen,
            Want::Names(_) => p.unseen.or(p.unlisted),
            Want::Content(_) => p.unseen.or(p.unread),
        };
        if let Some(why) = place.and_then(why) {
            return Gap::could_not(what, why, "look as root: sudo sshwhy audit, on the server");
        }
        self.wanted.borrow_mut().insert(want);
        Gap::not_looked(
            what,
            "what was gathered does not have it",
            "on the server, as root: sudo sshwhy audit",
        )
    }

    fn place(&self, path: &[u8]) -> Option<&Place> {
        self.bundle.places.get(path)
    }

    fn missing(&self, what: impl Into<String>, why: &str) -> Gap {
        Gap::could_not(what, why, "on the server, as root: sudo sshwhy audit")
    }

    /// Whether some directory above is known to have nothing of that name.
    fn absent(&self, path: &[u8]) -> bool {
        let mut here = path;
        while here != b"/" {
            let up = resolve::parent(here);
            if let Some(place) = self.place(up) {
                if let (Some(names), Some(name)) =
                    (&place.names, here.rsplit(|b| *b == b'/').next())
                {
                    return !names.iter().any(|n| n == name);
                }
                if matches!(place.node, Some(Err(Errno::NotFound))) {
                    return true;
                }
            }
            here = up;
        }
        false
    }
}

impl World for BundleWorld {
    fn build(&self) -> &Build {
        &self.build
    }

    fn now(&self) -> i64 {
        self.bundle.now.unwrap_or(0)
    }

    fn local_time(&self, civil: Civil) -> Fact<i64> {
        let then = civil.utc().saturating_sub(self.bundle.offset);
        let is_utc = self.bundle.zone.ends_with(b"UTC") || self.bundle.zone == b"-";
        // Summer time moves it by an hour or two: what is further off stands on its side.
        if (is_utc && self.bundle.offset == 0) || then.abs_diff(self.now()) > 26 * 3600 {
            return Fact::Known(then);
        }
        Fact::Unknown(self.missing(
            "what a local time means there",
            "its time zone was not gathered, and the time is close",
        ))
    }

    fn lstat(&self, path: &[u8]) -> Fact<Result<Node, Errno>> {
        match self.place(path) {
            Some(place) if place.acl_unknown => Fact::Unknown(self.missing(
                format!("the access list of {}", show(path)),
                "there is one, and no getfacl to read it",
            )),
            Some(Place {
                node: Some(node), ..
            }) => Fact::Known(node.clone()),
            _ if self.absent(path) => Fact::Known(Err(Errno::NotFound)),
            _ => Fact::Unknown(self.gap("what lies at", path, Want::Node(path.to_vec()))),
        }
    }

    fn list(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>> {
        match self.place(path) {
            Some(Place {
                names: Some(names), ..
            }) => Fact::Known(Ok(names.clone())),
            Some(Place {
                node: Some(Err(e)), ..
            }) => Fact::Known(Err(*e)),
            Some(Place {
                node: Some(Ok(node)),
                ..
            }) if !node.is_dir() => Fact::Known(Err(Errno::NotDir)),
            None if self.absent(path) => Fact::Known(Err(Errno::NotFound)),
            _ => Fact::Unknown(self.gap("the names in", path, Want::Names(path.to_vec()))),
        }
    }

    fn read(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>> {
        let place = self.place(path);
        match place.and_then(|p| p.node.as_ref()) {
            Some(Err(e)) => return Fact::Known(Err(*e)),
            Some(Ok(node)) if !node.is_file() => return Fact::Known(Err(Errno::NotRegular)),
            Some(Ok(node)) => {
                if place.is_some_and(|p| p.acl_unknown) {
                    return Fact::Unknown(self.missing(
                        format!("who may read {}", show(path)),
                        "it has an access list, and there is no getfacl to read it",
                    ));
                }
                if let Reader::User(cred) = reader
                    && !cred.may(node, READ)
                {
                    return Fact::Known(Err(Errno::Denied));
                }
            }
            None if self.absent(path) => return Fact::Known(Err(Errno::NotFound)),
            None => {}
        }
        match place.and_then(|p| p.content.as_ref()) {
            Some(content) => {
                if !content.is_empty() {
                    sink(content);
                }
                Fact::Known(Ok(()))
            }
            None => Fact::Unknown(self.gap("the content of", path, Want::Content(path.to_vec()))),
        }
    }

    fn account(&self, name: &[u8]) -> Fact<Option<Account>> {
        self.accounts()
            .map(|all| all.into_iter().find(|a| a.name == name))
    }

    fn accounts(&self) -> Fact<Vec<Account>> {
        match &self.bundle.accounts {
            Some(all) if !all.is_empty() => Fact::Known(all.clone()),
            _ => Fact::Unknown(self.missing("the accounts", "they were not gathered")),
        }
    }

    fn group(&self, gid: u32) -> Fact<Option<Group>> {
        match &self.bundle.groups {
            Some(all) if !all.is_empty() => Fact::Known(all.iter().find(|g| g.gid == gid).cloned()),
            _ => Fact::Unknown(self.missing("the groups", "they were not gathered")),
        }
    }

    fn groups_of(&self, account: &Account) -> Fact<Vec<u32>> {
        match (&self.bundle.groups_of, &self.bundle.groups) {
            (Some(ids), _) if account.name == self.user => Fact::Known(ids.clone()),
            (_, Some(all)) if !all.is_empty() => Fact::Known(group_list(account, all)),
            _ => Fact::Unknown(self.missing("the groups", "they were not gathered")),
        }
    }

    fn shadow(&self, name: &[u8]) -> Fact<Option<Shadow>> {
        match &self.bundle.shadow {
            Some(all) if name == self.user => Fact::Known(all.get(name).cloned()),
            _ => Fact::Unknown(self.missing(
                format!("the shadow entry of {}", show(name)),
                "only root may read /etc/shadow",
            )),
        }
    }

    fn reverse(&self, addr: IpAddr) -> Fact<Option<Vec<u8>>> {
        Fact::Unknown(self.missing(
            format!("the name of {addr} there"),
            "the server's resolver was not asked",
        ))
    }

    fn forward(&self, name: &[u8]) -> Fact<Vec<IpAddr>> {
        Fact::Unknown(self.missing(
            format!("the addresses of {} there", name.escape_ascii()),
            "the server's resolver was not asked",
        ))
    }

    fn run(&self, request: &CommandRequest) -> Fact<CommandOutcome> {
        Fact::Unknown(Gap::not_looked(
            format!("what {} prints", request.keyword),
            "nothing of the server's own is run from outside",
            "on the server, as root: sudo sshwhy audit --run-commands",
        ))
    }

    fn daemon(&self) -> Fact<Option<Daemon>> {
        self.bundle.daemon()
    }

    fn mac(&self, path: &[u8]) -> Fact<Option<MacDenial>> {
        match self.bundle.mac.as_slice() {
            // Neither SELinux enforces nor AppArmor has a profile for sshd.
            b"- -" | b"0 -" | b"- 0" | b"0 0" => Fact::Known(None),
            _ => Fact::Unknown(self.missing(
                format!("whether SELinux or AppArmor lets sshd read {}", show(path)),
                "one of them is on, and its decisions are not gathered",
            )),
        }
    }

    fn sandbox(&self, path: &[u8]) -> Fact<Option<Sandbox>> {
        let Some(lines) = &self.bundle.unit else {
            return Fact::Known(None);
        };
        let value = |l: &[u8]| {
            let at = l.iter().position(|b| *b == b'=')?;
            Some((l.get(..at)?.to_vec(), l.get(at.checked_add(1)?..)?.to_vec()))
        };
        for (setting, value) in lines.iter().filter_map(|l| value(l)) {
            match (setting.as_slice(), value.as_slice()) {
                (_, b"" | b"no" | b"read-only") => {}
                (b"ProtectHome", b"yes" | b"tmpfs") => {
                    let hidden = [&b"/home"[..], b"/root", b"/run/user"];
                    if hidden.iter().any(|h| resolve::is_below(path, h)) {
                        return Fact::Known(Some(Sandbox {
                            setting: [b"ProtectHome=", value.as_slice()].concat(),
                            file: b"ssh.service".to_vec(),
                            line: 0,
                        }));
                    }
                }
                _ => {
                    return Fact::Unknown(self.missing(
                        format!("whether sshd's unit hides {}", show(path)),
                        "it has settings that are not judged from outside",
                    ));
                }
            }
        }
        Fact::Known(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_open_for_its_own_reason() {
        let text = b"@x denied /root/.ssh\n@x nolist /root/.ssh\n@x nolist /d\n@end\n";
        let build = Build::profile("debian-12").unwrap();
        let world = BundleWorld::new(Bundle::read(text), build, b"alice");
        let why = |gap: Option<Gap>| gap.unwrap().why;
        let seen = |path: &[u8]| why(world.lstat(path).known().err());
        let listed = |path: &[u8]| why(world.list(path).known().err());
        assert_eq!(
            seen(b"/root/.ssh"),
            "the account that looked may not see it"
        );
        assert_eq!(
            listed(b"/root/.ssh"),
            "the account that looked may not see it"
        );
        assert_eq!(listed(b"/d"), "the account that looked may not list it");
        assert!(world.wanted().is_empty());
        // It may not be listed, and may be there to see.
        assert_eq!(seen(b"/d"), "what was gathered does not have it");
        assert!(world.wanted().contains(&Want::Node(b"/d".to_vec())));
    }
}
