//! Ways into the file tree that cannot be raced or led away.
//!
//! Every path is walked from the root directory, one component after the other, by handles. No
//! link is followed. Each directory on the way belongs to root or to the account that is mended:
//! one that belongs to anybody else is not descended.
//!
//! **Invariant:** nothing is changed through a path. What is changed is a handle that was looked
//! at, or a name in a directory whose handle was.

use crate::safe_trouble::{Result, Trouble, Why};
use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Links that are followed in one path: MAXSYMLINKS of Linux.
const MAX_LINKS: u32 = 40;

/// A tree, and whose parts of it are entered.
#[derive(Debug)]
pub struct Root {
    fd: OwnedFd,
    path: PathBuf,
    owners: Vec<u32>,
}

/// A name in a directory.
#[derive(Clone, Debug)]
pub struct Place {
    /// The directory.
    pub(crate) dir: Rc<OwnedFd>,
    /// The last component.
    pub(crate) name: Vec<u8>,
    /// The whole path, for messages.
    pub(crate) path: Vec<u8>,
}

/// The directory that a path lies in, and its last component.
pub(crate) fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = path.iter().rposition(|&b| b == b'/')?;
    let (dir, name) = (path.get(..at)?, path.get(at + 1..)?);
    let dir = if dir.is_empty() { b"/" } else { dir };
    (!name.is_empty() && name != b"." && name != b"..").then_some((dir, name))
}

/// A handle for looking alone.
pub(crate) fn handle(dir: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    fs::openat(dir, name, flags, Mode::empty())
}

/// Opens what the handle is of, which is a regular file or a directory, for reading, without a
/// trace in its access time where that is allowed. By name in `dir`, with a look at what was
/// opened: /proc is not needed.
pub(crate) fn open_same(
    dir: BorrowedFd<'_>,
    name: &[u8],
    of: &OwnedFd,
) -> rustix::io::Result<OwnedFd> {
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let opened = match fs::openat(dir, name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => fs::openat(dir, name, flags, Mode::empty()),
        other => other,
    }?;
    let (a, b) = (fs::fstat(of)?, fs::fstat(&opened)?);
    if (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino) {
        Ok(opened)
    } else {
        Err(Errno::STALE)
    }
}

/// The path by which /proc names a handle, for calls that take no `O_PATH` handle.
pub(crate) fn by_proc(fd: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", fd.as_raw_fd())
}

impl Root {
    /// The tree below `path`. Directories of root, of `accounts` and of whoever runs this are
    /// entered.
    ///
    /// # Errors
    /// `path` is no directory, or may not be looked at.
    pub fn open(path: &Path, accounts: &[u32]) -> Result<Root> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = fs::openat(CWD, path, flags, Mode::empty()).map_err(|e| {
            Trouble::os(
                path.as_os_str().as_encoded_bytes(),
                "open the root directory",
                e,
            )
        })?;
        let mut owners = vec![0, rustix::process::geteuid().as_raw()];
        owners.extend_from_slice(accounts);
        Ok(Root {
            fd,
            path: path.to_path_buf(),
            owners,
        })
    }

    /// Where the tree lies on this machine.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path of the tree as this machine names it, for programs that are run on it.
    #[must_use]
    pub fn outside(&self, path: &[u8]) -> PathBuf {
        use std::os::unix::ffi::OsStrExt;
        let start = path.iter().position(|&b| b != b'/').unwrap_or(path.len());
        let rest = path.get(start..).unwrap_or_default();
        self.path.join(std::ffi::OsStr::from_bytes(rest))
    }

    /// Whether something of this owner is entered and changed.
    #[must_use]
    pub fn trusts(&self, uid: u32) -> bool {
        self.owners.contains(&uid)
    }

    /// The directory at `path`. With `anybodys`, whoever owns those on the way: for looking.
    ///
    /// # Errors
    /// It is not there, a link lies on the way, or a directory of somebody else.
    pub fn dir(&self, path: &[u8], anybodys: bool) -> Result<OwnedFd> {
        let step = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let trouble = |at: &[u8], e| Trouble::os(at, "enter the directory", e);
        let mut here =
            fs::openat(&self.fd, ".", step, Mode::empty()).map_err(|e| trouble(b"/", e))?;
        let mut at = 0;
        for name in path.split(|&b| b == b'/') {
            let end = at + name.len();
            at = end + 1;
            if name.is_empty() {
                continue;
            }
            let so_far = path.get(..end).unwrap_or(path);
            if name == b"." || name == b".." {
                return Err(Trouble::link(so_far));
            }
            self.check(&here, so_far, anybodys)?;
            here = match fs::openat(&here, name, step, Mode::empty()) {
                Ok(next) => next,
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    let link = fs::statat(&here, name, AtFlags::SYMLINK_NOFOLLOW)
                        .is_ok_and(|s| FileType::from_raw_mode(s.st_mode) == FileType::Symlink);
                    return Err(if link {
                        Trouble::link(so_far)
                    } else {
                        trouble(so_far, Errno::NOTDIR)
                    });
                }
                Err(e) => return Err(trouble(so_far, e)),
            };
        }
        self.check(&here, path, anybodys)?;
        Ok(here)
    }

    fn check(&self, dir: &OwnedFd, path: &[u8], anybodys: bool) -> Result<()> {
        let st = fs::fstat(dir).map_err(|e| Trouble::os(path, "look at the directory", e))?;
        if anybodys || self.trusts(st.st_uid) {
            return Ok(());
        }
        let shown = split(path).map_or(path, |(dir, _)| dir);
        // The directory that was refused is `path` itself, or the one that it lies in.
        let itself = self.stat_of(path).is_some_and(|s| s.st_ino == st.st_ino);
        Err(Trouble::foreign(
            if itself { path } else { shown },
            st.st_uid,
        ))
    }

    fn stat_of(&self, path: &[u8]) -> Option<Stat> {
        let start = path.iter().position(|&b| b != b'/').unwrap_or(path.len());
        let rest = path.get(start..).filter(|p| !p.is_empty()).unwrap_or(b".");
        fs::statat(&self.fd, rest, AtFlags::SYMLINK_NOFOLLOW).ok()
    }

    /// The name at `path`, in its directory.
    ///
    /// # Errors
    /// As of [`Root::dir`]; and the path names no entry of a directory.
    pub fn place(&self, path: &[u8], anybodys: bool) -> Result<Place> {
        let (dir, name) = split(path)
            .filter(|_| path.starts_with(b"/"))
            .ok_or_else(|| Trouble::link(path))?;
        Ok(Place {
            dir: Rc::new(self.dir(dir, anybodys)?),
            name: name.to_vec(),
            path: path.to_vec(),
        })
    }

    /// The path without links: `path` with those links followed that nobody but root and the
    /// account can change. A link of the account itself leads only to what is the account's: root
    /// does nothing elsewhere on its word.
    ///
    /// # Errors
    /// A link that somebody else can change, or that leads into root's part of the tree.
    pub fn resolve(&self, path: &[u8]) -> Result<Vec<u8>> {
        self.follow(path, &mut |_, _| {})
    }

    /// Whether `name` leads to `path` or through it, by links that nobody but root and the account
    /// can change; by the account's own, into a directory of the account.
    ///
    /// # Errors
    /// It does not.
    pub fn leads(&self, name: &[u8], path: &[u8]) -> Result<()> {
        let mut found = None;
        self.follow(name, &mut |at, by| {
            if at == path {
                found = Some(by);
            }
        })?;
        let by = found.ok_or_else(|| Trouble::link(name))?;
        let mut dir = split(path).map_or(&b"/"[..], |(dir, _)| dir);
        // One that the run makes lies where the nearest that is there does.
        let near = loop {
            match self.dir(dir, false) {
                Err(t) if t.why == Why::Os(Errno::NOENT) => match split(dir) {
                    Some((up, _)) => dir = up,
                    None => return Err(t),
                },
                other => break other?,
            }
        };
        self.led(path.to_vec(), by, &near).map(|_| ())
    }

    fn follow(&self, path: &[u8], visit: &mut dyn FnMut(&[u8], Option<u32>)) -> Result<Vec<u8>> {
        let mut rest: Vec<Vec<u8>> = parts(path).rev().map(<[u8]>::to_vec).collect();
        let mut done: Vec<Vec<u8>> = Vec::new();
        let (mut links, mut led_by) = (0, None);
        while let Some(name) = rest.pop() {
            if name == b".." {
                done.pop();
                continue;
            }
            let here = joined(&done);
            let dir = self.dir(&here, false)?;
            let mut full = done.clone();
            full.push(name.clone());
            let path = joined(&full);
            let st = match fs::statat(&dir, &*name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(st) => st,
                Err(Errno::NOENT) => {
                    visit(&path, led_by);
                    for name in rest.into_iter().rev() {
                        full.push(name);
                        visit(&joined(&full), led_by);
                    }
                    return self.led(joined(&full), led_by, &dir);
                }
                Err(e) => return Err(Trouble::os(&path, "look at", e)),
            };
            if FileType::from_raw_mode(st.st_mode) != FileType::Symlink {
                visit(&path, led_by);
                done = full;
                continue;
            }
            links += 1;
            let around = fs::fstat(&dir).map_err(|e| Trouble::os(&here, "look at", e))?;
            let open = around.st_mode & 0o022 != 0 && around.st_mode & 0o1000 == 0;
            if links > MAX_LINKS || open || !self.trusts(st.st_uid) {
                return Err(Trouble::link(&path));
            }
            if st.st_uid != 0 || around.st_uid != 0 {
                led_by = Some(if st.st_uid == 0 {
                    around.st_uid
                } else {
                    st.st_uid
                });
            }
            let target = fs::readlinkat(&dir, &*name, Vec::new())
                .map_err(|e| Trouble::os(&path, "read the link", e))?;
            if target.as_bytes().starts_with(b"/") {
                done.clear();
            }
            rest.extend(parts(target.as_bytes()).rev().map(<[u8]>::to_vec));
        }
        let path = joined(&done);
        match split(&path) {
            Some((dir, _)) => {
                let dir = self.dir(dir, false)?;
                self.led(path, led_by, &dir)
            }
            None => Ok(path),
        }
    }

    /// Where an account's link led: into a directory of its own, or nowhere.
    fn led(&self, path: Vec<u8>, by: Option<u32>, dir: &OwnedFd) -> Result<Vec<u8>> {
        let Some(uid) = by else { return Ok(path) };
        let st = fs::fstat(dir).map_err(|e| Trouble::os(&path, "look at", e))?;
        if st.st_uid == uid {
            Ok(path)
        } else {
            Err(Trouble::link(&path))
        }
    }
}

fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|&b| b == b'/')
        .filter(|n| !n.is_empty() && *n != b".")
}

fn joined(names: &[Vec<u8>]) -> Vec<u8> {
    let mut path = Vec::new();
    for name in names {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    if path.is_empty() {
        path.push(b'/');
    }
    path
}

impl Place {
    /// The directory's handle.
    pub(crate) fn at(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// Another name in the same directory.
    pub(crate) fn beside(&self, name: &[u8]) -> Place {
        let mut path = split(&self.path).map_or(&b""[..], |(dir, _)| dir).to_vec();
        if !path.ends_with(b"/") {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        Place {
            dir: Rc::clone(&self.dir),
            name: name.to_vec(),
            path,
        }
    }

    /// fsync(2) of the directory. One that cannot be opened for reading is left to the kernel.
    pub(crate) fn sync(&self) -> Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match fs::openat(self.at(), ".", flags, Mode::empty()) {
            Ok(dir) => match fs::fsync(&dir) {
                // File systems without it say so in one of these ways.
                Ok(()) | Err(Errno::INVAL | Errno::NOTSUP | Errno::ROFS) => Ok(()),
                Err(e) => Err(Trouble::os(
                    &self.path,
                    "bring the directory to the disk",
                    e,
                )),
            },
            Err(Errno::ACCESS) => Ok(()),
            Err(e) => Err(Trouble::os(
                &self.path,
                "bring the directory to the disk",
                e,
            )),
        }
    }
}
