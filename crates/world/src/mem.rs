//! A world held in memory: what scenarios, tests and the benchmarks judge.

use crate::access::{Cred, READ};
use crate::account::{Account, Group, Shadow, group_list};
use crate::build::Build;
use crate::fact::{Fact, Gap};
use crate::fs::{Errno, Kind, Node};
use crate::runtime::{CommandOutcome, CommandRequest, Daemon, MacDenial, Sandbox};
use crate::{Civil, Reader, World, resolve};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

/// A world held in memory.
#[derive(Clone, Debug)]
pub struct MemWorld {
    /// The sshd that decides.
    pub build: Build,
    /// The clock, in seconds since the epoch.
    pub now: i64,
    /// Seconds east of UTC of the server's zone.
    pub utc_offset: i64,
    /// The tree: node and content by path.
    pub tree: BTreeMap<Vec<u8>, (Node, Vec<u8>)>,
    /// passwd(5)
    pub accounts: Vec<Account>,
    /// group(5)
    pub groups: Vec<Group>,
    /// shadow(5). `None`: not looked at.
    pub shadow: Option<BTreeMap<Vec<u8>, Shadow>>,
    /// Confirmed reverse names.
    pub names: BTreeMap<IpAddr, Vec<u8>>,
    /// What commands print, by their path.
    pub commands: BTreeMap<Vec<u8>, CommandOutcome>,
    /// The daemon.
    pub daemon: Option<Daemon>,
    /// Denials by path.
    pub mac: BTreeMap<Vec<u8>, MacDenial>,
    /// Hidden paths.
    pub sandbox: BTreeMap<Vec<u8>, Sandbox>,
    /// Facts that are missing here, by what [`Gap::what`] says of them, for tests of "not looked".
    pub gaps: BTreeMap<Vec<u8>, Gap>,
}

impl MemWorld {
    /// An empty world: a root directory, nobody, no daemon.
    #[must_use]
    pub fn new(build: Build) -> Self {
        let mut tree = BTreeMap::new();
        tree.insert(
            b"/".to_vec(),
            (Node::new(Kind::Dir, 0o755, 0, 0), Vec::new()),
        );
        MemWorld {
            build,
            now: 1_795_305_600,
            utc_offset: 0,
            tree,
            accounts: Vec::new(),
            groups: Vec::new(),
            shadow: Some(BTreeMap::new()),
            names: BTreeMap::new(),
            commands: BTreeMap::new(),
            daemon: None,
            mac: BTreeMap::new(),
            sandbox: BTreeMap::new(),
            gaps: BTreeMap::new(),
        }
    }

    /// Puts a node at a path; missing parents become root's directories of mode 0755.
    pub fn put(&mut self, path: impl AsRef<[u8]>, mut node: Node, content: &[u8]) {
        let path = path.as_ref();
        let mut up = resolve::parent(path);
        while !self.tree.contains_key(up) {
            self.tree
                .insert(up.to_vec(), (Node::new(Kind::Dir, 0o755, 0, 0), Vec::new()));
            up = resolve::parent(up);
        }
        node.size = content.len() as u64;
        self.tree.insert(path.to_vec(), (node, content.to_vec()));
    }

    /// Whether a script's interpreter, run as that user, can open it. Other programs are not read.
    fn may_read_script(&self, user: &[u8], path: &[u8]) -> bool {
        let Some((node, content)) = self.tree.get(path) else {
            return true;
        };
        let Some(account) = self.accounts.iter().find(|a| a.name == user) else {
            return true;
        };
        let cred = Cred {
            uid: account.uid,
            gid: account.gid,
            groups: group_list(account, &self.groups),
        };
        !content.starts_with(b"#!") || cred.may(node, READ)
    }

    /// Puts a directory.
    pub fn dir(&mut self, path: impl AsRef<[u8]>, mode: u32, uid: u32, gid: u32) {
        self.put(path, Node::new(Kind::Dir, mode, uid, gid), b"");
    }

    /// Puts a regular file.
    pub fn file(&mut self, path: impl AsRef<[u8]>, mode: u32, uid: u32, gid: u32, content: &[u8]) {
        self.put(path, Node::new(Kind::File, mode, uid, gid), content);
    }

    /// Puts a symbolic link owned by root.
    pub fn link(&mut self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) {
        let kind = Kind::Link(target.as_ref().to_vec());
        self.put(path, Node::new(kind, 0o777, 0, 0), b"");
    }

    fn gap<T>(&self, key: &[u8]) -> Option<Fact<T>> {
        self.gaps.get(key).map(|g| Fact::Unknown(g.clone()))
    }
}

impl World for MemWorld {
    fn build(&self) -> &Build {
        &self.build
    }

    fn now(&self) -> i64 {
        self.now
    }

    fn local_time(&self, civil: Civil) -> Fact<i64> {
        Fact::Known(civil.utc() - self.utc_offset)
    }

    fn lstat(&self, path: &[u8]) -> Fact<Result<Node, Errno>> {
        if let Some(gap) = self.gap(path) {
            return gap;
        }
        Fact::Known(
            self.tree
                .get(path)
                .map(|(n, _)| n.clone())
                .ok_or(Errno::NotFound),
        )
    }

    fn list(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>> {
        if let Some(gap) = self.gap(path) {
            return gap;
        }
        match self.tree.get(path) {
            None => return Fact::Known(Err(Errno::NotFound)),
            Some((n, _)) if !n.is_dir() => return Fact::Known(Err(Errno::NotDir)),
            Some(_) => {}
        }
        let prefix = resolve::join(path, b"");
        let names = self
            .tree
            .range(prefix.clone()..)
            .take_while(|(p, _)| p.starts_with(&prefix))
            .filter_map(|(p, _)| {
                let rest = &p[prefix.len()..];
                (!rest.is_empty() && !rest.contains(&b'/')).then(|| rest.to_vec())
            })
            .collect();
        Fact::Known(Ok(names))
    }

    fn read(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>> {
        if let Some(gap) = self.gap(path) {
            return gap;
        }
        let Some((node, content)) = self.tree.get(path) else {
            return Fact::Known(Err(Errno::NotFound));
        };
        if !node.is_file() {
            return Fact::Known(Err(Errno::NotRegular));
        }
        if let Reader::User(cred) = reader
            && !cred.may(node, READ)
        {
            return Fact::Known(Err(Errno::Denied));
        }
        if !content.is_empty() {
            sink(content);
        }
        Fact::Known(Ok(()))
    }

    fn account(&self, name: &[u8]) -> Fact<Option<Account>> {
        if let Some(gap) = self.gap(b"accounts") {
            return gap;
        }
        Fact::Known(self.accounts.iter().find(|a| a.name == name).cloned())
    }

    fn accounts(&self) -> Fact<Vec<Account>> {
        if let Some(gap) = self.gap(b"accounts") {
            return gap;
        }
        Fact::Known(self.accounts.clone())
    }

    fn group(&self, gid: u32) -> Fact<Option<Group>> {
        if let Some(gap) = self.gap(b"groups") {
            return gap;
        }
        Fact::Known(self.groups.iter().find(|g| g.gid == gid).cloned())
    }

    fn groups_of(&self, account: &Account) -> Fact<Vec<u32>> {
        if let Some(gap) = self.gap(b"groups") {
            return gap;
        }
        Fact::Known(group_list(account, &self.groups))
    }

    fn shadow(&self, name: &[u8]) -> Fact<Option<Shadow>> {
        match &self.shadow {
            Some(entries) => Fact::Known(entries.get(name).cloned()),
            None => Fact::Unknown(Gap::could_not(
                "the shadow entry",
                "only root may read /etc/shadow",
                "run the audit as root",
            )),
        }
    }

    fn reverse(&self, addr: IpAddr) -> Fact<Option<Vec<u8>>> {
        Fact::Known(self.names.get(&addr).cloned())
    }

    fn forward(&self, name: &[u8]) -> Fact<Vec<IpAddr>> {
        let has = |(_, host): &(&IpAddr, &Vec<u8>)| host.eq_ignore_ascii_case(name);
        Fact::Known(self.names.iter().filter(has).map(|(a, _)| *a).collect())
    }

    fn run(&self, request: &CommandRequest) -> Fact<CommandOutcome> {
        let path = request.argv.first().map_or(&b""[..], |p| p);
        match self.commands.get(path) {
            Some(outcome) if self.may_read_script(&request.user, path) => {
                Fact::Known(outcome.clone())
            }
            // The interpreter of a script opens it with the account's rights: dash says 2.
            Some(outcome) => Fact::Known(CommandOutcome {
                output: Vec::new(),
                status: Some(2),
                signal: None,
                ..outcome.clone()
            }),
            None => Fact::Unknown(Gap::not_looked(
                alloc::format!("what {} prints", request.keyword),
                "commands are not run unless asked for",
                "add --run-commands",
            )),
        }
    }

    fn daemon(&self) -> Fact<Option<Daemon>> {
        Fact::Known(self.daemon.clone())
    }

    fn mac(&self, path: &[u8]) -> Fact<Option<MacDenial>> {
        Fact::Known(self.mac.get(path).cloned())
    }

    fn sandbox(&self, path: &[u8]) -> Fact<Option<Sandbox>> {
        Fact::Known(
            self.sandbox
                .iter()
                .find(|(hidden, _)| resolve::is_below(path, hidden))
                .map(|(_, s)| s.clone()),
        )
    }
}
