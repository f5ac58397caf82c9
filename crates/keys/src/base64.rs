//! Base64 exactly as sshd reads it: `b64_pton` of the C library.
//!
//! White space of the C locale is skipped anywhere, padding is demanded and
//! strict, any other byte is refused, and so are left-over bits that are not
//! zero. A C string ends at its first NUL; the caller cuts there, and a NUL
//! that is still in the text counts as a foreign byte.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Where and why a text is not base64.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base64Error {
    /// Byte offset in the text. For [`Base64ErrorKind::MissingPadding`] its length.
    pub offset: usize,
    /// What was wrong there.
    pub kind: Base64ErrorKind,
}

/// The ways in which `b64_pton` refuses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Base64ErrorKind {
    /// A byte that is neither of the alphabet, nor `=`, nor white space.
    InvalidByte(u8),
    /// A `=` where a group has fewer than two characters.
    EarlyPadding,
    /// The text ended within a group of four; so many characters of it were there.
    MissingPadding {
        /// Characters of the last group that were found (1 to 3).
        have: u8,
    },
    /// The second `=` of a pair is not there, but this byte (or the end, `None`).
    SecondPadding(Option<u8>),
    /// Something stands behind the padding.
    AfterPadding(u8),
    /// The last character carries bits that belong to no byte.
    NonZeroBits,
}

impl fmt::Display for Base64Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.offset;
        match self.kind {
            Base64ErrorKind::InvalidByte(b) => {
                write!(
                    f,
                    "byte 0x{b:02x} at offset {at} is not of the base64 alphabet"
                )
            }
            Base64ErrorKind::EarlyPadding => {
                write!(f, "'=' at offset {at}, where a group has just begun")
            }
            Base64ErrorKind::MissingPadding { have } => write!(
                f,
                "the text ends at offset {at} within a group: {have} of 4 characters"
            ),
            Base64ErrorKind::SecondPadding(Some(b)) => {
                write!(
                    f,
                    "expected a second '=' at offset {at}, found byte 0x{b:02x}"
                )
            }
            Base64ErrorKind::SecondPadding(None) => {
                write!(f, "expected a second '=' at offset {at}, found the end")
            }
            Base64ErrorKind::AfterPadding(b) => {
                write!(f, "byte 0x{b:02x} at offset {at} stands behind the padding")
            }
            Base64ErrorKind::NonZeroBits => {
                write!(
                    f,
                    "the last character (offset {at}) has left-over bits that are not zero"
                )
            }
        }
    }
}

impl core::error::Error for Base64Error {}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BAD: u32 = 1 << 31;

const fn table(shift: u32) -> [u32; 256] {
    let mut t = [BAD; 256];
    let mut i = 0;
    while i < 64 {
        t[ALPHABET[i] as usize] = (i as u32) << shift;
        i += 1;
    }
    t
}

static T0: [u32; 256] = table(18);
static T1: [u32; 256] = table(12);
static T2: [u32; 256] = table(6);
static T3: [u32; 256] = table(0);

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// Decodes `text` as sshd would.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Base64Error> {
    let mut out = Vec::new();
    decode_into(text, &mut out).map(|()| out)
}

/// Decodes `text` into `out`, which is cleared first and reused. After an
/// error `out` holds what was decoded before the fault.
pub fn decode_into(text: &[u8], out: &mut Vec<u8>) -> Result<(), Base64Error> {
    out.clear();
    // One group more than fits, so that the clean part needs no further growth.
    out.resize((text.len() / 4).saturating_mul(3).saturating_add(3), 0);
    let mut groups = 0usize;
    for (src, dst) in text.chunks_exact(4).zip(out.chunks_exact_mut(3)) {
        if let (&[a, b, c, d], [x, y, z]) = (src, dst) {
            let v =
                T0[usize::from(a)] | T1[usize::from(b)] | T2[usize::from(c)] | T3[usize::from(d)];
            if v & BAD != 0 {
                break;
            }
            let [_, hi, mid, lo] = v.to_be_bytes();
            (*x, *y, *z) = (hi, mid, lo);
        }
        groups = groups.saturating_add(1);
    }
    out.truncate(groups.saturating_mul(3));
    let done = groups.saturating_mul(4);
    match text.get(done..) {
        Some(rest) if !rest.is_empty() => decode_slowly(rest, done, out),
        _ => Ok(()),
    }
}

/// The byte-by-byte half: white space, padding, faults.
fn decode_slowly(rest: &[u8], base: usize, out: &mut Vec<u8>) -> Result<(), Base64Error> {
    let fail = |i: usize, kind| {
        Err(Base64Error {
            offset: base.saturating_add(i),
            kind,
        })
    };
    let mut group = 0u32;
    let mut have = 0u8;
    let mut last = 0usize;
    let mut bytes = rest
        .iter()
        .copied()
        .enumerate()
        .filter(|&(_, b)| !is_space(b));
    for (i, b) in bytes.by_ref() {
        if b == b'=' {
            if have < 2 {
                return fail(i, Base64ErrorKind::EarlyPadding);
            }
            if have == 2 {
                match bytes.next() {
                    Some((_, b'=')) => {}
                    Some((j, other)) => {
                        return fail(j, Base64ErrorKind::SecondPadding(Some(other)));
                    }
                    None => return fail(rest.len(), Base64ErrorKind::SecondPadding(None)),
                }
            }
            if let Some((j, other)) = bytes.next() {
                return fail(j, Base64ErrorKind::AfterPadding(other));
            }
            let value = if have == 2 { group << 4 } else { group >> 2 };
            let (hi, mid, left) = if have == 2 {
                ((value >> 8) as u8, None, value & 0xff)
            } else {
                ((value >> 8) as u8, Some(value as u8), group & 3)
            };
            out.push(hi);
            out.extend(mid);
            return if left == 0 {
                Ok(())
            } else {
                fail(last, Base64ErrorKind::NonZeroBits)
            };
        }
        let v = T3[usize::from(b)];
        if v & BAD != 0 {
            return fail(i, Base64ErrorKind::InvalidByte(b));
        }
        last = i;
        group = (group << 6) | v;
        have = have.saturating_add(1);
        if have == 4 {
            let [_, x, y, z] = group.to_be_bytes();
            out.extend_from_slice(&[x, y, z]);
            (group, have) = (0, 0);
        }
    }
    if have == 0 {
        Ok(())
    } else {
        fail(rest.len(), Base64ErrorKind::MissingPadding { have })
    }
}

/// Encodes with padding, on one line.
#[must_use]
pub fn encode(data: &[u8]) -> String {
    let mut out = encode_unpadded(data);
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

/// Encodes without padding, as fingerprints are printed.
#[must_use]
pub fn encode_unpadded(data: &[u8]) -> String {
    let mut out = Vec::new();
    encode_unpadded_into(data, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// The same, behind what `out` holds.
pub fn encode_unpadded_into(data: &[u8], out: &mut Vec<u8>) {
    let letter = |v: u32| ALPHABET.get((v & 63) as usize).copied().unwrap_or(b'A');
    out.reserve(data.len().div_ceil(3).saturating_mul(4));
    let (whole, rest) = data.as_chunks::<3>();
    for &[a, b, c] in whole {
        let v = u32::from_be_bytes([0, a, b, c]);
        out.extend_from_slice(&[letter(v >> 18), letter(v >> 12), letter(v >> 6), letter(v)]);
    }
    match *rest {
        [a] => {
            let v = u32::from_be_bytes([0, a, 0, 0]);
            out.extend_from_slice(&[letter(v >> 18), letter(v >> 12)]);
        }
        [a, b] => {
            let v = u32::from_be_bytes([0, a, b, 0]);
            out.extend_from_slice(&[letter(v >> 18), letter(v >> 12), letter(v >> 6)]);
        }
        _ => {}
    }
}
