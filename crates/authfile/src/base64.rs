//! Base64 as `b64_pton` reads it, the only decoder between a line and a key.

use alloc::vec::Vec;

/// Why base64 text was refused. Offsets count from the first byte of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base64Error {
    /// A byte that is neither base64, blank nor padding.
    BadByte {
        /// Where it stands.
        at: usize,
        /// The byte.
        byte: u8,
    },
    /// Something follows the padding.
    AfterPadding {
        /// Where it stands.
        at: usize,
    },
    /// The text ends inside a group of four (padding missing, or characters lost).
    Unfinished {
        /// Characters of the last group, 1 to 3, padding not counted.
        left: u8,
    },
    /// Padding where none may stand.
    BadPadding {
        /// Where it stands.
        at: usize,
    },
    /// The unused low bits of the last character are not zero.
    StrayBits,
}

const BAD: u8 = 0xff;
const SPACE: u8 = 0xfe;
const PAD: u8 = 0xfd;

static TABLE: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut t = [BAD; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut i = 0;
    while i < 64 {
        t[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    t[b' ' as usize] = SPACE;
    let mut c = 9;
    while c <= 13 {
        t[c] = SPACE;
        c += 1;
    }
    t[b'=' as usize] = PAD;
    t
}

const fn code(b: u8) -> u8 {
    TABLE[b as usize]
}

/// True for the 64 characters of the alphabet (padding not among them).
pub(crate) const fn is_alphabet(b: u8) -> bool {
    code(b) < 64
}

/// Decode with the rules of `b64_pton`: C-locale blanks are skipped anywhere, padding is mandatory and last, the
/// bits it leaves over are zero.
///
/// # Errors
/// What stands in the way, with its offset.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, Base64Error> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut rest = text;
    // Whole groups without blanks, four characters at a time.
    while let Some((&[a, b, c, d], tail)) = rest.split_first_chunk::<4>() {
        let (a, b, c, d) = (code(a), code(b), code(c), code(d));
        if (a | b | c | d) & 0xc0 != 0 {
            break;
        }
        out.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        rest = tail;
    }
    let done = text.len() - rest.len();
    let mut group = [0u8; 4];
    let mut have = 0u8;
    let mut bytes = rest.iter().enumerate().map(|(i, &b)| (done + i, b));
    let mut pad_at = None;
    for (at, byte) in bytes.by_ref() {
        match code(byte) {
            SPACE => {}
            PAD => {
                pad_at = Some(at);
                break;
            }
            BAD => return Err(Base64Error::BadByte { at, byte }),
            v => {
                if let Some(slot) = group.get_mut(usize::from(have)) {
                    *slot = v;
                }
                have += 1;
                if have == 4 {
                    let [a, b, c, d] = group;
                    out.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
                    have = 0;
                }
            }
        }
    }
    let Some(pad_at) = pad_at else {
        return if have == 0 {
            Ok(out)
        } else {
            Err(Base64Error::Unfinished { left: have })
        };
    };
    let [a, b, c, _] = group;
    let mut second_pad = have == 3;
    match have {
        0 | 1 => return Err(Base64Error::BadPadding { at: pad_at }),
        2 | 3 => {
            for (at, byte) in bytes {
                match code(byte) {
                    SPACE => {}
                    PAD if !second_pad => second_pad = true,
                    _ if !second_pad => return Err(Base64Error::Unfinished { left: have }),
                    _ => return Err(Base64Error::AfterPadding { at }),
                }
            }
        }
        _ => {}
    }
    if !second_pad {
        return Err(Base64Error::Unfinished { left: have });
    }
    let stray = if have == 2 { b << 4 } else { c << 6 };
    if stray != 0 {
        return Err(Base64Error::StrayBits);
    }
    out.push(a << 2 | b >> 4);
    if have == 3 {
        out.push(b << 4 | c >> 2);
    }
    Ok(out)
}

/// Decode as far as whole groups go: the bytes of a damaged or cut blob, for comparing beginnings.
pub(crate) fn decode_prefix(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut acc = 0u32;
    let mut n = 0u32;
    for &b in text {
        let v = code(b);
        if v == SPACE {
            continue;
        }
        if v >= 64 {
            break;
        }
        acc = acc << 6 | u32::from(v);
        n += 1;
        if n == 4 {
            out.extend_from_slice(&[(acc >> 16) as u8, (acc >> 8) as u8, acc as u8]);
            acc = 0;
            n = 0;
        }
    }
    match n {
        2 => out.push((acc >> 4) as u8),
        3 => out.extend_from_slice(&[(acc >> 10) as u8, (acc >> 2) as u8]),
        _ => {}
    }
    out
}

/// The base64 text of `bytes`, padded, on one line.
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let pick = |v: u32| ALPHABET[(v & 63) as usize];
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let v = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.push(pick(v >> 18));
        out.push(pick(v >> 12));
        out.push(if chunk.len() > 1 { pick(v >> 6) } else { b'=' });
        out.push(if chunk.len() > 2 { pick(v) } else { b'=' });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_is_skipped_and_padding_is_mandatory() {
        assert_eq!(decode(b"QUJD\r\n").as_deref(), Ok(&b"ABC"[..]));
        assert_eq!(decode(b"QU\x0bJD").as_deref(), Ok(&b"ABC"[..]));
        assert_eq!(decode(b"QQ==").as_deref(), Ok(&b"A"[..]));
        assert_eq!(decode(b"QQ= =\r").as_deref(), Ok(&b"A"[..]));
        assert_eq!(decode(b"QUI=").as_deref(), Ok(&b"AB"[..]));
        assert_eq!(decode(b"QQ"), Err(Base64Error::Unfinished { left: 2 }));
        assert_eq!(decode(b"QQ="), Err(Base64Error::Unfinished { left: 2 }));
        assert_eq!(decode(b"QR=="), Err(Base64Error::StrayBits));
        assert_eq!(decode(b"QUI=x"), Err(Base64Error::AfterPadding { at: 4 }));
        assert_eq!(decode(b"QUJD="), Err(Base64Error::BadPadding { at: 4 }));
        assert_eq!(
            decode(b"QU-D"),
            Err(Base64Error::BadByte { at: 2, byte: b'-' })
        );
        assert_eq!(encode(b"ABCD"), b"QUJDRA==");
    }
}
