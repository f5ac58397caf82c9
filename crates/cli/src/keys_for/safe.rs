//! Whether a key file may be believed, as StrictModes has it (sshd: `safe_path`).

use rustix::fs::{CWD, Mode, OFlags, openat};
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_world::{Build, Fact, World};
use std::cell::OnceCell;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The account that the keys are for. Its user id is looked up when something is not root's.
pub(super) struct Owner<'a> {
    name: &'a OsStr,
    uid: OnceCell<Option<u32>>,
}

/// Why a file is not believed.
#[derive(Debug)]
pub(super) enum Unsafe {
    Io(io::Error),
    /// This is no regular file.
    Irregular,
    /// This belongs to neither root nor the account.
    Owner(PathBuf, u32),
    /// Others may write to this.
    Writable(PathBuf, u32),
}

impl From<io::Error> for Unsafe {
    fn from(e: io::Error) -> Self {
        Unsafe::Io(e)
    }
}

impl Unsafe {
    pub(super) fn why(&self) -> String {
        match self {
            Unsafe::Io(e) => e.to_string(),
            Unsafe::Irregular => "it is no regular file".into(),
            Unsafe::Owner(path, uid) => format!(
                "{} belongs to uid {uid}: neither to root nor to the account",
                path.display()
            ),
            Unsafe::Writable(path, mode) => {
                format!("others may write to {} (mode {mode:04o})", path.display())
            }
        }
    }

    pub(super) fn help(&self) -> String {
        match self {
            Unsafe::Io(_) => {
                "the account of AuthorizedKeysCommandUser must be able to read it".into()
            }
            Unsafe::Irregular => "name the file itself".into(),
            Unsafe::Owner(path, _) => format!("chown root {}", path.display()),
            Unsafe::Writable(path, _) => format!("chmod go-w {}", path.display()),
        }
    }
}

impl<'a> Owner<'a> {
    pub(super) fn new(name: &'a OsStr) -> Self {
        let uid = OnceCell::new();
        Owner { name, uid }
    }

    fn uid(&self) -> Option<u32> {
        *self.uid.get_or_init(|| {
            let options = Options {
                build: Build::profile("openssh-10.0"),
                ..Options::default()
            };
            let world = LiveWorld::new(options).ok()?;
            match world.account(self.name.as_bytes()) {
                Fact::Known(Some(account)) => Some(account.uid),
                _ => None,
            }
        })
    }

    fn check(&self, path: &Path, about: &Metadata) -> Result<(), Unsafe> {
        if about.uid() != 0 && Some(about.uid()) != self.uid() {
            return Err(Unsafe::Owner(path.to_owned(), about.uid()));
        }
        if about.mode() & 0o022 != 0 {
            return Err(Unsafe::Writable(path.to_owned(), about.mode() & 0o7777));
        }
        Ok(())
    }

    /// Opens the file at `path`, which holds no links, and checks it alone.
    pub(super) fn open_one(&self, path: &Path) -> Result<File, Unsafe> {
        // Before it is known to be a regular file, opening must not wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(openat(CWD, path, flags, Mode::empty()).map_err(io::Error::from)?);
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(Unsafe::Irregular);
        }
        self.check(path, &about)?;
        Ok(file)
    }

    /// Opens the key file and checks it and every directory above it.
    pub(super) fn open(&self, path: &Path) -> Result<(File, PathBuf), Unsafe> {
        let real = path.canonicalize()?;
        let file = self.open_one(&real)?;
        for above in real.ancestors().skip(1) {
            self.check(above, &above.symlink_metadata()?)?;
        }
        Ok((file, real))
    }
}
