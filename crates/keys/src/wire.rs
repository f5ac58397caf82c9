//! The data types of RFC 4251 §5 read from bytes, with the checks of sshd's `sshbuf`.

use crate::error::{BlobError, BlobErrorKind};

/// Longest string `sshbuf` reads: `SSHBUF_SIZE_MAX - 4`.
const MAX_STRING: usize = 0x800_0000 - 4;
/// Longest bignum in bytes: `SSHBUF_MAX_BIGNUM`.
const MAX_BIGNUM: usize = 16384 / 8;

/// A cursor that knows its offset in the blob it reads.
#[derive(Clone)]
pub struct Reader<'a> {
    buf: &'a [u8],
    pos: usize,
    base: usize,
}

impl<'a> Reader<'a> {
    /// A reader from the first byte of `buf`.
    #[must_use]
    pub fn new(buf: &'a [u8]) -> Self {
        Self::at(buf, 0)
    }

    /// A reader whose offsets are reported as if `buf` began at `base`.
    #[must_use]
    pub fn at(buf: &'a [u8], base: usize) -> Self {
        Reader { buf, pos: 0, base }
    }

    /// Offset of the next byte.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.base.saturating_add(self.pos)
    }

    /// What is not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.buf.get(self.pos..).unwrap_or_default()
    }

    /// Whether everything is read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pos >= self.buf.len()
    }

    /// How many bytes of the buffer have been read.
    #[must_use]
    pub fn consumed(&self) -> usize {
        self.pos
    }

    /// An error at the next byte.
    #[must_use]
    pub fn error(&self, kind: BlobErrorKind) -> BlobError {
        BlobError {
            offset: self.offset(),
            kind,
        }
    }

    /// The next `n` bytes, which are called `what` in the error.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], BlobError> {
        let rest = self.rest();
        match rest.get(..n) {
            Some(got) => {
                self.pos = self.pos.saturating_add(n);
                Ok(got)
            }
            None => Err(self.error(BlobErrorKind::Truncated {
                what,
                need: n,
                have: rest.len(),
            })),
        }
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], BlobError> {
        let bytes = self.take(N, what)?;
        let mut out = [0; N];
        out.copy_from_slice(bytes);
        Ok(out)
    }

    /// RFC 4251 `byte`.
    ///
    /// # Errors
    /// The data end before.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, BlobError> {
        self.array::<1>(what).map(|[b]| b)
    }

    /// RFC 4251 `uint32`.
    ///
    /// # Errors
    /// The data end before.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, BlobError> {
        self.array(what).map(u32::from_be_bytes)
    }

    /// RFC 4251 `uint64`.
    ///
    /// # Errors
    /// The data end before.
    pub fn u64(&mut self, what: &'static str) -> Result<u64, BlobError> {
        self.array(what).map(u64::from_be_bytes)
    }

    /// `sshbuf_get_string_direct`.
    ///
    /// # Errors
    /// As sshd refuses it.
    pub fn string(&mut self, what: &'static str) -> Result<&'a [u8], BlobError> {
        let start = self.pos;
        let len = usize::try_from(self.u32(what)?).unwrap_or(usize::MAX);
        if len > MAX_STRING {
            self.pos = start;
            return Err(self.error(BlobErrorKind::StringTooLong { what, len }));
        }
        self.take(len, what)
    }

    /// `sshbuf_froms`: a string whose content is read further, with true offsets.
    ///
    /// # Errors
    /// As sshd refuses it.
    pub fn nested(&mut self, what: &'static str) -> Result<Reader<'a>, BlobError> {
        let inner = self.string(what)?;
        let base = self.offset().saturating_sub(inner.len());
        Ok(Reader::at(inner, base))
    }

    /// `sshbuf_get_cstring`: a NUL may stand at the end only, and is dropped.
    ///
    /// # Errors
    /// As sshd refuses it.
    pub fn cstring(&mut self, what: &'static str) -> Result<&'a [u8], BlobError> {
        let start = self.pos;
        let s = self.string(what)?;
        match s.iter().position(|&b| b == 0) {
            None => Ok(s),
            Some(at) if at.saturating_add(1) == s.len() => Ok(s.get(..at).unwrap_or_default()),
            Some(_) => {
                self.pos = start;
                Err(self.error(BlobErrorKind::EmbeddedNul { what }))
            }
        }
    }

    /// `sshbuf_get_bignum2_bytes_direct`: magnitude without leading zeros.
    ///
    /// # Errors
    /// As sshd refuses it.
    pub fn mpint(&mut self, what: &'static str) -> Result<&'a [u8], BlobError> {
        let start = self.pos;
        let raw = self.string(what)?;
        let first = raw.first().copied().unwrap_or(0);
        let kind = if first & 0x80 != 0 {
            BlobErrorKind::NegativeMpint { what }
        } else if raw.len() > MAX_BIGNUM + 1 || (raw.len() == MAX_BIGNUM + 1 && first != 0) {
            BlobErrorKind::MpintTooLarge {
                what,
                len: raw.len(),
            }
        } else {
            return Ok(trim_zeros(raw));
        };
        self.pos = start;
        Err(self.error(kind))
    }
}

/// The magnitude without its leading zero bytes.
#[must_use]
pub fn trim_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|&&b| b == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// Number of significant bits (`BN_num_bits`).
#[must_use]
pub fn bit_len(magnitude: &[u8]) -> u32 {
    let m = trim_zeros(magnitude);
    match m.split_first() {
        None => 0,
        Some((first, rest)) => u32::try_from(rest.len())
            .unwrap_or(u32::MAX)
            .saturating_mul(8)
            .saturating_add(8u32.saturating_sub(first.leading_zeros())),
    }
}

/// Appends `string data`.
pub fn put_string(out: &mut alloc::vec::Vec<u8>, data: &[u8]) {
    let len = u32::try_from(data.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(data);
}

/// Appends `mpint` for a non-negative magnitude, in its shortest form.
pub fn put_mpint(out: &mut alloc::vec::Vec<u8>, magnitude: &[u8]) {
    let m = trim_zeros(magnitude);
    let pad = usize::from(m.first().is_some_and(|b| b & 0x80 != 0));
    let len = u32::try_from(m.len().saturating_add(pad)).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    if pad == 1 {
        out.push(0);
    }
    out.extend_from_slice(m);
}
