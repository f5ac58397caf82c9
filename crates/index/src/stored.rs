//! An index in a file of its own, beside the file that it is about. Numbers are little-endian:
//!
//! ```text
//! 0    "sshwhy-index 1\n" and a NUL
//! 16   device, inode, size, mtime (s, ns), ctime (s, ns) of the file: 7 numbers of 8 bytes
//! 72   lines of the file, number of odd lines, number of entries: 3 numbers of 8 bytes
//! 96   odd lines: offset, number
//! …    entries, sorted: 16 bytes of SHA-256, offset, number
//! ```

use crate::lines::{KeyLine, line_at};
use crate::{Identity, Index, Place, in_order, print_of};
use rustix::fs::{CWD, Mode, OFlags, fchmod, openat};
use rustix::io::{Errno, pread};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 16] = b"sshwhy-index 1\n\0";
const HEADER: u64 = 96;
const ODD: u64 = 16;
const ENTRY: u64 = 32;

/// Where the index of a key file is kept.
#[must_use]
pub fn beside(keys: &Path) -> PathBuf {
    let mut name = OsString::from(keys);
    name.push(".sshwhy-index");
    name.into()
}

impl Index {
    /// Writes the index to `path`, whole or not at all, with the given mode.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path, mode: u32) -> io::Result<()> {
        let mut name = OsString::from(path);
        name.push(format!(".{}", std::process::id()));
        let temporary = PathBuf::from(name);
        let written = self.write_to(&temporary, mode);
        let done = written.and_then(|()| fs::rename(&temporary, path));
        if done.is_err() {
            // What could not be finished is of no use.
            let _ = fs::remove_file(&temporary);
        }
        done
    }

    fn write_to(&self, path: &Path, mode: u32) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let fd = openat(
            CWD,
            path,
            flags | OFlags::CLOEXEC,
            Mode::from_raw_mode(0o600),
        )?;
        let file = File::from(fd);
        let mut out = BufWriter::with_capacity(1 << 20, &file);
        let Identity {
            dev,
            ino,
            size,
            mtime,
            ctime,
        } = self.identity;
        out.write_all(MAGIC)?;
        for n in [dev, ino, size] {
            out.write_all(&n.to_le_bytes())?;
        }
        for n in [mtime.0, mtime.1, ctime.0, ctime.1] {
            out.write_all(&n.to_le_bytes())?;
        }
        for n in [self.lines, self.odd.len() as u64, self.entries.len() as u64] {
            out.write_all(&n.to_le_bytes())?;
        }
        let place = |out: &mut BufWriter<_>, at: &Place| {
            out.write_all(&at.offset.to_le_bytes())?;
            out.write_all(&at.line.to_le_bytes())
        };
        for at in &self.odd {
            place(&mut out, at)?;
        }
        for (print, at) in &self.entries {
            out.write_all(print)?;
            place(&mut out, at)?;
        }
        out.flush()?;
        drop(out);
        fchmod(&file, Mode::from_raw_mode(mode))?;
        file.sync_all()
    }
}

/// An index on the disk.
#[derive(Debug)]
pub struct Stored {
    file: File,
    identity: Identity,
    odd: Vec<Place>,
    entries: u64,
}

/// Bytes at an offset, all of them.
fn exactly<const N: usize>(file: &File, at: u64) -> io::Result<[u8; N]> {
    let mut out = [0; N];
    let mut len = 0;
    while len < N {
        let room = out.get_mut(len..).unwrap_or(&mut []);
        match pread(file, room, at.saturating_add(len as u64)) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => len += n,
            Err(Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(out)
}

fn number(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes.get(at * 8..at * 8 + 8);
    eight
        .and_then(|b| b.try_into().ok())
        .map_or(0, u64::from_le_bytes)
}

fn bad(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Stored {
    /// Takes an open file for an index.
    ///
    /// # Errors
    /// It cannot be read, or is no whole index.
    pub fn new(file: File) -> io::Result<Stored> {
        let head: [u8; HEADER as usize] = exactly(&file, 0)?;
        let Some((magic, numbers)) = head.split_at_checked(MAGIC.len()) else {
            return Err(bad("no index"));
        };
        if magic != MAGIC {
            return Err(bad("no index, or one of another version"));
        }
        let signed = |i| number(numbers, i).cast_signed();
        let identity = Identity {
            dev: number(numbers, 0),
            ino: number(numbers, 1),
            size: number(numbers, 2),
            mtime: (signed(3), signed(4)),
            ctime: (signed(5), signed(6)),
        };
        let (odd, entries) = (number(numbers, 8), number(numbers, 9));
        let whole = entries
            .checked_mul(ENTRY)
            .and_then(|n| n.checked_add(odd.checked_mul(ODD)?))
            .and_then(|n| n.checked_add(HEADER));
        if odd > 1 << 16 || whole != Some(file.metadata()?.len()) {
            return Err(bad("the index is not whole"));
        }
        let mut list = Vec::new();
        for n in 0..odd {
            let two: [u8; ODD as usize] = exactly(&file, HEADER + n * ODD)?;
            list.push(place(&two));
        }
        Ok(Stored {
            file,
            identity,
            odd: list,
            entries,
        })
    }

    /// The file that was indexed.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The lines that may hold the key with this SHA-256 fingerprint, in the file's order.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn places(&self, fingerprint: &[u8; 32]) -> io::Result<Vec<Place>> {
        let print = print_of(fingerprint);
        let first = HEADER + self.odd.len() as u64 * ODD;
        let entry = |n: u64| exactly::<{ ENTRY as usize }>(&self.file, first + n * ENTRY);
        let (mut low, mut high) = (0, self.entries);
        while low < high {
            let middle = low + (high - low) / 2;
            if entry(middle)?.split_at(16).0 < print.as_slice() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut out = self.odd.clone();
        while low < self.entries {
            let found = entry(low)?;
            let (own, at) = found.split_at(16);
            if own != print {
                break;
            }
            out.push(place(at));
            low += 1;
        }
        Ok(in_order(out))
    }
}

fn place(bytes: &[u8]) -> Place {
    Place {
        offset: number(bytes, 0),
        line: number(bytes, 1),
    }
}

/// Reads the lines at these places. `None`: one is not there, so that the index is of another file.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn read_places(file: impl AsFd, places: &[Place]) -> io::Result<Option<Vec<KeyLine>>> {
    let file = file.as_fd();
    let mut out = Vec::new();
    for at in places {
        match line_at(file, *at)? {
            Some(line) => out.push(line),
            None => return Ok(None),
        }
    }
    Ok(Some(out))
}

impl Stored {
    /// The lines of `keys` that may hold the key, as they stand there now. `None`: the index is of
    /// another file, or of this one before a change.
    ///
    /// # Errors
    /// One of the two cannot be read.
    pub fn lines(&self, keys: &File, wanted: &[u8; 32]) -> io::Result<Option<Vec<KeyLine>>> {
        if Identity::of(keys)? != self.identity {
            return Ok(None);
        }
        let lines = read_places(keys, &self.places(wanted)?)?;
        // It was changed between the two looks.
        if Identity::of(keys)? != self.identity {
            return Ok(None);
        }
        Ok(lines)
    }
}
