//! A specification made concrete: every file and every account of its world.

mod facts;

pub use facts::ShadowLine;

use crate::base;
use crate::content::Content;
use crate::material::KeyMaterial;
use crate::parse::Problem;
use crate::spec::{AclWord, AttemptSpec, Change, Sign, Spec};
use crate::words;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;
use sshwhy_keys::base64;
use sshwhy_world::resolve::{is_below, join, parent};
use sshwhy_world::{
    Account, Acl, AclEntry, AclTag, Attempt, Build, CommandOutcome, Daemon, Fact, Gap, Group, Kind,
    Local, MacDenial, MemWorld, Node, OfferedKey, Peer, Sandbox, World, resolve,
};

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What lies there.
    pub node: Node,
    /// Content of a regular file.
    pub content: Vec<u8>,
    /// Part of the system's own tree and not changed: a real root file system has it already.
    pub given: bool,
}

/// The world of a specification, whole.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The sshd that decides in memory.
    pub build: Build,
    /// The tree, by path without links.
    pub tree: BTreeMap<Vec<u8>, Entry>,
    /// What the system's own tree would hold and this world does not.
    pub removed: BTreeSet<Vec<u8>>,
    /// passwd(5)
    pub accounts: Vec<Account>,
    /// group(5)
    pub groups: Vec<Group>,
    /// shadow(5), in order.
    pub shadow: Vec<(Vec<u8>, ShadowLine)>,
    /// Host names by address.
    pub names: BTreeMap<IpAddr, Vec<u8>>,
    /// What executables print.
    pub commands: BTreeMap<Vec<u8>, CommandOutcome>,
    /// The listener. It runs, unless the specification says otherwise.
    pub daemon: Option<Daemon>,
    /// Denials by path.
    pub mac: BTreeMap<Vec<u8>, MacDenial>,
    /// Hidden paths.
    pub sandbox: BTreeMap<Vec<u8>, Sandbox>,
    /// Missing facts.
    pub gaps: BTreeSet<Vec<u8>>,
    /// The attempt.
    pub attempt: Attempt,
    password_fields: BTreeMap<Vec<u8>, Vec<u8>>,
    written: BTreeSet<Vec<u8>>,
}

impl Spec {
    /// Makes everything concrete, for the build that the specification names.
    ///
    /// # Errors
    /// Names of keys, users and paths that are not there, each with its line.
    pub fn scene(&self, keys: &dyn KeyMaterial) -> Result<Scene, Vec<Problem>> {
        let at = |line: u32| move |text: String| Problem { line, text };
        let build = Build::profile(&self.build)
            .ok_or_else(|| format!("there is no build '{}'", self.build))
            .map_err(|text| alloc::vec![at(0)(text)])?;
        let mut problems = Vec::new();
        let attempt = match self.attempt.attempt(keys) {
            Ok(attempt) => attempt,
            Err(text) => return Err(alloc::vec![at(0)(text)]),
        };
        let mut scene =
            Scene::base(build, attempt, keys).map_err(|text| alloc::vec![at(0)(text)])?;
        if let Some(host) = &self.attempt.host {
            scene.names.insert(self.attempt.from, host.clone());
        }
        for (line, change) in &self.changes {
            if let Err(text) = scene.apply(change, keys) {
                problems.push(at(*line)(text));
            }
        }
        if let Some(flags) = &self.dropbear {
            let daemon = scene.daemon.get_or_insert_with(|| Daemon {
                listening: true,
                ..Daemon::default()
            });
            daemon.options = flags
                .split(u8::is_ascii_whitespace)
                .filter(|w| !w.is_empty())
                .map(<[u8]>::to_vec)
                .collect();
        }
        scene.finish();
        if problems.is_empty() {
            Ok(scene)
        } else {
            Err(problems)
        }
    }

    /// The world in memory.
    ///
    /// # Errors
    /// As [`Spec::scene`].
    pub fn world(&self, keys: &dyn KeyMaterial) -> Result<MemWorld, Vec<Problem>> {
        self.scene(keys).map(|scene| scene.world())
    }

    /// The world as another build would see it.
    ///
    /// # Errors
    /// As [`Spec::scene`].
    pub fn world_on(&self, build: Build, keys: &dyn KeyMaterial) -> Result<MemWorld, Vec<Problem>> {
        let mut world = self.world(keys)?;
        world.build = build;
        Ok(world)
    }
}

impl AttemptSpec {
    /// The attempt as the engine asks for it.
    ///
    /// # Errors
    /// The key is not there.
    pub fn attempt(&self, keys: &dyn KeyMaterial) -> Result<Attempt, String> {
        let key = match &self.key {
            None => None,
            Some(name) => {
                let line = keys
                    .file(&format!("{name}.pub"))
                    .ok_or_else(|| format!("there is no key '{name}'"))?;
                let mut words = line.trim_ascii_end().splitn(3, |&b| b == b' ');
                let text = words.nth(1).unwrap_or_default();
                let blob = base64::decode(text).map_err(|e| format!("key '{name}': {e}"))?;
                let comment = words.next().unwrap_or_default().to_vec();
                let mut key = OfferedKey::new(blob, comment);
                key.algorithms.clone_from(&self.algorithms);
                key.signature_good = self.sign == Sign::Good;
                key.touch = self.touch;
                key.verified = self.verified;
                Some(key)
            }
        };
        Ok(Attempt {
            user: self.user.clone(),
            key,
            from: Peer {
                addr: self.from,
                host: self.host.clone(),
            },
            to: Local {
                addr: self.to,
                port: self.port,
            },
        })
    }
}

impl Scene {
    fn base(build: Build, attempt: Attempt, keys: &dyn KeyMaterial) -> Result<Scene, String> {
        let mut scene = Scene {
            build,
            tree: BTreeMap::new(),
            removed: BTreeSet::new(),
            accounts: base::accounts(),
            groups: base::groups(),
            shadow: Vec::new(),
            names: BTreeMap::new(),
            commands: BTreeMap::new(),
            daemon: Some(Daemon {
                listening: true,
                ..Daemon::default()
            }),
            mac: BTreeMap::new(),
            sandbox: BTreeMap::new(),
            gaps: BTreeSet::new(),
            attempt,
            password_fields: BTreeMap::new(),
            written: BTreeSet::new(),
        };
        for account in &scene.accounts {
            scene
                .shadow
                .push((account.name.clone(), ShadowLine::default()));
        }
        let mut put = |path: &str, node: Node, content: &[u8], given: bool| {
            let entry = Entry {
                node,
                content: content.to_vec(),
                given,
            };
            scene.tree.insert(path.into(), entry);
        };
        put("/", Node::new(Kind::Dir, 0o755, 0, 0), b"", true);
        for &(path, mode, uid, gid, given) in base::DIRS {
            put(path, Node::new(Kind::Dir, mode, uid, gid), b"", given);
        }
        for &(path, target) in base::LINKS {
            put(
                path,
                Node::new(Kind::Link(target.into()), 0o777, 0, 0),
                b"",
                true,
            );
        }
        for path in base::PROGRAMS {
            let mode = if path.ends_with(".so") { 0o644 } else { 0o755 };
            put(path, Node::new(Kind::File, mode, 0, 0), b"", true);
        }
        put(
            "/dev/null",
            Node::new(Kind::CharDevice, 0o666, 0, 0),
            b"",
            true,
        );
        for &(path, mode, text) in base::FILES {
            put(
                path,
                Node::new(Kind::File, mode, 0, 0),
                text.as_bytes(),
                false,
            );
        }
        for &(path, mode, name) in base::HOST_KEYS {
            let key = keys
                .file(name)
                .ok_or_else(|| format!("there is no host key '{name}'"))?;
            put(path, Node::new(Kind::File, mode, 0, 0), key, false);
        }
        let config = core::str::from_utf8(base::CONFIG_FILE).unwrap_or_default();
        put(
            config,
            Node::new(Kind::File, 0o644, 0, 0),
            base::SSHD_CONFIG,
            false,
        );
        let line = Content::Text(b"{key ed25519}\n".to_vec()).expand(keys)?;
        let keys_file = core::str::from_utf8(base::KEYS_FILE).unwrap_or_default();
        put(
            keys_file,
            Node::new(Kind::File, 0o600, 2001, 2001),
            &line,
            false,
        );
        Ok(scene)
    }

    /// The real path of something that is to be made: links in the directories are followed.
    fn place(&self, path: &[u8]) -> Result<Vec<u8>, String> {
        let mut real: Vec<u8> = b"/".to_vec();
        let mut names: Vec<&[u8]> = path
            .split(|&b| b == b'/')
            .filter(|c| !c.is_empty())
            .collect();
        let Some(last) = names.pop() else {
            return Ok(real);
        };
        let mut todo: Vec<Vec<u8>> = names.iter().rev().map(|n| n.to_vec()).collect();
        let mut followed = 0;
        while let Some(name) = todo.pop() {
            if name == b".." {
                real = parent(&real).to_vec();
                continue;
            }
            let next = join(&real, &name);
            match self.tree.get(&next).map(|e| &e.node.kind) {
                Some(Kind::Link(target)) => {
                    followed += 1;
                    if followed > resolve::MAX_LINKS {
                        return Err(format!("{}: a loop of links", words::text(path)));
                    }
                    if target.starts_with(b"/") {
                        real = b"/".to_vec();
                    }
                    let parts = target.split(|&b| b == b'/');
                    let parts = parts.filter(|c| !c.is_empty() && *c != b".");
                    let parts: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
                    todo.extend(parts.into_iter().rev());
                }
                Some(Kind::Dir) | None => real = next,
                Some(_) => {
                    return Err(format!("{} is no directory", words::text(&next)));
                }
            }
        }
        Ok(join(&real, last))
    }

    /// The node that a line speaks of: it must be there. Links in its directories are followed,
    /// a link itself is not.
    fn at(&mut self, path: &[u8]) -> Result<(Vec<u8>, &mut Entry), String> {
        let real = self.place(path)?;
        match self.tree.get_mut(&real) {
            Some(entry) => Ok((real, entry)),
            None => Err(format!("there is no {}", words::text(path))),
        }
    }

    fn put(&mut self, path: &[u8], node: Node, content: Vec<u8>) -> Result<(), String> {
        let real = self.place(path)?;
        if node.kind != Kind::Dir {
            self.drop_below(&real);
        }
        let mut up = parent(&real).to_vec();
        while !self.tree.contains_key(&up) {
            let node = Node::new(Kind::Dir, 0o755, 0, 0);
            self.removed.remove(&up);
            self.tree.insert(
                up.clone(),
                Entry {
                    node,
                    content: Vec::new(),
                    given: false,
                },
            );
            up = parent(&up).to_vec();
        }
        self.removed.remove(&real);
        self.written.insert(real.clone());
        self.tree.insert(
            real,
            Entry {
                node,
                content,
                given: false,
            },
        );
        Ok(())
    }

    fn drop_below(&mut self, path: &[u8]) {
        let below = self.tree.keys().filter(|p| is_below(p, path));
        let below: Vec<Vec<u8>> = below.cloned().collect();
        for path in below {
            self.tree.remove(&path);
            self.written.remove(&path);
            self.removed.insert(path);
        }
    }

    fn user(&self, name: &[u8]) -> Result<u32, String> {
        let found = self.accounts.iter().find(|a| a.name == name).map(|a| a.uid);
        found
            .or_else(|| words::number(name))
            .ok_or_else(|| format!("there is no user '{}'", words::text(name)))
    }

    fn group_id(&self, name: &[u8]) -> Result<u32, String> {
        let found = self.groups.iter().find(|g| g.name == name).map(|g| g.gid);
        found
            .or_else(|| words::number(name))
            .ok_or_else(|| format!("there is no group '{}'", words::text(name)))
    }

    /// `NAME` with its primary group, or `NAME:GROUP`.
    fn owner(&self, word: &[u8]) -> Result<(u32, u32), String> {
        if let Some(i) = word.iter().position(|&b| b == b':') {
            let (user, group) = word.split_at(i);
            return Ok((
                self.user(user)?,
                self.group_id(group.get(1..).unwrap_or_default())?,
            ));
        }
        let uid = self.user(word)?;
        let gid = self
            .accounts
            .iter()
            .find(|a| a.name == word)
            .map_or(uid, |a| a.gid);
        Ok((uid, gid))
    }

    fn apply(&mut self, change: &Change, keys: &dyn KeyMaterial) -> Result<(), String> {
        match change {
            Change::File {
                path,
                mode,
                owner,
                content,
            } => {
                let (uid, gid) = self.owner(owner)?;
                let content = content.expand(keys)?;
                self.put(path, Node::new(Kind::File, *mode, uid, gid), content)?;
            }
            Change::Dir { path, mode, owner } => {
                let (uid, gid) = self.owner(owner)?;
                self.put(path, Node::new(Kind::Dir, *mode, uid, gid), Vec::new())?;
            }
            Change::Link { path, target } => {
                let kind = Kind::Link(target.clone());
                self.put(path, Node::new(kind, 0o777, 0, 0), Vec::new())?;
            }
            Change::Fifo { path, mode, owner } => {
                let (uid, gid) = self.owner(owner)?;
                self.put(path, Node::new(Kind::Fifo, *mode, uid, gid), Vec::new())?;
            }
            Change::NullDevice { path } => {
                self.put(path, Node::new(Kind::CharDevice, 0o666, 0, 0), Vec::new())?;
            }
            Change::Mode { path, mode } => {
                let (_, entry) = self.at(path)?;
                entry.node.mode = *mode;
                entry.given = false;
                // chmod(2) moves the group bits into the mask of an ACL.
                if let Some(acl) = &mut entry.node.acl {
                    for e in &mut acl.entries {
                        let bits = |shift: u32| u8::try_from(*mode >> shift & 7).unwrap_or(0);
                        match e.tag {
                            AclTag::UserObj => e.perm = bits(6),
                            AclTag::Mask => e.perm = bits(3),
                            AclTag::Other => e.perm = bits(0),
                            _ => {}
                        }
                    }
                }
            }
            Change::Owner { path, owner } => {
                let (uid, gid) = self.owner(owner)?;
                let (_, entry) = self.at(path)?;
                (entry.node.uid, entry.node.gid) = (uid, gid);
                entry.given = false;
            }
            Change::Acl { path, words } => {
                let mut named = Vec::new();
                for AclWord { group, name, perm } in words {
                    let tag = if *group {
                        AclTag::Group(self.group_id(name)?)
                    } else {
                        AclTag::User(self.user(name)?)
                    };
                    named.push(AclEntry { tag, perm: *perm });
                }
                let (_, entry) = self.at(path)?;
                set_acl(&mut entry.node, &named);
                entry.given = false;
            }
            Change::Label { path, label } => {
                self.at(path)?.1.node.label = Some(label.clone());
            }
            Change::Remove { path } => {
                let (real, _) = self.at(path)?;
                if real == b"/" {
                    return Err("the root stays".into());
                }
                self.drop_below(&real);
            }
            Change::Keys(content) => {
                let content = content.expand(keys)?;
                let (_, entry) = self.at(base::KEYS_FILE)?;
                entry.content = content;
            }
            Change::Config(content) => {
                let more = content.expand(keys)?;
                self.at(base::CONFIG_FILE)?
                    .1
                    .content
                    .extend_from_slice(&more);
            }
            Change::ConfigFirst(content) => {
                let mut all = content.expand(keys)?;
                let (_, entry) = self.at(base::CONFIG_FILE)?;
                all.extend_from_slice(&entry.content);
                entry.content = all;
            }
            Change::ConfigIs(content) => {
                self.at(base::CONFIG_FILE)?.1.content = content.expand(keys)?;
            }
            Change::Pam { service, content } => {
                let content = content.expand(keys)?;
                let path = join(b"/etc/pam.d", service);
                self.put(&path, Node::new(Kind::File, 0o644, 0, 0), content)?;
            }
            Change::Command {
                path,
                status,
                output,
            } => {
                let output = output.expand(keys)?;
                let script = script(&output, *status);
                self.put(path, Node::new(Kind::File, 0o755, 0, 0), script)?;
                let outcome = CommandOutcome {
                    output,
                    cut: false,
                    status: Some(*status),
                    signal: None,
                    timed_out: false,
                    millis: 1,
                };
                self.commands.insert(path.clone(), outcome);
            }
            other => self.apply_fact(other)?,
        }
        Ok(())
    }

    /// The world in memory.
    #[must_use]
    pub fn world(&self) -> MemWorld {
        let mut world = MemWorld::new(self.build.clone());
        world.now = base::NOW;
        world.tree = self
            .tree
            .iter()
            .map(|(path, e)| (path.clone(), (e.node.clone(), e.content.clone())))
            .collect();
        world.accounts.clone_from(&self.accounts);
        world.groups.clone_from(&self.groups);
        world.shadow = (!self.gaps.contains(&b"shadow"[..])).then(|| {
            self.shadow
                .iter()
                .map(|(n, line)| (n.clone(), line.world()))
                .collect()
        });
        world.names.clone_from(&self.names);
        world.commands.clone_from(&self.commands);
        world.daemon.clone_from(&self.daemon);
        world.mac.clone_from(&self.mac);
        world.sandbox.clone_from(&self.sandbox);
        for what in &self.gaps {
            let gap = Gap::could_not(words::text(what), "the scenario leaves it out", "");
            world.gaps.insert(what.clone(), gap);
        }
        world
    }

    /// What lies at a path after all links, if anything does: for tests and for `demo`.
    #[must_use]
    pub fn lookup(&self, path: &[u8]) -> Option<Entry> {
        let world = self.world();
        let resolved = resolve::resolve(&world, path, None).ok()?.ok()?;
        let Fact::Known(Ok(_)) = world.lstat(&resolved.real) else {
            return None;
        };
        self.tree.get(&resolved.real).cloned()
    }
}

/// What `setfacl -m` does: entries are added or changed, and the mask becomes the union of all
/// that it bounds; the group bits of the mode show the mask.
fn set_acl(node: &mut Node, named: &[AclEntry]) {
    let bits = |shift: u32| u8::try_from(node.mode >> shift & 7).unwrap_or(0);
    let group = match &node.acl {
        Some(acl) => acl
            .entries
            .iter()
            .find(|e| e.tag == AclTag::GroupObj)
            .map_or(0, |e| e.perm),
        None => bits(3),
    };
    let mut list: Vec<AclEntry> = node.acl.as_ref().map_or_else(Vec::new, |acl| {
        let is_named = |e: &&AclEntry| matches!(e.tag, AclTag::User(_) | AclTag::Group(_));
        acl.entries.iter().filter(is_named).copied().collect()
    });
    for entry in named {
        list.retain(|e| e.tag != entry.tag);
        list.push(*entry);
    }
    list.sort_by_key(|e| match e.tag {
        AclTag::User(id) => (0, id),
        AclTag::Group(id) => (1, id),
        _ => (2, 0),
    });
    let mask = list.iter().fold(group, |m, e| m | e.perm);
    let users = list
        .iter()
        .take_while(|e| matches!(e.tag, AclTag::User(_)))
        .count();
    let groups = list.split_off(users);
    let mut entries = alloc::vec![AclEntry {
        tag: AclTag::UserObj,
        perm: bits(6)
    }];
    entries.append(&mut list);
    entries.push(AclEntry {
        tag: AclTag::GroupObj,
        perm: group,
    });
    entries.extend(groups);
    entries.push(AclEntry {
        tag: AclTag::Mask,
        perm: mask,
    });
    entries.push(AclEntry {
        tag: AclTag::Other,
        perm: bits(0),
    });
    node.mode = node.mode & !0o070 | u32::from(mask) << 3;
    node.acl = Some(Acl { entries });
}

/// A shell script that prints exactly these bytes and ends with this status.
fn script(output: &[u8], status: i32) -> Vec<u8> {
    let mut out = b"#!/bin/sh\n".to_vec();
    // One printf for each line keeps the command lines short and the script readable.
    for line in output.split_inclusive(|&b| b == b'\n') {
        out.extend_from_slice(b"printf '");
        for (i, &b) in line.iter().enumerate() {
            match b {
                // What begins with a hyphen would be an option.
                b'-' if i == 0 => out.extend_from_slice(b"\\055"),
                b'\n' => out.extend_from_slice(b"\\n"),
                b'a'..=b'z'
                | b'A'..=b'Z'
                | b'0'..=b'9'
                | b' '
                | b'+'
                | b'/'
                | b'='
                | b'-'
                | b'@'
                | b'.'
                | b','
                | b':'
                | b'_'
                | b'"'
                | b'#' => out.push(b),
                _ => out.extend_from_slice(format!("\\{b:03o}").as_bytes()),
            }
        }
        out.extend_from_slice(b"'\n");
    }
    out.extend_from_slice(format!("exit {status}\n").as_bytes());
    out
}
