//! Everything about a node that a change may touch and that taking back restores.

use crate::safe::{self, Place};
use crate::safe_trouble::{Result, Trouble, Why};
use rustix::fs::{self, FileType, Stat};
use rustix::io::Errno;
use sshwhy_world::{Acl, AclTag, Kind, Node};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

/// The largest file that is kept in a journal, in bytes.
pub const LIMIT: u64 = 64 << 20;
/// The extended attribute of an access ACL.
pub(crate) const ACL: &[u8] = b"system.posix_acl_access";
/// The ACL that new nodes in a directory get.
pub(crate) const DEFAULT_ACL: &[u8] = b"system.posix_acl_default";
/// SELinux's label.
pub(crate) const LABEL: &[u8] = b"security.selinux";
/// Cleared by the kernel when an owner changes.
const CAPABILITY: &[u8] = b"security.capability";
/// Signatures over the content: those of old bytes are wrong on new ones.
const MEASURED: [&[u8]; 2] = [b"security.ima", b"security.evm"];

/// Seconds and nanoseconds since the epoch.
pub type Time = (i64, i64);

/// What lies at a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Absent,
    /// A node.
    There(Box<Full>),
}

/// A node, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Full {
    /// What it is, and what it holds.
    pub body: Body,
    /// The low twelve bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of names; not restored, and not compared.
    pub links: u64,
    /// Last access.
    pub atime: Time,
    /// Last change of the content.
    pub mtime: Time,
    /// Extended attributes, sorted by name; ACLs and labels are among them.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What a node is, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A regular file.
    File(Rc<Vec<u8>>),
    /// A directory.
    Dir,
    /// A symbolic link.
    Link(Vec<u8>),
    /// A FIFO, socket or device: file type bits and device number.
    Special(u32, u64),
}

/// A handle on a node, and what it was when it was looked at.
pub(crate) struct Seen {
    pub(crate) fd: OwnedFd,
    /// For reading; of files and directories that we may read.
    pub(crate) open: Option<OwnedFd>,
    pub(crate) stat: Stat,
}

impl State {
    /// The node, if there is one.
    #[must_use]
    pub fn there(&self) -> Option<&Full> {
        match self {
            State::Absent => None,
            State::There(full) => Some(full),
        }
    }

    /// The same to everybody who looks: all but times, number of names and the SELinux label.
    #[must_use]
    pub fn same(&self, other: &State) -> bool {
        match (self, other) {
            (State::Absent, State::Absent) => true,
            (State::There(a), State::There(b)) => {
                a.body == b.body && a.meta_difference(b).is_none()
            }
            _ => false,
        }
    }

    /// How two states differ, for a message.
    #[must_use]
    pub fn difference(&self, found: &State) -> Option<String> {
        match (self, found) {
            (State::Absent, State::Absent) => None,
            (State::Absent, State::There(_)) => {
                Some("something lies there now where nothing was".to_owned())
            }
            (State::There(_), State::Absent) => Some("it is gone".to_owned()),
            (State::There(a), State::There(b)) => match (&a.body, &b.body) {
                (x, y) if x == y => a.meta_difference(b),
                (Body::File(_), Body::File(_)) => Some("its content is another now".to_owned()),
                (Body::Link(_), Body::Link(_)) => Some("it leads elsewhere now".to_owned()),
                _ => Some("it is of another kind now".to_owned()),
            },
        }
    }
}

impl Full {
    fn meta_difference(&self, b: &Full) -> Option<String> {
        if self.mode != b.mode && !matches!(self.body, Body::Link(_)) {
            return Some(format!("its mode is {:04o}, not {:04o}", b.mode, self.mode));
        }
        if (self.uid, self.gid) != (b.uid, b.gid) {
            return Some(format!(
                "it belongs to {}:{}, not {}:{}",
                b.uid, b.gid, self.uid, self.gid
            ));
        }
        let plain = |x: &Full| -> Vec<(Vec<u8>, Vec<u8>)> {
            let kept = x.xattrs.iter().filter(|(n, _)| compared(n));
            kept.cloned().collect()
        };
        (plain(self) != plain(b)).then(|| "its ACL or an attribute is another now".to_owned())
    }

    /// An attribute's value.
    #[must_use]
    pub fn xattr(&self, name: &[u8]) -> Option<&[u8]> {
        let found = self.xattrs.iter().find(|(n, _)| n == name);
        found.map(|(_, v)| v.as_slice())
    }

    pub(crate) fn set_xattr(&mut self, name: &[u8], value: Option<Vec<u8>>) {
        self.xattrs.retain(|(n, _)| n != name);
        if let Some(value) = value {
            self.xattrs.push((name.to_vec(), value));
            self.xattrs.sort();
        }
    }

    /// What chmod(2) makes of it: with an ACL, the group bits are its mask.
    pub(crate) fn chmod(&mut self, mode: u32) {
        self.mode = mode & 0o7777;
        let Some(mut acl) = self.xattr(ACL).map(<[u8]>::to_vec) else {
            return;
        };
        let masked = Acl::from_xattr(&acl).is_some_and(|a| a.mask().is_some());
        for entry in acl.get_mut(4..).unwrap_or_default().chunks_exact_mut(8) {
            let shift = match entry.first() {
                Some(0x01) => 6,
                Some(0x04) if !masked => 3,
                Some(0x10) => 3,
                Some(0x20) => 0,
                _ => continue,
            };
            if let Some(perm) = entry.get_mut(2) {
                *perm = u8::try_from(mode >> shift & 7).unwrap_or(0);
            }
        }
        self.set_xattr(ACL, Some(acl));
    }

    /// What chown(2) makes of it: of anything but a directory set-id bits go, and capabilities.
    pub(crate) fn chown(&mut self, uid: u32, gid: u32) {
        (self.uid, self.gid) = (uid, gid);
        if matches!(self.body, Body::File(_)) {
            self.mode &= !0o4000;
            if self.mode & 0o010 != 0 {
                self.mode &= !0o2000;
            }
            self.set_xattr(CAPABILITY, None);
        }
    }

    /// What setting or removing the ACL makes of it: its mask becomes the group bits.
    pub(crate) fn set_acl(&mut self, raw: Option<Vec<u8>>) {
        if let Some(acl) = raw.as_deref().and_then(Acl::from_xattr) {
            let perm = |tag| acl.entries.iter().find(|e| e.tag == tag).map(|e| e.perm);
            let group = acl.mask().or_else(|| perm(AclTag::GroupObj));
            for (bits, shift) in [
                (perm(AclTag::UserObj), 6),
                (group, 3),
                (perm(AclTag::Other), 0),
            ] {
                if let Some(bits) = bits {
                    self.mode = self.mode & !(7 << shift) | u32::from(bits) << shift;
                }
            }
            // Three entries say nothing that the mode does not: the kernel keeps none.
            if acl.entries.len() == 3 && acl.mask().is_none() {
                return self.set_xattr(ACL, None);
            }
        }
        self.set_xattr(ACL, raw);
    }

    /// The attributes that other bytes keep.
    pub(crate) fn keep_for_new_bytes(&mut self) {
        self.xattrs
            .retain(|(n, _)| !MEASURED.contains(&n.as_slice()));
    }

    /// Whether it is as the plan saw it; how it differs.
    pub(crate) fn differs_from(&self, node: &Node) -> Option<String> {
        let same_kind = match (&self.body, &node.kind) {
            (Body::File(_), Kind::File) | (Body::Dir, Kind::Dir) => true,
            (Body::Link(now), Kind::Link(then)) => now == then,
            (Body::Special(kind, _), then) => {
                let then = match then {
                    Kind::Fifo => FileType::Fifo,
                    Kind::Socket => FileType::Socket,
                    Kind::CharDevice => FileType::CharacterDevice,
                    Kind::BlockDevice => FileType::BlockDevice,
                    _ => FileType::Unknown,
                };
                FileType::from_raw_mode(*kind) == then
            }
            _ => false,
        };
        if !same_kind {
            return Some("it is of another kind now, or leads elsewhere".to_owned());
        }
        if !matches!(self.body, Body::Link(_)) && self.mode != node.mode {
            let (now, then) = (self.mode, node.mode);
            return Some(format!("its mode is {now:04o}, not {then:04o}"));
        }
        if (self.uid, self.gid) != (node.uid, node.gid) {
            return Some(format!(
                "it belongs to {}:{}, not {}:{}",
                self.uid, self.gid, node.uid, node.gid
            ));
        }
        if matches!(self.body, Body::File(_)) && self.links != node.links {
            return Some(format!("it has {} names, not {}", self.links, node.links));
        }
        let acl = self.xattr(ACL).and_then(Acl::from_xattr);
        let entries = |a: &Option<Acl>| a.as_ref().map(|a| a.entries.clone()).unwrap_or_default();
        (entries(&acl) != entries(&node.acl)).then(|| "its ACL is another now".to_owned())
    }
}

/// Labels are the policy's business, and signatures the kernel's.
fn compared(name: &[u8]) -> bool {
    name != LABEL && !MEASURED.contains(&name)
}

/// The raw form of an ACL.
pub(crate) fn acl_bytes(acl: &Acl) -> Vec<u8> {
    let mut raw = 2u32.to_le_bytes().to_vec();
    for e in &acl.entries {
        let (tag, id) = match e.tag {
            AclTag::UserObj => (0x01u16, u32::MAX),
            AclTag::User(id) => (0x02, id),
            AclTag::GroupObj => (0x04, u32::MAX),
            AclTag::Group(id) => (0x08, id),
            AclTag::Mask => (0x10, u32::MAX),
            AclTag::Other => (0x20, u32::MAX),
        };
        raw.extend_from_slice(&tag.to_le_bytes());
        raw.extend_from_slice(&u16::from(e.perm).to_le_bytes());
        raw.extend_from_slice(&id.to_le_bytes());
    }
    raw
}

fn reading<'a>(path: &'a [u8], doing: &'static str) -> impl Fn(Errno) -> Trouble + 'a {
    move |e| match e {
        Errno::STALE => Trouble::changed(path, "it was replaced while it was looked at"),
        e => Trouble::os(path, doing, e),
    }
}

impl Place {
    /// A handle on what lies there.
    pub(crate) fn seen(&self) -> Result<Option<Seen>> {
        let fd = match safe::handle(self.at(), &self.name) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(e) => return Err(Trouble::os(&self.path, "look at", e)),
        };
        let stat = fs::fstat(&fd).map_err(reading(&self.path, "look at"))?;
        let open = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile | FileType::Directory => {
                match safe::open_same(self.at(), &self.name, &fd) {
                    Ok(open) => Some(open),
                    // Its owner may still change the mode of it.
                    Err(Errno::ACCESS) => None,
                    Err(e) => return Err(reading(&self.path, "read")(e)),
                }
            }
            _ => None,
        };
        Ok(Some(Seen { fd, open, stat }))
    }

    /// Everything that lies there.
    ///
    /// # Errors
    /// It may not be read, is too large, or changes while it is read.
    pub fn look(&self) -> Result<State> {
        Ok(self.look_with()?.0)
    }

    pub(crate) fn look_with(&self) -> Result<(State, Option<Seen>)> {
        let Some(seen) = self.seen()? else {
            return Ok((State::Absent, None));
        };
        let path = &self.path;
        let st = &seen.stat;
        let body = match FileType::from_raw_mode(st.st_mode) {
            FileType::RegularFile => Body::File(Rc::new(match &seen.open {
                Some(open) => content(open, path)?,
                None => return Err(Trouble::os(path, "read", Errno::ACCESS)),
            })),
            FileType::Directory => Body::Dir,
            FileType::Symlink => {
                let target = fs::readlinkat(&seen.fd, "", Vec::new());
                Body::Link(target.map_err(reading(path, "read the link"))?.into_bytes())
            }
            FileType::Unknown => return Err(Trouble::new(path, "look at", Why::Kind)),
            _ => Body::Special(st.st_mode & 0o170_000, st.st_rdev),
        };
        let xattrs = match body {
            Body::File(_) | Body::Dir => attributes(&seen, path)?,
            _ => Vec::new(),
        };
        let full = Full {
            body,
            mode: st.st_mode & 0o7777,
            uid: st.st_uid,
            gid: st.st_gid,
            #[allow(clippy::useless_conversion, reason = "32 bits wide elsewhere")]
            links: st.st_nlink.into(),
            atime: (st.st_atime, wide(st.st_atime_nsec)),
            mtime: (st.st_mtime, wide(st.st_mtime_nsec)),
            xattrs,
        };
        Ok((State::There(Box::new(full)), Some(seen)))
    }
}

pub(crate) fn wide(nanoseconds: impl TryInto<i64>) -> i64 {
    nanoseconds.try_into().unwrap_or(0)
}

/// The bytes of a file, up to [`LIMIT`].
fn content(file: &OwnedFd, path: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match rustix::io::pread(file, &mut chunk[..], bytes.len() as u64) {
            Ok(0) => return Ok(bytes),
            Ok(n) => bytes.extend_from_slice(chunk.get(..n).unwrap_or_default()),
            Err(Errno::INTR) => {}
            Err(e) => return Err(Trouble::os(path, "read", e)),
        }
        if bytes.len() as u64 > LIMIT {
            let size = fs::fstat(file).map_or(LIMIT, |s| u64::try_from(s.st_size).unwrap_or(0));
            return Err(Trouble::new(path, "keep", Why::Large(size)));
        }
    }
}

/// The extended attributes of a file or directory.
fn attributes(seen: &Seen, path: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let by_name = safe::by_proc(&seen.fd);
    let list = |room: &mut [u8]| match &seen.open {
        Some(open) => fs::flistxattr(open.as_fd(), room),
        None => fs::listxattr(by_name.as_str(), room),
    };
    let get = |name: &[u8], room: &mut [u8]| match &seen.open {
        Some(open) => fs::fgetxattr(open.as_fd(), name, room),
        None => fs::getxattr(by_name.as_str(), name, room),
    };
    // XATTR_LIST_MAX and XATTR_SIZE_MAX of Linux.
    let mut room = vec![0; 65536];
    let size = match list(&mut room) {
        Ok(size) => size,
        Err(Errno::NOTSUP) => return Ok(Vec::new()),
        Err(e) => return Err(Trouble::os(path, "read the attributes of", e)),
    };
    let names = room.get(..size).unwrap_or_default().to_vec();
    let mut out = Vec::new();
    for name in names.split(|&b| b == 0).filter(|n| !n.is_empty()) {
        match get(name, &mut room) {
            Ok(n) => out.push((name.to_vec(), room.get(..n).unwrap_or_default().to_vec())),
            // Gone meanwhile, or not for us to see.
            Err(Errno::NODATA | Errno::ACCESS | Errno::PERM | Errno::NOTSUP) => {}
            Err(e) => return Err(Trouble::os(path, "read the attributes of", e)),
        }
    }
    out.sort();
    Ok(out)
}

/// When the entries of a directory last changed.
pub(crate) fn mtime_of(dir: impl AsFd) -> rustix::io::Result<Time> {
    let st = fs::fstat(dir)?;
    Ok((st.st_mtime, wide(st.st_mtime_nsec)))
}
