//! The data types of RFC 4251 §5, read without ever failing loudly, and the
//! message numbers of RFC 4250 §4.1.2.

/// Message numbers, named as the RFCs print them.
pub mod msg {
    /// RFC 4253 §11.1.
    pub const DISCONNECT: u8 = 1;
    /// RFC 4253 §11.2.
    pub const IGNORE: u8 = 2;
    /// RFC 4253 §11.4.
    pub const UNIMPLEMENTED: u8 = 3;
    /// RFC 4253 §11.3.
    pub const DEBUG: u8 = 4;
    /// RFC 4253 §10.
    pub const SERVICE_REQUEST: u8 = 5;
    /// RFC 4253 §10.
    pub const SERVICE_ACCEPT: u8 = 6;
    /// RFC 8308 §2.3.
    pub const EXT_INFO: u8 = 7;
    /// RFC 4253 §7.1.
    pub const KEXINIT: u8 = 20;
    /// RFC 4253 §7.3.
    pub const NEWKEYS: u8 = 21;
    /// RFC 5656 §4.
    pub const KEX_ECDH_INIT: u8 = 30;
    /// RFC 5656 §4.
    pub const KEX_ECDH_REPLY: u8 = 31;
    /// RFC 4252 §5.
    pub const USERAUTH_REQUEST: u8 = 50;
    /// RFC 4252 §5.1.
    pub const USERAUTH_FAILURE: u8 = 51;
    /// RFC 4252 §5.1.
    pub const USERAUTH_SUCCESS: u8 = 52;
    /// RFC 4252 §5.4.
    pub const USERAUTH_BANNER: u8 = 53;
    /// RFC 4252 §7 (publickey), §8 (PASSWD_CHANGEREQ), RFC 4256 §3.2
    /// (INFO_REQUEST): what 60 means hangs on the method asked for.
    pub const USERAUTH_60: u8 = 60;
    /// RFC 4256 §3.4.
    pub const USERAUTH_INFO_RESPONSE: u8 = 61;
    /// RFC 4254 §4.
    pub const GLOBAL_REQUEST: u8 = 80;
    /// RFC 4254 §4.
    pub const REQUEST_SUCCESS: u8 = 81;
    /// RFC 4254 §4.
    pub const REQUEST_FAILURE: u8 = 82;
    /// RFC 4254 §5.1.
    pub const CHANNEL_OPEN: u8 = 90;
    /// RFC 4254 §5.1.
    pub const CHANNEL_OPEN_CONFIRMATION: u8 = 91;
    /// RFC 4254 §5.1.
    pub const CHANNEL_OPEN_FAILURE: u8 = 92;
    /// RFC 4254 §5.2.
    pub const CHANNEL_WINDOW_ADJUST: u8 = 93;
    /// RFC 4254 §5.2.
    pub const CHANNEL_DATA: u8 = 94;
    /// RFC 4254 §5.2.
    pub const CHANNEL_EXTENDED_DATA: u8 = 95;
    /// RFC 4254 §5.3.
    pub const CHANNEL_EOF: u8 = 96;
    /// RFC 4254 §5.3.
    pub const CHANNEL_CLOSE: u8 = 97;
    /// RFC 4254 §5.4.
    pub const CHANNEL_REQUEST: u8 = 98;
    /// RFC 4254 §5.4.
    pub const CHANNEL_SUCCESS: u8 = 99;
    /// RFC 4254 §5.4.
    pub const CHANNEL_FAILURE: u8 = 100;
}

/// A cursor over one message. Every read answers `None` where the bytes run out.
#[derive(Clone, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from the first byte of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    /// A `byte`.
    pub fn u8(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    /// A `boolean`: every value but 0 is true.
    pub fn boolean(&mut self) -> Option<bool> {
        self.u8().map(|b| b != 0)
    }

    /// A `uint32`.
    pub fn u32(&mut self) -> Option<u32> {
        let bytes: [u8; 4] = self.bytes(4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    }

    /// A `string`; also a name-list, kept as it came.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let before = self.0;
        let found = self
            .u32()
            .and_then(|n| usize::try_from(n).ok())
            .and_then(|n| self.bytes(n));
        if found.is_none() {
            self.0 = before;
        }
        found
    }
}

/// Appends a `byte`.
pub fn put_u8(out: &mut Vec<u8>, value: u8) {
    out.push(value);
}

/// Appends a `boolean`.
pub fn put_bool(out: &mut Vec<u8>, value: bool) {
    out.push(u8::from(value));
}

/// Appends a `uint32`.
pub fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends a `string`. Bytes beyond `u32::MAX` cannot be said on the wire and are cut.
pub fn put_string(out: &mut Vec<u8>, value: &[u8]) {
    let len = u32::try_from(value.len()).unwrap_or(u32::MAX);
    put_u32(out, len);
    out.extend(value.iter().take(len as usize));
}

/// Appends an `mpint` that is not negative, from big-endian bytes of any width.
pub fn put_mpint(out: &mut Vec<u8>, value: &[u8]) {
    let zeros = value.iter().take_while(|b| **b == 0).count();
    let digits = value.get(zeros..).unwrap_or_default();
    let sign = usize::from(digits.first().is_some_and(|b| b & 0x80 != 0));
    put_u32(out, u32::try_from(digits.len() + sign).unwrap_or(u32::MAX));
    out.extend(std::iter::repeat_n(0, sign));
    out.extend_from_slice(digits);
}

/// The names of a name-list (RFC 4251 §5), as they stand; an empty list has none.
pub fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|b| *b == b',').filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mpint_examples_of_rfc_4251() {
        let mut out = Vec::new();
        put_mpint(&mut out, &[0, 0]);
        put_mpint(&mut out, &[0x80]);
        put_mpint(&mut out, &[0, 0x09, 0xa3]);
        assert_eq!(
            out,
            [0, 0, 0, 0, 0, 0, 0, 2, 0, 0x80, 0, 0, 0, 2, 0x09, 0xa3]
        );
    }

    #[test]
    fn a_string_longer_than_its_message_is_none_and_reads_nothing() {
        let mut r = Reader::new(&[0xff, 0xff, 0xff, 0xff, 1]);
        assert_eq!(r.string(), None);
        assert_eq!(r.rest().len(), 5);
    }
}
