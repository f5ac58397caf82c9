//! What an undetermined answer names as missing, held to the world: the account that looked may not
//! read it there, and told by root it decides.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::IpAddr;

use sshwhy_collect::bundle::BundleWorld;
use sshwhy_verdict::Verdict;
use sshwhy_world::{
    Account, Build, Civil, CommandOutcome, CommandRequest, Daemon, Errno, Fact, Gap, Group,
    MacDenial, Node, Reader, Sandbox, Shadow, World,
};

use super::who::Who;
use crate::predict::Said;

/// Facts that no file holds, by how they are named: what a program answers, and what a resolver does.
const NO_FILE: &[&str] = &[
    "what AuthorizedKeysCommand prints",
    "what AuthorizedPrincipalsCommand prints",
    "the name of the client's address",
];

/// What the named facts are worth.
#[derive(Clone, Debug)]
pub struct Named {
    /// Those by a path that this account may not read there, or not come to.
    pub denied: usize,
    /// Those that no file holds.
    pub elsewhere: usize,
    /// Those that are none of both: wrongly named.
    pub wrong: Vec<String>,
    /// The answer once root told what was named.
    pub said: Said,
    /// How often facts had to be told: what is in a directory that was hidden is named after it.
    pub rounds: usize,
}

impl Named {
    pub(super) fn of<'g>(gaps: impl Iterator<Item = &'g Gap>, who: &Who) -> Named {
        let mut named = Named {
            denied: 0,
            elsewhere: 0,
            wrong: Vec::new(),
            said: Said {
                verdict: Verdict::Undetermined,
                causes: Vec::new(),
                after_login: Vec::new(),
                notes: Vec::new(),
            },
            rounds: 0,
        };
        let mut seen = BTreeSet::new();
        for gap in gaps.filter(|g| seen.insert(g.what.as_str())) {
            match may_have(gap, who) {
                Some(false) => named.denied += 1,
                None if NO_FILE.iter().any(|n| gap.what.starts_with(n)) => named.elsewhere += 1,
                _ => named.wrong.push(format!("{} ({})", gap.what, gap.why)),
            }
        }
        named
    }
}

/// Whether an account may have the fact after all. `None`: the gap names no path.
fn may_have(gap: &Gap, who: &Who) -> Option<bool> {
    let what = gap.what.as_str();
    if let Some(path) = what.strip_prefix("what lies at ") {
        return Some(who.can("stat", &["--", path]));
    }
    if let Some(path) = what.strip_prefix("the names in ") {
        return Some(who.can("ls", &["-A", "--", path]));
    }
    if let Some(path) = what.strip_prefix("the content of ") {
        return Some(who.can("head", &["-c", "1", "--", path]));
    }
    if what.starts_with("the shadow entry of ") {
        return Some(who.can("head", &["-c", "1", "/etc/shadow"]));
    }
    None
}

/// The facts that one account saw, and of those that were named as missing what root saw.
pub(super) struct Told<'w> {
    seen: &'w BundleWorld,
    root: &'w BundleWorld,
    given: &'w BTreeSet<String>,
    unknown: RefCell<Vec<Gap>>,
}

impl<'w> Told<'w> {
    pub(super) fn new(
        seen: &'w BundleWorld,
        root: &'w BundleWorld,
        given: &'w BTreeSet<String>,
    ) -> Self {
        Told {
            seen,
            root,
            given,
            unknown: RefCell::default(),
        }
    }

    /// What of the tree was asked until now and is not known.
    pub(super) fn unknown(&self) -> Vec<Gap> {
        self.unknown.borrow().clone()
    }

    fn pick<T>(&self, mut ask: impl FnMut(&BundleWorld) -> Fact<T>) -> Fact<T> {
        match ask(self.seen) {
            Fact::Unknown(gap) if self.given.contains(&gap.what) => ask(self.root),
            answer => answer,
        }
    }

    /// A fact of the tree; one that is missing is kept.
    fn tree<T>(&self, ask: impl FnMut(&BundleWorld) -> Fact<T>) -> Fact<T> {
        let answer = self.pick(ask);
        if let Fact::Unknown(gap) = &answer {
            let mut unknown = self.unknown.borrow_mut();
            if !unknown.contains(gap) {
                unknown.push(gap.clone());
            }
        }
        answer
    }
}

impl World for Told<'_> {
    fn build(&self) -> &Build {
        self.seen.build()
    }
    fn now(&self) -> i64 {
        self.seen.now()
    }
    fn local_time(&self, civil: Civil) -> Fact<i64> {
        self.pick(|w| w.local_time(civil))
    }
    fn lstat(&self, path: &[u8]) -> Fact<Result<Node, Errno>> {
        self.tree(|w| w.lstat(path))
    }
    fn list(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>> {
        self.tree(|w| w.list(path))
    }
    fn read(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>> {
        self.tree(|w| w.read(path, reader, sink))
    }
    fn account(&self, name: &[u8]) -> Fact<Option<Account>> {
        self.pick(|w| w.account(name))
    }
    fn accounts(&self) -> Fact<Vec<Account>> {
        self.pick(BundleWorld::accounts)
    }
    fn group(&self, gid: u32) -> Fact<Option<Group>> {
        self.pick(|w| w.group(gid))
    }
    fn groups_of(&self, account: &Account) -> Fact<Vec<u32>> {
        self.pick(|w| w.groups_of(account))
    }
    fn shadow(&self, name: &[u8]) -> Fact<Option<Shadow>> {
        self.pick(|w| w.shadow(name))
    }
    fn reverse(&self, addr: IpAddr) -> Fact<Option<Vec<u8>>> {
        self.pick(|w| w.reverse(addr))
    }
    fn forward(&self, name: &[u8]) -> Fact<Vec<IpAddr>> {
        self.pick(|w| w.forward(name))
    }
    fn run(&self, request: &CommandRequest) -> Fact<CommandOutcome> {
        self.pick(|w| w.run(request))
    }
    fn daemon(&self) -> Fact<Option<Daemon>> {
        self.pick(BundleWorld::daemon)
    }
    fn mac(&self, path: &[u8]) -> Fact<Option<MacDenial>> {
        self.pick(|w| w.mac(path))
    }
    fn sandbox(&self, path: &[u8]) -> Fact<Option<Sandbox>> {
        self.pick(|w| w.sandbox(path))
    }
}
