//! From places to lines, and the scan that stands in where there is no index.

use crate::build::LONGEST;
use crate::{Place, fingerprint};
use rustix::io::{Errno, pread};
use sshwhy_authfile::scan::Lines;
use sshwhy_keys::base64;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;

/// A line of a key file as it stands there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// Where.
    pub place: Place,
    /// Without its newline.
    pub raw: Vec<u8>,
}

/// Bytes read at once for one line.
const GUESS: usize = 4096;

/// The line at `place`, read from the file. `None`: no line begins there.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn line_at(file: impl AsFd, place: Place) -> io::Result<Option<KeyLine>> {
    let file = file.as_fd();
    let mut raw = vec![0; GUESS];
    // One byte before it: the end of the line above.
    let (from, before) = match place.offset.checked_sub(1) {
        Some(from) => (from, 1),
        None => (0, 0),
    };
    let mut len = 0;
    loop {
        let room = raw.get_mut(len..).unwrap_or(&mut []);
        match pread(file, room, from.saturating_add(len as u64)) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(Errno::INTR) => continue,
            Err(e) => return Err(e.into()),
        }
        if raw.get(before..len).unwrap_or(&[]).contains(&b'\n') || len > LONGEST + before {
            break;
        }
        if len == raw.len() {
            raw.resize(len * 4, 0);
        }
    }
    raw.truncate(len);
    if before == 1 && raw.first() != Some(&b'\n') {
        return Ok(None);
    }
    raw.drain(..before.min(len));
    if let Some(end) = raw.iter().position(|b| *b == b'\n') {
        raw.truncate(end);
    }
    Ok(Some(KeyLine { place, raw }))
}

/// Whether a word of this line is the key with this SHA-256 fingerprint, or might be to sshd's
/// decoder, which skips blanks.
#[must_use]
pub fn concerns(line: &[u8], wanted: &[u8; 32]) -> bool {
    let mut blob = Vec::new();
    let words = line.split(|b| !(b.is_ascii_alphanumeric() || b"+/=\x0b\x0c\r".contains(b)));
    words.filter(|w| w.len() >= 40).any(|word| {
        base64::decode_into(word, &mut blob).is_ok() && fingerprint(&blob).as_ref() == Some(wanted)
    })
}

/// Every line of the file that [`concerns`] the key, in order.
///
/// # Errors
/// The file cannot be read.
pub fn scan(mut file: &File, wanted: &[u8; 32]) -> io::Result<Vec<KeyLine>> {
    let mut out = Vec::new();
    let mut lines = Lines::new();
    let mut take = |line, offset, raw: &[u8]| {
        if concerns(raw, wanted) {
            let place = Place { offset, line };
            let raw = raw.to_vec();
            out.push(KeyLine { place, raw });
        }
    };
    let mut chunk = vec![0; 1 << 20];
    io::Seek::seek(&mut file, io::SeekFrom::Start(0))?;
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => lines.push(chunk.get(..n).unwrap_or(&[]), &mut take),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    lines.finish(&mut take);
    Ok(out)
}
