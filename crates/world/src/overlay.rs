//! A world after some mending, without touching the one below.

use crate::account::{Account, Group, Shadow};
use crate::build::Build;
use crate::fact::Fact;
use crate::fs::{Errno, Kind, Node};
use crate::runtime::{CommandOutcome, CommandRequest, Daemon, MacDenial, Sandbox};
use crate::{Civil, Reader, World, resolve};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::net::IpAddr;

/// One change that would take a cause away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// Mode bits of the node at a path.
    Mode {
        /// The path, without links.
        path: Vec<u8>,
        /// Bits to take away.
        clear: u32,
        /// Bits to add.
        set: u32,
    },
    /// Owner of the node at a path.
    Owner {
        /// The path, without links.
        path: Vec<u8>,
        /// The new owner.
        uid: u32,
    },
    /// A line that the key file at a path should hold. The file and its directories are made,
    /// owned by `uid`, where they are missing.
    KeyLine {
        /// The path, without links where it exists.
        path: Vec<u8>,
        /// The line without its end.
        line: Vec<u8>,
        /// Owner of what has to be made.
        uid: u32,
        /// Group of what has to be made.
        gid: u32,
    },
    /// The whole content of a file, made as root's if it is missing.
    Content {
        /// The path, without links.
        path: Vec<u8>,
        /// The new content.
        content: Vec<u8>,
    },
    /// A regular file takes the place of whatever lies there.
    Regular {
        /// The path, without links.
        path: Vec<u8>,
        /// Its owner.
        uid: u32,
        /// Its group.
        gid: u32,
    },
    /// Nothing lies at a path any more.
    Remove {
        /// The path, without links.
        path: Vec<u8>,
    },
    /// A keyword's effective value for this login.
    Config {
        /// The keyword, in lower case.
        keyword: Vec<u8>,
        /// Its arguments, as they would be written.
        value: Vec<u8>,
    },
    /// An account's entry.
    Account(Account),
    /// An account's shadow entry.
    Shadow(Vec<u8>, Shadow),
    /// Membership in a group.
    Member {
        /// The account's name.
        name: Vec<u8>,
        /// The group.
        gid: u32,
    },
    /// A check that counts as passed, where the world cannot be mended here (a certificate must
    /// be signed anew, a module of PAM must change its mind).
    Pass(&'static str),
}

/// A world with [`Mend`]s laid over it.
pub struct Overlay<'a> {
    base: &'a dyn World,
    nodes: BTreeMap<Vec<u8>, Option<Node>>,
    contents: BTreeMap<Vec<u8>, Vec<u8>>,
    lines: BTreeMap<Vec<u8>, Vec<u8>>,
    config: Vec<(Vec<u8>, Vec<u8>)>,
    accounts: BTreeMap<Vec<u8>, Account>,
    shadows: BTreeMap<Vec<u8>, Shadow>,
    members: BTreeMap<Vec<u8>, Vec<u32>>,
    passed: BTreeSet<&'static str>,
}

impl<'a> Overlay<'a> {
    /// Nothing mended yet.
    #[must_use]
    pub fn new(base: &'a dyn World) -> Self {
        Overlay {
            base,
            nodes: BTreeMap::new(),
            contents: BTreeMap::new(),
            lines: BTreeMap::new(),
            config: Vec::new(),
            accounts: BTreeMap::new(),
            shadows: BTreeMap::new(),
            members: BTreeMap::new(),
            passed: BTreeSet::new(),
        }
    }

    /// Lays one change over the world.
    pub fn apply(&mut self, mend: &Mend) {
        match mend {
            Mend::Mode { path, clear, set } => {
                let (clear, set) = (*clear, *set);
                self.change(path, |n| n.mode = n.mode & !clear | set);
            }
            Mend::Owner { path, uid } => self.change(path, |n| n.uid = *uid),
            Mend::KeyLine {
                path,
                line,
                uid,
                gid,
            } => {
                let mut dirs = Vec::new();
                let mut up = resolve::parent(path);
                while up != b"/" && !self.exists(up) {
                    dirs.push(up.to_vec());
                    up = resolve::parent(up);
                }
                for d in dirs {
                    self.nodes
                        .insert(d, Some(Node::new(Kind::Dir, 0o700, *uid, *gid)));
                }
                if !self.exists(path) {
                    let node = Node::new(Kind::File, 0o600, *uid, *gid);
                    self.nodes.insert(path.clone(), Some(node));
                    self.contents.insert(path.clone(), Vec::new());
                }
                // The newest comes first: it mends what an older one still lacked.
                let lines = self.lines.entry(path.clone()).or_default();
                let end = core::iter::once(b'\n');
                lines.splice(0..0, line.iter().copied().chain(end));
            }
            Mend::Content { path, content } => {
                if !self.exists(path) {
                    self.nodes
                        .insert(path.clone(), Some(Node::new(Kind::File, 0o644, 0, 0)));
                }
                self.contents.insert(path.clone(), content.clone());
            }
            Mend::Regular { path, uid, gid } => {
                self.nodes
                    .insert(path.clone(), Some(Node::new(Kind::File, 0o600, *uid, *gid)));
                self.contents.insert(path.clone(), Vec::new());
            }
            Mend::Remove { path } => {
                self.nodes.insert(path.clone(), None);
            }
            Mend::Config { keyword, value } => {
                self.config.retain(|(k, _)| k != keyword);
                self.config.push((keyword.clone(), value.clone()));
            }
            Mend::Account(account) => {
                self.accounts.insert(account.name.clone(), account.clone());
            }
            Mend::Shadow(name, shadow) => {
                self.shadows.insert(name.clone(), shadow.clone());
            }
            Mend::Member { name, gid } => {
                self.members.entry(name.clone()).or_default().push(*gid);
            }
            Mend::Pass(cause) => {
                self.passed.insert(cause);
            }
        }
    }

    fn exists(&self, path: &[u8]) -> bool {
        matches!(self.lstat(path), Fact::Known(Ok(_)))
    }

    fn change(&mut self, path: &[u8], f: impl FnOnce(&mut Node)) {
        if let Fact::Known(Ok(mut node)) = self.lstat(path) {
            f(&mut node);
            self.nodes.insert(path.to_vec(), Some(node));
        }
    }
}

impl World for Overlay<'_> {
    fn build(&self) -> &Build {
        self.base.build()
    }

    fn now(&self) -> i64 {
        self.base.now()
    }

    fn local_time(&self, civil: Civil) -> Fact<i64> {
        self.base.local_time(civil)
    }

    fn lstat(&self, path: &[u8]) -> Fact<Result<Node, Errno>> {
        match self.nodes.get(path) {
            Some(Some(node)) => Fact::Known(Ok(node.clone())),
            Some(None) => Fact::Known(Err(Errno::NotFound)),
            None => self.base.lstat(path),
        }
    }

    fn list(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>> {
        let mut names = match self.base.list(path) {
            Fact::Known(Ok(names)) => names,
            Fact::Known(Err(_)) if self.nodes.contains_key(path) => Vec::new(),
            other => return other,
        };
        for (p, node) in &self.nodes {
            if p.as_slice() == b"/" || resolve::parent(p) != path {
                continue;
            }
            let name = resolve::base_name(p);
            names.retain(|n| n != name);
            if node.is_some() {
                names.push(name.to_vec());
            }
        }
        Fact::Known(Ok(names))
    }

    fn read(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>> {
        // Below a mended directory too, the rights are those that the nodes show: the world below
        // would still ask its own.
        let mut up = path;
        let mended = loop {
            if self.nodes.contains_key(up) || self.contents.contains_key(up) {
                break true;
            }
            if up == b"/" || up.is_empty() {
                break false;
            }
            up = resolve::parent(up);
        };
        if mended {
            let node = match self.lstat(path) {
                Fact::Known(Ok(node)) => node,
                Fact::Known(Err(e)) => return Fact::Known(Err(e)),
                Fact::Unknown(gap) => return Fact::Unknown(gap),
            };
            if !node.is_file() {
                return Fact::Known(Err(Errno::NotRegular));
            }
            if let Reader::User(cred) = reader
                && !cred.may(&node, crate::access::READ)
            {
                return Fact::Known(Err(Errno::Denied));
            }
        }
        if let Some(lines) = self.lines.get(path)
            && !sink(lines)
        {
            return Fact::Known(Ok(()));
        }
        if let Some(content) = self.contents.get(path) {
            if !content.is_empty() {
                sink(content);
            }
            return Fact::Known(Ok(()));
        }
        // A node whose rights were mended is read with root's rights below.
        let below = if mended { Reader::Root } else { reader };
        self.base.read(path, below, sink)
    }

    fn account(&self, name: &[u8]) -> Fact<Option<Account>> {
        match self.accounts.get(name) {
            Some(account) => Fact::Known(Some(account.clone())),
            None => self.base.account(name),
        }
    }

    fn accounts(&self) -> Fact<Vec<Account>> {
        self.base.accounts()
    }

    fn group(&self, gid: u32) -> Fact<Option<Group>> {
        self.base.group(gid)
    }

    fn groups_of(&self, account: &Account) -> Fact<Vec<u32>> {
        let more = self.members.get(&account.name);
        self.base.groups_of(account).map(|mut gids| {
            gids.extend(more.into_iter().flatten());
            gids
        })
    }

    fn shadow(&self, name: &[u8]) -> Fact<Option<Shadow>> {
        match self.shadows.get(name) {
            Some(shadow) => Fact::Known(Some(shadow.clone())),
            None => self.base.shadow(name),
        }
    }

    fn reverse(&self, addr: IpAddr) -> Fact<Option<Vec<u8>>> {
        self.base.reverse(addr)
    }

    fn forward(&self, name: &[u8]) -> Fact<Vec<IpAddr>> {
        self.base.forward(name)
    }

    fn run(&self, request: &CommandRequest) -> Fact<CommandOutcome> {
        self.base.run(request)
    }

    fn daemon(&self) -> Fact<Option<Daemon>> {
        self.base.daemon()
    }

    fn mac(&self, path: &[u8]) -> Fact<Option<MacDenial>> {
        self.base.mac(path)
    }

    fn sandbox(&self, path: &[u8]) -> Fact<Option<Sandbox>> {
        self.base.sandbox(path)
    }

    fn waived(&self, cause: &str) -> bool {
        self.passed.contains(cause)
    }

    fn config_overrides(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.config
    }
}
