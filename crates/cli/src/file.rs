//! Reading what the user names: bounded, and never a device.

use crate::failure::Failure;
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// It is not there.
    Missing,
    /// Anything else, in words.
    Other(String),
}

/// Reads a regular file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    bounded(open_regular(path)?, limit).map_err(ReadError::Other)
}

/// Opens a regular file. A named pipe or a device is not opened for waiting, and not read.
pub(crate) fn open_regular(path: &Path) -> Result<File, ReadError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let fd = open(path, flags, Mode::empty()).map_err(|e| match e {
        rustix::io::Errno::NOENT => ReadError::Missing,
        e => ReadError::Other(io::Error::from(e).to_string()),
    })?;
    let stat = fstat(&fd).map_err(|e| ReadError::Other(io::Error::from(e).to_string()))?;
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => None,
        FileType::Directory => Some("a directory"),
        FileType::Fifo => Some("a named pipe"),
        FileType::Socket => Some("a socket"),
        FileType::CharacterDevice => Some("a character device"),
        FileType::BlockDevice => Some("a block device"),
        _ => Some("no regular file"),
    };
    if let Some(kind) = kind {
        return Err(ReadError::Other(format!(
            "expected a regular file, found {kind}"
        )));
    }
    Ok(File::from(fd))
}

/// Reads standard input, at most `limit` bytes.
pub(crate) fn stdin(limit: u64) -> Result<Vec<u8>, Failure> {
    bounded(io::stdin().lock(), limit).map_err(|why| {
        Failure::new(
            "cannot read standard input",
            why,
            "give it the text itself, cut to size",
        )
    })
}

fn bounded(source: impl Read, limit: u64) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    source
        .take(limit.saturating_add(1))
        .read_to_end(&mut out)
        .map_err(|e| e.to_string())?;
    if out.len() as u64 > limit {
        let kib = limit >> 10;
        return Err(format!("expected at most {kib} KiB, found more"));
    }
    Ok(out)
}
