//! The file tree of this machine or of a mounted disk.
//!
//! **Invariant:** nothing here follows a link out of the tree, opens anything but regular files
//! and directories, or opens a file for writing.

use crate::rights;
use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, StatxFlags};
use rustix::io::Errno as Os;
use sshwhy_world::{Acl, Cred, Errno, Fact, Gap, Kind, Node, Reader, resolve};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::rc::Rc;

/// Files up to this size are read once and kept.
const KEEP: u64 = 1 << 20;
/// All kept files together.
const KEEP_ALL: u64 = 64 << 20;
/// Chunk size for larger files.
const CHUNK: usize = 512 * 1024;
/// How much a file may grow while it is read.
const GROWTH: u64 = 64 << 20;
/// Entries of one directory that are listed.
const MAX_NAMES: usize = 1 << 20;

const AS_ROOT: &str = "run the audit as root";

/// A node and its identity.
#[derive(Clone, Debug)]
struct Seen {
    node: Node,
    dev: u64,
    ino: u64,
}

/// Whose rights an answer about a file is for.
type Who = Option<(u32, u32, Vec<u32>)>;

/// A fact about a file that the kernel may also refuse.
type Answer<T> = Fact<Result<T, Errno>>;

/// Answers that were given.
type Kept<K, T> = RefCell<HashMap<K, Answer<T>>>;

/// A file that was opened: its handle, device, inode and size.
type Opened = (OwnedFd, u64, u64, u64);

/// The tree, and what is already known of it.
pub(crate) struct Tree {
    base: OwnedFd,
    /// Whether we run as root and so see everything.
    pub(crate) privileged: bool,
    euid: u32,
    labels: Cell<bool>,
    nodes: Kept<Vec<u8>, Seen>,
    lists: Kept<Vec<u8>, Vec<Vec<u8>>>,
    contents: RefCell<HashMap<Vec<u8>, Rc<Vec<u8>>>>,
    kept: Cell<u64>,
    opens: Kept<(Vec<u8>, Who), ()>,
    /// How often each file's content was fetched from the disk.
    pub(crate) fetched: RefCell<HashMap<Vec<u8>, u32>>,
}

/// The world's name for an error of the kernel.
pub(crate) fn errno(e: Os) -> Errno {
    match e {
        Os::NOENT => Errno::NotFound,
        Os::ACCESS | Os::PERM => Errno::Denied,
        Os::NOTDIR => Errno::NotDir,
        Os::ISDIR => Errno::IsDir,
        Os::LOOP => Errno::Loop,
        Os::NAMETOOLONG => Errno::NameTooLong,
        // A name with a NUL cannot exist.
        Os::INVAL => Errno::NotFound,
        other => Errno::Other(other.raw_os_error()),
    }
}

/// A path for a message.
pub(crate) fn show(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

fn relative(path: &[u8]) -> &[u8] {
    let start = path.iter().position(|&b| b != b'/').unwrap_or(path.len());
    match path.get(start..) {
        Some(rest) if !rest.is_empty() => rest,
        _ => b".",
    }
}

/// A handle on what lies at `path` below `base`, itself not followed if it is a link; no
/// component before it may be one.
fn handle(base: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Os> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let how = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
    match fs::openat2(base, relative(path), flags, Mode::empty(), how) {
        // Before Linux 5.6, or hidden by a seccomp filter.
        Err(Os::NOSYS | Os::PERM) => walk(base, path, flags),
        other => other,
    }
}

/// The same, one component after the other.
fn walk(base: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Os> {
    let step = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut here: Option<OwnedFd> = None;
    let mut names = path
        .split(|&b| b == b'/')
        .filter(|n| !n.is_empty())
        .peekable();
    if names.peek().is_none() {
        return fs::openat(base, ".", flags, Mode::empty());
    }
    while let Some(name) = names.next() {
        if name == b".." || name == b"." {
            return Err(Os::INVAL);
        }
        let flags = if names.peek().is_some() { step } else { flags };
        let at = here.as_ref().map_or(base, |fd| fd.as_fd());
        here = Some(fs::openat(at, name, flags, Mode::empty())?);
    }
    here.ok_or(Os::NOENT)
}

/// Opens the regular file at `path` for reading, and nothing else: a FIFO, a device or a socket is
/// seen before it is opened.
fn open_regular(
    base: BorrowedFd<'_>,
    path: &[u8],
    quiet: bool,
) -> Result<Result<Opened, Os>, Errno> {
    let found = match handle(base, path, OFlags::PATH) {
        Ok(found) => found,
        Err(e) => return Ok(Err(e)),
    };
    let before = match fs::fstat(&found) {
        Ok(st) => st,
        Err(e) => return Ok(Err(e)),
    };
    if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
        return Err(Errno::NotRegular);
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let again = format!("/proc/self/fd/{}", found.as_raw_fd());
    let open = |flags| match fs::open(&again, flags, Mode::empty()) {
        // Without /proc: by name, and a look at what was opened.
        Err(Os::NOENT) => handle(base, path, flags),
        other => other,
    };
    // Root leaves no access time behind.
    let opened = match quiet.then(|| open(flags | OFlags::NOATIME)) {
        Some(Ok(fd)) => Ok(fd),
        _ => open(flags),
    };
    let opened = match opened {
        Ok(fd) => fd,
        Err(e) => return Ok(Err(e)),
    };
    match fs::fstat(&opened) {
        Ok(st) if (st.st_dev, st.st_ino) == (before.st_dev, before.st_ino) => {
            let size = u64::try_from(st.st_size).unwrap_or(0);
            Ok(Ok((opened, st.st_dev, st.st_ino, size)))
        }
        Ok(_) => Ok(Err(Os::STALE)),
        Err(e) => Ok(Err(e)),
    }
}

impl Tree {
    /// The tree below `root`.
    pub(crate) fn new(root: &Path) -> Result<Tree, Os> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let base = fs::openat(CWD, root, flags, Mode::empty())?;
        let euid = rustix::process::geteuid().as_raw();
        Ok(Tree {
            base,
            privileged: euid == 0,
            euid,
            labels: Cell::new(false),
            nodes: RefCell::default(),
            lists: RefCell::default(),
            contents: RefCell::default(),
            kept: Cell::new(0),
            opens: RefCell::default(),
            fetched: RefCell::default(),
        })
    }

    /// From now on nodes carry their SELinux labels.
    pub(crate) fn want_labels(&self) {
        if !self.labels.replace(true) {
            self.nodes.borrow_mut().clear();
        }
    }

    fn gap(&self, what: &str, path: &[u8], e: Errno) -> Gap {
        let what = format!("{what} {}", show(path));
        if self.privileged {
            Gap::could_not(what, e.text(), "")
        } else {
            Gap::could_not(what, "this user may not look there", AS_ROOT)
        }
    }

    fn see(&self, path: &[u8]) -> Fact<Result<Seen, Errno>> {
        if let Some(known) = self.nodes.borrow().get(path) {
            return known.clone();
        }
        let fact = self.see_now(path);
        self.nodes.borrow_mut().insert(path.to_vec(), fact.clone());
        fact
    }

    fn see_now(&self, path: &[u8]) -> Fact<Result<Seen, Errno>> {
        let base = self.base.as_fd();
        let labels = self.labels.get();
        let mut got = look(base, path, labels);
        if got.as_ref().err() == Some(&Os::ACCESS) && self.privileged {
            // Root squashed by NFS: the owner of the directory may see what root may not.
            let up = resolve::parent(path);
            if up != path
                && let Fact::Known(Ok(dir)) = self.see(up)
                && dir.node.uid != 0
            {
                let cred = Cred {
                    uid: dir.node.uid,
                    gid: dir.node.gid,
                    groups: Vec::new(),
                };
                if let Ok(answer) = rights::with(&cred, || look(base, path, labels)) {
                    got = answer;
                }
            }
        }
        match got {
            Ok(seen) => Fact::Known(Ok(seen)),
            Err(e) => match errno(e) {
                Errno::Denied if !self.privileged => {
                    Fact::Unknown(self.gap("what lies at", path, Errno::Denied))
                }
                e => Fact::Known(Err(e)),
            },
        }
    }

    /// lstat(2)
    pub(crate) fn lstat(&self, path: &[u8]) -> Fact<Result<Node, Errno>> {
        self.see(path).map(|r| r.map(|seen| seen.node))
    }

    /// Whether something lies at `path`, links followed.
    pub(crate) fn exists(&self, path: &[u8]) -> bool {
        self.real(path).is_some()
    }

    /// readdir(3)
    pub(crate) fn list(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>> {
        if let Some(known) = self.lists.borrow().get(path) {
            return known.clone();
        }
        let fact = self.list_now(path);
        self.lists.borrow_mut().insert(path.to_vec(), fact.clone());
        fact
    }

    fn list_now(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>> {
        let failed = |e| match errno(e) {
            Errno::Denied if !self.privileged => {
                Fact::Unknown(self.gap("the names in", path, Errno::Denied))
            }
            e => Fact::Known(Err(e)),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK;
        let quiet = flags | OFlags::NOATIME;
        let open = |flags| handle(self.base.as_fd(), path, flags);
        let opened = match self.privileged.then(|| open(quiet)) {
            Some(Ok(fd)) => Ok(fd),
            _ => open(flags),
        };
        let dir = match opened.and_then(fs::Dir::new) {
            Ok(dir) => dir,
            Err(Os::LOOP) => return Fact::Known(Err(Errno::NotDir)),
            Err(e) => return failed(e),
        };
        let mut names = Vec::new();
        for entry in dir {
            match entry {
                Ok(entry) => match entry.file_name().to_bytes() {
                    b"." | b".." => {}
                    _ if names.len() >= MAX_NAMES => {
                        return Fact::Unknown(Gap::could_not(
                            format!("the names in {}", show(path)),
                            "the directory has more than a million entries",
                            "",
                        ));
                    }
                    name => names.push(name.to_vec()),
                },
                Err(e) => return failed(e),
            }
        }
        Fact::Known(Ok(names))
    }

    /// Opens and reads with the reader's rights.
    pub(crate) fn read(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>> {
        let who: Who = match reader {
            Reader::User(c) if c.uid != 0 => Some((c.uid, c.gid, c.groups.clone())),
            _ => None,
        };
        let key = (path.to_vec(), who);
        let known = self.opens.borrow().get(&key).cloned();
        match known {
            Some(Fact::Known(Ok(()))) => {
                let content = self.contents.borrow().get(path).cloned();
                if let Some(content) = content {
                    if !content.is_empty() {
                        sink(&content);
                    }
                    return Fact::Known(Ok(()));
                }
            }
            Some(refused) => return refused,
            None => {}
        }
        let opened = self.open(path, reader);
        let fact = match &opened {
            Fact::Known(r) => Fact::Known(r.as_ref().map(|_| ()).map_err(|e| *e)),
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        };
        self.opens.borrow_mut().insert(key, fact.clone());
        match opened {
            Fact::Known(Ok((fd, size))) => self.pump(path, &fd, size, sink),
            _ => fact,
        }
    }

    /// The regular file at `path`, where the reader may open it.
    pub(crate) fn opened(&self, path: &[u8], reader: Reader<'_>) -> Option<std::fs::File> {
        match self.open(path, reader) {
            Fact::Known(Ok((fd, _))) => Some(fd.into()),
            _ => None,
        }
    }

    fn open(&self, path: &[u8], reader: Reader<'_>) -> Answer<(OwnedFd, u64)> {
        let base = self.base.as_fd();
        let answer = match reader {
            Reader::User(cred) if self.privileged && cred.uid != 0 => {
                match rights::with(cred, || open_regular(base, path, false)) {
                    Ok(answer) => answer,
                    Err(e) => {
                        return Fact::Unknown(Gap::could_not(
                            format!("whether uid {} may read {}", cred.uid, show(path)),
                            format!("taking on that uid failed: {e}"),
                            "run the audit as root of the machine itself, not in a container",
                        ));
                    }
                }
            }
            Reader::User(cred) if cred.uid != self.euid => {
                // We cannot be that user; the modes tell what the kernel would say to it.
                match self.lstat(path) {
                    Fact::Known(Ok(node)) if node.is_file() => {
                        if !cred.may(&node, sshwhy_world::access::READ) {
                            return Fact::Known(Err(Errno::Denied));
                        }
                    }
                    Fact::Known(Ok(_)) => return Fact::Known(Err(Errno::NotRegular)),
                    Fact::Known(Err(e)) => return Fact::Known(Err(e)),
                    Fact::Unknown(gap) => return Fact::Unknown(gap),
                }
                open_regular(base, path, false)
            }
            _ => open_regular(base, path, self.privileged),
        };
        let changed = || {
            Fact::Unknown(Gap::could_not(
                format!("the content of {}", show(path)),
                "the file was replaced while it was looked at",
                "run the audit again",
            ))
        };
        match answer {
            Err(e) => Fact::Known(Err(e)),
            Ok(Err(Os::STALE)) => changed(),
            Ok(Err(e)) => match errno(e) {
                Errno::Denied if !self.privileged && !self.is_me(reader) => {
                    Fact::Unknown(self.gap("the content of", path, Errno::Denied))
                }
                e => Fact::Known(Err(e)),
            },
            Ok(Ok((fd, dev, ino, size))) => {
                if let Some(Fact::Known(Ok(seen))) = self.nodes.borrow().get(path)
                    && (seen.dev, seen.ino) != (dev, ino)
                {
                    return changed();
                }
                Fact::Known(Ok((fd, size)))
            }
        }
    }

    fn is_me(&self, reader: Reader<'_>) -> bool {
        matches!(reader, Reader::User(cred) if cred.uid == self.euid)
    }

    fn pump(
        &self,
        path: &[u8],
        fd: &OwnedFd,
        size: u64,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>> {
        // Another reader has fetched it already, and this one may open it too.
        let kept = self.contents.borrow().get(path).cloned();
        if let Some(content) = kept {
            if !content.is_empty() {
                sink(&content);
            }
            return Fact::Known(Ok(()));
        }
        *self.fetched.borrow_mut().entry(path.to_vec()).or_default() += 1;
        if size <= KEEP && self.kept.get() < KEEP_ALL {
            let hint = usize::try_from(size).unwrap_or(0);
            let mut whole = vec![0; hint + 1];
            let mut len = 0;
            // One byte more than the size, so that the end is seen without another call.
            let fits = loop {
                match rustix::io::read(fd, &mut whole[len..]) {
                    Ok(0) => break true,
                    Ok(n) => len += n,
                    Err(Os::INTR) => {}
                    Err(e) => return Fact::Known(Err(errno(e))),
                }
                if len == whole.len() {
                    if len as u64 > KEEP {
                        break false;
                    }
                    whole.resize(len * 2 + 4096, 0);
                }
            };
            whole.truncate(len);
            if fits {
                self.kept.set(self.kept.get() + len as u64);
                let content = Rc::new(whole);
                self.contents
                    .borrow_mut()
                    .insert(path.to_vec(), content.clone());
                if !content.is_empty() {
                    sink(&content);
                }
                return Fact::Known(Ok(()));
            }
            if !sink(&whole) {
                return Fact::Known(Ok(()));
            }
        }
        let _ = fs::fadvise(fd, 0, None, fs::Advice::Sequential);
        let mut chunk = vec![0; CHUNK];
        let mut total = 0u64;
        loop {
            match rustix::io::read(fd, &mut chunk[..]) {
                Ok(0) => return Fact::Known(Ok(())),
                Ok(n) => {
                    total += n as u64;
                    if !sink(&chunk[..n]) {
                        return Fact::Known(Ok(()));
                    }
                }
                Err(Os::INTR) => {}
                Err(e) => return Fact::Known(Err(errno(e))),
            }
            if total > size.saturating_add(GROWTH) {
                return Fact::Unknown(Gap::could_not(
                    format!("the end of {}", show(path)),
                    "the file grows while it is read",
                    "",
                ));
            }
        }
    }

    /// The path without links, followed inside the tree. `None`: it leads nowhere that we see.
    pub(crate) fn real(&self, path: &[u8]) -> Option<Vec<u8>> {
        let mut todo: Vec<Vec<u8>> = split(path);
        let mut here = b"/".to_vec();
        let mut links = 0;
        while let Some(name) = todo.pop() {
            if name == b".." {
                here = resolve::parent(&here).to_vec();
                continue;
            }
            let next = resolve::join(&here, &name);
            let Fact::Known(Ok(node)) = self.lstat(&next) else {
                return None;
            };
            match node.kind {
                Kind::Link(target) => {
                    links += 1;
                    if links > resolve::MAX_LINKS {
                        return None;
                    }
                    if target.first() == Some(&b'/') {
                        here = b"/".to_vec();
                    }
                    todo.extend(split(&target));
                }
                Kind::Dir => here = next,
                _ => {
                    if !todo.is_empty() {
                        return None;
                    }
                    here = next;
                }
            }
        }
        Some(here)
    }

    /// A system file, links followed inside the tree, with our own rights.
    pub(crate) fn system_file(&self, path: &[u8], limit: usize) -> Option<Rc<Vec<u8>>> {
        let real = self.real(path)?;
        let mut out = Vec::new();
        let answer = self.read(&real, Reader::Root, &mut |chunk| {
            // A small file is kept already; what the callback sees is the whole of it.
            if self.contents.borrow().contains_key(&real) {
                return false;
            }
            let room = limit.saturating_sub(out.len()).min(chunk.len());
            out.extend_from_slice(&chunk[..room]);
            room == chunk.len()
        });
        if !matches!(answer, Fact::Known(Ok(()))) {
            return None;
        }
        let kept = self.contents.borrow().get(&real).cloned();
        Some(kept.unwrap_or_else(|| Rc::new(out)))
    }

    /// The same, but nothing of it stays in memory: for password hashes.
    pub(crate) fn secret_file(
        &self,
        path: &[u8],
        limit: usize,
    ) -> Fact<Result<zeroize::Zeroizing<Vec<u8>>, Errno>> {
        let real = self.real(path).unwrap_or_else(|| path.to_vec());
        let (fd, size) = match self.open(&real, Reader::Root) {
            Fact::Known(Ok(opened)) => opened,
            Fact::Known(Err(e)) => return Fact::Known(Err(e)),
            Fact::Unknown(gap) => return Fact::Unknown(gap),
        };
        // Room for all at once: growing would leave copies behind.
        let room = usize::try_from(size).unwrap_or(limit).min(limit) + 4096;
        let mut out = zeroize::Zeroizing::new(vec![0; room]);
        let mut len = 0;
        while len < room {
            match rustix::io::read(&fd, &mut out[len..]) {
                Ok(0) => break,
                Ok(n) => len += n,
                Err(Os::INTR) => {}
                Err(e) => return Fact::Known(Err(errno(e))),
            }
        }
        out.truncate(len);
        Fact::Known(Ok(out))
    }

    /// The last `limit` bytes of a file, from the start of a line.
    pub(crate) fn tail(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        limit: usize,
    ) -> Fact<Result<Vec<u8>, Errno>> {
        let (fd, size) = match self.open(path, reader) {
            Fact::Known(Ok(opened)) => opened,
            Fact::Known(Err(e)) => return Fact::Known(Err(e)),
            Fact::Unknown(gap) => return Fact::Unknown(gap),
        };
        let mut at = size.saturating_sub(limit as u64);
        let cut = at > 0;
        let mut out = vec![0; usize::try_from(size - at).unwrap_or(limit)];
        let mut len = 0;
        while len < out.len() {
            match rustix::io::pread(&fd, &mut out[len..], at) {
                Ok(0) => break,
                Ok(n) => {
                    len += n;
                    at += n as u64;
                }
                Err(Os::INTR) => {}
                Err(e) => return Fact::Known(Err(errno(e))),
            }
        }
        out.truncate(len);
        if cut {
            let start = out.iter().position(|&b| b == b'\n').map_or(len, |i| i + 1);
            out.drain(..start);
        }
        Fact::Known(Ok(out))
    }

    /// The names in a directory, links to it followed; none if it cannot be listed.
    pub(crate) fn names(&self, path: &[u8]) -> Vec<Vec<u8>> {
        let Some(real) = self.real(path) else {
            return Vec::new();
        };
        match self.list(&real) {
            Fact::Known(Ok(names)) => names,
            _ => Vec::new(),
        }
    }
}

/// Components, last first.
fn split(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|&b| b == b'/')
        .filter(|c| !c.is_empty() && *c != b".")
        .map(<[u8]>::to_vec)
        .rev()
        .collect()
}

/// Looks at one node.
fn look(base: BorrowedFd<'_>, path: &[u8], labels: bool) -> Result<Seen, Os> {
    let fd = handle(base, path, OFlags::PATH)?;
    let st = fs::fstat(&fd)?;
    let kind = match FileType::from_raw_mode(st.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Dir,
        FileType::Symlink => Kind::Link(fs::readlinkat(&fd, "", Vec::new())?.into_bytes()),
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        FileType::CharacterDevice => Kind::CharDevice,
        _ => Kind::BlockDevice,
    };
    let (mut acl, mut label) = (None, None);
    if matches!(kind, Kind::File | Kind::Dir) {
        let mut room = [0u8; 1024];
        let of = Attributes {
            base,
            path,
            name: format!("/proc/self/fd/{}", fd.as_raw_fd()),
            identity: (st.st_dev as u64, st.st_ino as u64),
        };
        acl = of
            .get(c"system.posix_acl_access", &mut room)
            .and_then(|v| Acl::from_xattr(&v));
        if labels {
            label = of.get(c"security.selinux", &mut room).map(|mut v| {
                while v.last() == Some(&0) {
                    v.pop();
                }
                v
            });
        }
    }
    let mount_point = kind == Kind::Dir
        && fs::statx(&fd, "", AtFlags::EMPTY_PATH, StatxFlags::TYPE)
            .is_ok_and(|x| x.stx_attributes.contains(fs::StatxAttributes::MOUNT_ROOT));
    let node = Node {
        kind,
        mode: st.st_mode & 0o7777,
        uid: st.st_uid,
        gid: st.st_gid,
        size: u64::try_from(st.st_size).unwrap_or(0),
        links: st.st_nlink as u64,
        mtime: st.st_mtime as i64,
        acl,
        label,
        mount_point,
    };
    Ok(Seen {
        node,
        dev: st.st_dev as u64,
        ino: st.st_ino as u64,
    })
}

/// The node behind a handle that was opened with O_PATH, which serves no attributes itself.
struct Attributes<'a> {
    base: BorrowedFd<'a>,
    path: &'a [u8],
    /// The handle's name in /proc.
    name: String,
    identity: (u64, u64),
}

impl Attributes<'_> {
    fn value(&self, name: &std::ffi::CStr, room: &mut [u8]) -> Result<usize, Os> {
        match fs::getxattr(&self.name, name, &mut *room) {
            // Without /proc: the node itself, opened again.
            Err(Os::NOENT) => {
                let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
                let fd = handle(self.base, self.path, flags)?;
                let st = fs::fstat(&fd)?;
                if (st.st_dev as u64, st.st_ino as u64) != self.identity {
                    return Err(Os::STALE);
                }
                fs::fgetxattr(&fd, name, room)
            }
            other => other,
        }
    }

    /// An attribute; `None` if there is none.
    fn get(&self, name: &std::ffi::CStr, room: &mut [u8]) -> Option<Vec<u8>> {
        match self.value(name, room) {
            Ok(n) => room.get(..n).map(<[u8]>::to_vec),
            // The kernel's own limit of a value.
            Err(Os::RANGE) => {
                let mut large = vec![0; 65536];
                let n = self.value(name, &mut large).ok()?;
                large.truncate(n);
                Some(large)
            }
            Err(_) => None,
        }
    }
}
