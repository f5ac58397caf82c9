//! Files written whole or not at all.

use crate::failure::Failure;
use rustix::fs::{
    AtFlags, CWD, Gid, Mode, OFlags, RenameFlags, Uid, fchmod, fchown, fsync, linkat, open,
    renameat_with, unlink,
};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file that is going to be written.
#[derive(Clone, Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Owner and group of the file that is there.
    replaces: Option<(u32, u32)>,
}

fn failure(path: &Path, why: impl Into<String>, help: &str) -> Failure {
    Failure::new(format!("cannot write {}", path.display()), why, help)
}

/// A file and what is to stand in it.
pub(super) struct Writing<'a> {
    pub(super) place: &'a Place,
    pub(super) bytes: &'a [u8],
    pub(super) mode: u32,
}

/// Writes files that belong together, and gives the path of each backup back. All are on the disk
/// before the first gets its name, and wait for it together: a file system writes its journal once
/// for all that wait. The names are not waited for: after a crash a name leads to the old file or to
/// the new one, and both are whole.
pub(super) fn write_together(all: &[Writing<'_>]) -> Result<Vec<Option<PathBuf>>, Failure> {
    let mut temps: Vec<PathBuf> = Vec::with_capacity(all.len());
    let done: Result<_, Failure> = (|| {
        let mut files = Vec::with_capacity(all.len());
        for w in all {
            let temp = w.place.temporary()?;
            let file = w.place.fill(&temp, w.bytes, w.mode);
            temps.push(temp);
            files.push((w.place, file.map_err(|e| w.place.failed(e))?));
        }
        let synced = std::thread::scope(|scope| {
            let mut files = files.iter();
            let first = files.next();
            let others: Vec<_> = files.map(|f| scope.spawn(|| fsync(&f.1))).collect();
            let first = first.map(|f| fsync(&f.1));
            let others = others
                .into_iter()
                .map(|o| o.join().unwrap_or(Err(Errno::IO)));
            first.into_iter().chain(others).collect::<Vec<_>>()
        });
        for ((place, _), result) in files.iter().zip(synced) {
            result.map_err(|e| place.failed(e.into()))?;
        }
        let named = all.iter().zip(&temps);
        named
            .map(|(w, temp)| w.place.settle(temp).map_err(|e| w.place.failed(e)))
            .collect::<Result<Vec<_>, _>>()
    })();
    if done.is_err() {
        // They hold a secret; what cannot be removed, or has its name already, needs nothing more.
        for temp in &temps {
            let _ = unlink(temp);
        }
    }
    done
}

impl Place {
    /// Looks whether `path` may be written, before anything is asked or computed.
    pub(super) fn new(path: &Path, force: bool) -> Result<Place, Failure> {
        let refuse = |why: &str, help: &str| Err(failure(path, why, help));
        if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return refuse("it names a directory", "name a file: --output DIR/NAME");
        }
        let meta = match fs::symlink_metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Ok(Place {
                    path: path.to_owned(),
                    replaces: None,
                });
            }
            Err(e) => return refuse(&e.to_string(), "name another file with --output"),
            Ok(meta) => meta,
        };
        // Of a link, what it points to is replaced; the link stays.
        let (path, meta) = if meta.is_symlink() {
            let real = fs::canonicalize(path).map_err(|e| {
                failure(
                    path,
                    format!("a link that leads nowhere: {e}"),
                    "remove the link, or name another file with --output",
                )
            })?;
            let meta = fs::symlink_metadata(&real)
                .map_err(|e| failure(path, e.to_string(), "name another file with --output"))?;
            (real, meta)
        } else {
            (path.to_owned(), meta)
        };
        if !meta.is_file() {
            return Err(failure(
                &path,
                "it is there and is no ordinary file",
                "name a file with --output; private keys are not written to devices and pipes",
            ));
        }
        if !force {
            return Err(failure(
                &path,
                "it is there already",
                "name another file with --output, or add --force: the old one is kept beside it \
                 as NAME.bak",
            ));
        }
        Ok(Place {
            replaces: Some((meta.uid(), meta.gid())),
            path,
        })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a file is there, which may be replaced.
    pub(super) fn replaces(&self) -> bool {
        self.replaces.is_some()
    }

    /// Writes the file with exactly these rights, and gives the path of the backup back, where a
    /// file was there before.
    pub(super) fn write(&self, bytes: &[u8], mode: u32) -> Result<Option<PathBuf>, Failure> {
        write_together(&[Writing {
            place: self,
            bytes,
            mode,
        }])
        .map(|mut backups| backups.pop().flatten())
    }

    fn failed(&self, e: io::Error) -> Failure {
        failure(
            &self.path,
            e.to_string(),
            "make room or rights in the directory, or name another file with --output",
        )
    }

    fn temporary(&self) -> Result<PathBuf, Failure> {
        let dir = match self.path.parent() {
            Some(d) if !d.as_os_str().is_empty() => d,
            _ => Path::new("."),
        };
        let mut random = [0u8; 8];
        getrandom::fill(&mut random).map_err(|e| {
            failure(
                &self.path,
                format!("no random numbers: {e}"),
                "look what the system lacks",
            )
        })?;
        let mut name = std::ffi::OsString::from(".sshwhy-");
        name.push(format!("{:016x}", u64::from_be_bytes(random)));
        Ok(dir.join(name))
    }

    fn fill(&self, temp: &Path, bytes: &[u8], mode: u32) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // Closed to everybody else from its first moment.
        let mut file = File::from(open(temp, flags, Mode::RUSR | Mode::WUSR)?);
        if let Some((uid, gid)) = self.replaces {
            let now = file.metadata()?;
            if (now.uid(), now.gid()) != (uid, gid) {
                // Root keeps the file its owner's; anybody else may not give files away.
                match fchown(&file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid))) {
                    Ok(()) | Err(Errno::PERM) => {}
                    Err(e) => return Err(e.into()),
                }
            }
        }
        file.write_all(bytes)?;
        fchmod(&file, Mode::from_raw_mode(mode))?;
        Ok(file)
    }

    /// Gives the finished file its name.
    fn settle(&self, temp: &Path) -> io::Result<Option<PathBuf>> {
        if self.replaces.is_some() {
            let backup = self.backup()?;
            fs::rename(temp, &self.path)?;
            return Ok(Some(backup));
        }
        match renameat_with(CWD, temp, CWD, &self.path, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(None),
            // A file system that cannot do it at once: a second name never replaces one.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                linkat(CWD, temp, CWD, &self.path, AtFlags::empty())?;
                unlink(temp)?;
                Ok(None)
            }
            Err(e) => Err(e.into()),
        }
    }

    /// A second name for the file that is there: `NAME.bak`, or `NAME.bak.1` where that is taken.
    fn backup(&self) -> io::Result<PathBuf> {
        for n in 0..1000u32 {
            let mut name = self.path.as_os_str().to_owned();
            name.push(".bak");
            if n > 0 {
                name.push(format!(".{n}"));
            }
            match linkat(CWD, &self.path, CWD, Path::new(&name), AtFlags::empty()) {
                Ok(()) => return Ok(PathBuf::from(name)),
                Err(Errno::EXIST) => {}
                // No second names here: the old file takes the new name, and its own is free for a
                // moment.
                Err(Errno::PERM | Errno::NOSYS | Errno::OPNOTSUPP | Errno::MLINK) => {
                    match renameat_with(
                        CWD,
                        &self.path,
                        CWD,
                        Path::new(&name),
                        RenameFlags::NOREPLACE,
                    ) {
                        Ok(()) => return Ok(PathBuf::from(name)),
                        Err(Errno::EXIST) => {}
                        Err(e) => return Err(e.into()),
                    }
                }
                Err(e) => return Err(e.into()),
            }
        }
        Err(io::Error::other("a thousand backups are there already"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn names(dir: &Path) -> Vec<String> {
        let mut all: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        all.sort();
        all
    }

    #[test]
    fn a_file_that_is_there_stays_unless_forced_and_is_kept_then() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("id");
        assert_eq!(
            Place::new(&path, false)
                .unwrap()
                .write(b"one", 0o600)
                .unwrap(),
            None
        );
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o600
        );
        assert!(
            Place::new(&path, false)
                .unwrap_err()
                .why
                .contains("there already")
        );
        let first = Place::new(&path, true)
            .unwrap()
            .write(b"two", 0o600)
            .unwrap();
        assert_eq!(first, Some(dir.path().join("id.bak")));
        Place::new(&path, true)
            .unwrap()
            .write(b"three", 0o600)
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(fs::read(dir.path().join("id.bak")).unwrap(), b"one");
        assert_eq!(fs::read(dir.path().join("id.bak.1")).unwrap(), b"two");
        assert_eq!(names(dir.path()), ["id", "id.bak", "id.bak.1"]);
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("id");
        let place = Place::new(&path, false).unwrap();
        fs::write(&path, b"theirs").unwrap();
        assert!(place.write(b"ours", 0o600).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(names(dir.path()), ["id"]);
    }

    #[test]
    fn devices_pipes_and_directories_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Place::new(Path::new("/dev/null"), true).is_err());
        assert!(Place::new(dir.path(), true).is_err());
        assert!(Place::new(&dir.path().join("x/"), false).is_err());
    }

    #[test]
    fn a_link_stays_and_its_target_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("target"), dir.path().join("link"));
        fs::write(&target, b"old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        Place::new(&link, true)
            .unwrap()
            .write(b"new", 0o600)
            .unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }
}
