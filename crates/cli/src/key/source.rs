//! The file that the user names, read once, wiped when it is done with.

use crate::failure::Failure;
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Most bytes of a file that is read whole; longer ones hold many public keys.
pub(crate) const WHOLE: usize = 1 << 20;

/// Who may do what with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Permission bits.
    pub(crate) mode: u32,
    /// Owner.
    pub(crate) uid: u32,
    /// Group.
    pub(crate) gid: u32,
}

/// A file and its beginning.
pub(crate) struct Source {
    /// What it is called in messages.
    pub(crate) name: Vec<u8>,
    /// Its path, unless it is standard input or a pipe.
    pub(crate) path: Option<PathBuf>,
    /// Its rights, where it is a file.
    pub(crate) rights: Option<Rights>,
    /// Its bytes, at most [`WHOLE`] of them.
    pub(crate) data: Zeroizing<Vec<u8>>,
    /// The rest, where there is more.
    pub(crate) rest: Option<Box<dyn Read>>,
}

impl Source {
    /// Opens what `arg` names: a path, or `-`.
    pub(crate) fn open(arg: &OsStr) -> Result<Source, Failure> {
        if arg == "-" {
            return read(
                "standard input".into(),
                None,
                None,
                Box::new(io::stdin()),
                0,
            );
        }
        let path = Path::new(arg);
        let what = || format!("cannot read {}", path.display());
        // A named pipe without a writer is waited for: the user named it.
        let fd = open(
            path,
            OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY,
            Mode::empty(),
        )
        .map_err(|e| {
            Failure::new(
                what(),
                io::Error::from(e).to_string(),
                match e {
                    rustix::io::Errno::ACCESS => "run this as the owner of the file",
                    _ => "name a key file, or `-` for standard input",
                },
            )
        })?;
        let stat = fstat(&fd).map_err(|e| {
            Failure::new(what(), io::Error::from(e).to_string(), "name another file")
        })?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        let regular = kind == FileType::RegularFile;
        if !regular && kind != FileType::Fifo {
            return Err(Failure::new(
                what(),
                format!("expected a file, found {}", word(kind)),
                "name a key file, or `-` for standard input",
            ));
        }
        let rights = regular.then_some(Rights {
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
        });
        let path = regular.then(|| path.to_owned());
        let size = usize::try_from(stat.st_size).unwrap_or(0);
        read(
            arg.as_bytes().to_vec(),
            path,
            rights,
            Box::new(File::from(fd)),
            size,
        )
    }

    /// The file, which must be read whole.
    pub(crate) fn open_whole(arg: &OsStr) -> Result<Source, Failure> {
        let source = Source::open(arg)?;
        match source.rest {
            None => Ok(source),
            Some(_) => Err(Failure::new(
                format!("cannot read {}", String::from_utf8_lossy(&source.name)),
                format!("expected at most {} KiB, found more", WHOLE >> 10),
                "name a file of one key; `sshwhy key show` lists files of many public keys",
            )),
        }
    }

    /// Whether it is standard input.
    pub(crate) fn is_stdin(arg: &OsStr) -> bool {
        arg == "-"
    }
}

fn read(
    name: Vec<u8>,
    path: Option<PathBuf>,
    rights: Option<Rights>,
    mut from: Box<dyn Read>,
    size: usize,
) -> Result<Source, Failure> {
    // With all its room from the start the buffer never moves, and leaves no copy behind.
    let room = match size {
        0 => WHOLE + 1,
        n => n.min(WHOLE) + 1,
    };
    let mut data = Zeroizing::new(vec![0; room]);
    let mut len = 0;
    let fail = |e: io::Error| {
        Failure::new(
            format!("cannot read {}", String::from_utf8_lossy(&name)),
            e.to_string(),
            "name a key file, or `-` for standard input",
        )
    };
    loop {
        let free = data.get_mut(len..).unwrap_or_default();
        if free.is_empty() {
            break;
        }
        match from.read(free) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(fail(e)),
        }
    }
    let full = len == room;
    data.truncate(len);
    Ok(Source {
        name,
        path,
        rights,
        data,
        rest: full.then_some(from),
    })
}

fn word(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "a directory",
        FileType::Socket => "a socket",
        FileType::CharacterDevice => "a character device",
        FileType::BlockDevice => "a block device",
        _ => "something else",
    }
}
