//! The world after some changes, without touching the one below.

use crate::change::{Change, Made, What};
use sshwhy_world::resolve::{base_name, parent};
use sshwhy_world::{
    Account, Acl, AclTag, Build, Civil, CommandOutcome, CommandRequest, Cred, Daemon, Errno, Fact,
    Group, Kind, MacDenial, Node, Reader, Sandbox, Shadow, World, access,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A world with [`Change`]s laid over it, exactly as they would be made.
pub struct After<'a> {
    base: &'a dyn World,
    nodes: BTreeMap<Vec<u8>, Option<Node>>,
    contents: BTreeMap<Vec<u8>, Vec<u8>>,
    labelled: BTreeSet<Vec<u8>>,
    reloaded: bool,
}

impl<'a> After<'a> {
    /// Nothing changed yet.
    #[must_use]
    pub fn new(base: &'a dyn World) -> Self {
        After {
            base,
            nodes: BTreeMap::new(),
            contents: BTreeMap::new(),
            labelled: BTreeSet::new(),
            reloaded: false,
        }
    }

    /// The world after all of these changes.
    #[must_use]
    pub fn of(base: &'a dyn World, changes: &[Change]) -> Self {
        let mut after = After::new(base);
        for change in changes {
            after.lay(change);
        }
        after
    }

    /// The daemon reads its configuration anew.
    pub fn reload(&mut self) {
        self.reloaded = true;
    }

    /// Puts the bytes of a file in place, as a new configuration to be judged has them. A missing
    /// file is root's, of mode 0644.
    pub fn put(&mut self, path: &[u8], bytes: &[u8]) {
        if !matches!(self.lstat(path), Fact::Known(Ok(_))) {
            let node = Node::new(Kind::File, 0o644, 0, 0);
            self.nodes.insert(path.to_vec(), Some(node));
        }
        self.write(path, bytes);
    }

    /// Lays one change over the world.
    pub fn lay(&mut self, change: &Change) {
        let path = change.path.as_slice();
        match &change.what {
            What::Mode { to } => self.change(path, |n| set_mode(n, *to)),
            What::Owner { uid, gid } => self.change(path, |n| {
                n.uid = *uid;
                n.gid = gid.unwrap_or(n.gid);
            }),
            What::Acl { to } => self.change(path, |n| {
                if to.is_none() {
                    n.mode = without_acl(n.mode, n.acl.as_ref());
                }
                n.acl.clone_from(to);
                if let Some(mask) = to.as_ref().and_then(sshwhy_world::Acl::mask) {
                    n.mode = n.mode & !0o070 | u32::from(mask) << 3;
                }
            }),
            What::Label { to } => {
                self.labelled.insert(path.to_vec());
                self.change(path, |n| n.label.clone_from(to));
            }
            What::Write {
                before,
                after,
                made,
            } => {
                if before.is_none() {
                    self.make(path, Kind::File, *made);
                }
                self.write(path, after);
            }
            What::MakeDir(made) => self.make(path, Kind::Dir, *made),
            What::Replace { after, made, .. } => {
                self.make(path, Kind::File, *made);
                self.write(path, after);
            }
            What::Remove { .. } => {
                self.nodes.insert(path.to_vec(), None);
                self.contents.remove(path);
            }
        }
    }

    fn make(&mut self, path: &[u8], kind: Kind, made: Made) {
        let mut node = Node::new(kind, made.mode, made.uid, made.gid);
        node.mtime = self.now();
        self.nodes.insert(path.to_vec(), Some(node));
    }

    fn write(&mut self, path: &[u8], bytes: &[u8]) {
        let now = self.now();
        self.change(path, |n| {
            n.size = bytes.len() as u64;
            n.mtime = now;
        });
        self.contents.insert(path.to_vec(), bytes.to_vec());
    }

    fn change(&mut self, path: &[u8], f: impl FnOnce(&mut Node)) {
        if let Fact::Known(Ok(mut node)) = self.lstat(path) {
            f(&mut node);
            self.nodes.insert(path.to_vec(), Some(node));
        }
    }

    /// Whether the path or something above it was changed: what the world below says of the rights
    /// there is old then.
    fn changed(&self, path: &[u8]) -> bool {
        let mut up = path;
        loop {
            if self.nodes.contains_key(up) {
                return true;
            }
            if up == b"/" || up.is_empty() {
                return false;
            }
            up = parent(up);
        }
    }
}

/// The mode of a node whose ACL is taken away: the group bits, which were the mask, become what the
/// owning group had of it. The kernel leaves them, which would widen the group's rights.
pub(crate) fn without_acl(mode: u32, acl: Option<&Acl>) -> u32 {
    let Some((acl, mask)) = acl.and_then(|a| Some((a, a.mask()?))) else {
        return mode;
    };
    let mut entries = acl.entries.iter();
    let own = entries.find(|e| e.tag == AclTag::GroupObj);
    mode & !0o070 | u32::from(own.map_or(0, |e| e.perm) & mask) << 3
}

/// chmod(2): with an ACL, the group bits are its mask.
fn set_mode(node: &mut Node, to: u32) {
    node.mode = to & 0o7777;
    let bits = |shift: u32| ((to >> shift) & 7) as u8;
    if let Some(acl) = &mut node.acl {
        let masked = acl.mask().is_some();
        for entry in &mut acl.entries {
            match entry.tag {
                AclTag::UserObj => entry.perm = bits(6),
                AclTag::Mask => entry.perm = bits(3),
                AclTag::GroupObj if !masked => entry.perm = bits(3),
                AclTag::Other => entry.perm = bits(0),
                _ => {}
            }
        }
    }
}

impl World for After<'_> {
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
            if p.as_slice() == b"/" || parent(p) != path {
                continue;
            }
            let name = base_name(p);
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
        let changed = self.changed(path);
        if changed {
            let node: Node = match self.lstat(path) {
                Fact::Known(Ok(node)) => node,
                Fact::Known(Err(e)) => return Fact::Known(Err(e)),
                Fact::Unknown(gap) => return Fact::Unknown(gap),
            };
            if !node.is_file() {
                return Fact::Known(Err(Errno::NotRegular));
            }
            if let Reader::User(cred) = reader
                && !Cred::may(cred, &node, access::READ)
            {
                return Fact::Known(Err(Errno::Denied));
            }
        }
        if let Some(content) = self.contents.get(path) {
            if !content.is_empty() {
                sink(content);
            }
            return Fact::Known(Ok(()));
        }
        let below = if changed { Reader::Root } else { reader };
        self.base.read(path, below, sink)
    }

    fn account(&self, name: &[u8]) -> Fact<Option<Account>> {
        self.base.account(name)
    }

    fn accounts(&self) -> Fact<Vec<Account>> {
        self.base.accounts()
    }

    fn group(&self, gid: u32) -> Fact<Option<Group>> {
        self.base.group(gid)
    }

    fn groups_of(&self, account: &Account) -> Fact<Vec<u32>> {
        self.base.groups_of(account)
    }

    fn shadow(&self, name: &[u8]) -> Fact<Option<Shadow>> {
        self.base.shadow(name)
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
        let now = self.now();
        self.base.daemon().map(|daemon| {
            daemon.map(|mut d| {
                if self.reloaded {
                    d.config_read_at = Some(now);
                    d.binary_replaced = false;
                }
                d
            })
        })
    }

    fn mac(&self, path: &[u8]) -> Fact<Option<MacDenial>> {
        if self.labelled.contains(path) {
            return Fact::Known(None);
        }
        self.base.mac(path)
    }

    fn sandbox(&self, path: &[u8]) -> Fact<Option<Sandbox>> {
        self.base.sandbox(path)
    }

    fn waived(&self, cause: &str) -> bool {
        self.base.waived(cause)
    }

    fn config_overrides(&self) -> &[(Vec<u8>, Vec<u8>)] {
        self.base.config_overrides()
    }
}
