//! Directories that play the root of a disk.
#![allow(dead_code, reason = "each test program uses its own part")]

use rustix::fs::{AtFlags, CWD, FileType, Mode, chmodat, chownat, makedev, mknodat};
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_world::{Build, Fact};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that is removed at the end.
pub(crate) struct Disk {
    root: PathBuf,
    build: Option<Build>,
}

/// Says that something was not tested. Never silently.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// The value of a fact.
#[track_caller]
pub(crate) fn known<T>(fact: Fact<T>) -> T {
    match fact {
        Fact::Known(t) => t,
        Fact::Unknown(gap) => panic!("{gap:?}"),
    }
}

impl Disk {
    /// An empty disk, judged as Debian 12.
    pub(crate) fn new() -> Disk {
        let mut disk = Disk::bare();
        disk.build = Build::profile("debian-12");
        disk
    }

    /// An empty disk whose server is to be found out.
    pub(crate) fn bare() -> Disk {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("sshwhy-disk-{}-{n}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        Disk { root, build: None }
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            root: Some(self.root.clone()),
            build: self.build.clone(),
            ..Options::default()
        }
    }

    pub(crate) fn world(&self) -> LiveWorld {
        LiveWorld::new(self.options()).unwrap()
    }

    /// A path on this machine; its directories are made.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(path), content).unwrap();
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        std::os::unix::fs::symlink(target, self.path(path)).unwrap();
    }

    pub(crate) fn fifo(&self, path: &str) {
        let mode = Mode::from_raw_mode(0o666);
        mknodat(CWD, self.path(path), FileType::Fifo, mode, 0).unwrap();
    }

    /// Whether a character device could be made.
    pub(crate) fn device(&self, path: &str, major: u32, minor: u32) -> bool {
        let mode = Mode::from_raw_mode(0o666);
        let dev = makedev(major, minor);
        mknodat(CWD, self.path(path), FileType::CharacterDevice, mode, dev).is_ok()
    }

    pub(crate) fn sparse(&self, path: &str, size: u64) {
        fs::File::create(self.path(path))
            .unwrap()
            .set_len(size)
            .unwrap();
    }

    pub(crate) fn own(&self, path: &str, uid: u32, gid: u32, mode: u32) {
        use rustix::fs::{Gid, Uid};
        let path = self.path(path);
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        chownat(CWD, &path, Some(uid), Some(gid), AtFlags::empty()).unwrap();
        chmodat(CWD, &path, Mode::from_raw_mode(mode), AtFlags::empty()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}
