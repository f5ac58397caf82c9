//! The binary packet protocol (RFC 4253 §6) under each cipher we can speak:
//! a `Sealer` for what we send, an `Opener` for what comes.

use aes_gcm::aead::{AeadInOut, KeyInit};
use chacha20::ChaCha20Legacy;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use hmac::Mac;
use poly1305::Poly1305;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::TransportError;

/// Longest packet taken, in bytes: what sshd itself takes (`PACKET_MAX_SIZE`).
pub const MAX_PACKET: usize = 256 * 1024;

type Aes128Ctr = ctr::Ctr128BE<aes::Aes128>;
type Aes192Ctr = ctr::Ctr128BE<aes::Aes192>;
type Aes256Ctr = ctr::Ctr128BE<aes::Aes256>;

/// A cipher name this client can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CipherKind {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
    Aes128Ctr,
    Aes192Ctr,
    Aes256Ctr,
}

impl CipherKind {
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"aes128-gcm@openssh.com" => Self::Aes128Gcm,
            b"aes256-gcm@openssh.com" => Self::Aes256Gcm,
            b"chacha20-poly1305@openssh.com" => Self::ChaCha20Poly1305,
            b"aes128-ctr" => Self::Aes128Ctr,
            b"aes192-ctr" => Self::Aes192Ctr,
            b"aes256-ctr" => Self::Aes256Ctr,
            _ => return None,
        })
    }

    /// (key, IV) lengths in bytes.
    pub(crate) fn lengths(self) -> (usize, usize) {
        match self {
            Self::Aes128Gcm => (16, 12),
            Self::Aes256Gcm => (32, 12),
            Self::ChaCha20Poly1305 => (64, 0),
            Self::Aes128Ctr => (16, 16),
            Self::Aes192Ctr => (24, 16),
            Self::Aes256Ctr => (32, 16),
        }
    }

    /// True where the cipher brings its own integrity and the MAC list is not used.
    pub(crate) fn is_aead(self) -> bool {
        matches!(
            self,
            Self::Aes128Gcm | Self::Aes256Gcm | Self::ChaCha20Poly1305
        )
    }
}

/// A MAC name this client can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MacKind {
    hash: MacHash,
    etm: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MacHash {
    Sha1,
    Sha256,
    Sha512,
}

impl MacKind {
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        let (hash, etm) = match name {
            b"hmac-sha2-256-etm@openssh.com" => (MacHash::Sha256, true),
            b"hmac-sha2-512-etm@openssh.com" => (MacHash::Sha512, true),
            b"hmac-sha2-256" => (MacHash::Sha256, false),
            b"hmac-sha2-512" => (MacHash::Sha512, false),
            b"hmac-sha1" => (MacHash::Sha1, false),
            _ => return None,
        };
        Some(Self { hash, etm })
    }

    /// Key length, which is the tag length too, in bytes.
    pub(crate) fn length(self) -> usize {
        match self.hash {
            MacHash::Sha1 => 20,
            MacHash::Sha256 => 32,
            MacHash::Sha512 => 64,
        }
    }
}

/// The keys of one direction (RFC 4253 §7.2), wiped on drop.
pub(crate) struct Keys {
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) iv: Zeroizing<Vec<u8>>,
    pub(crate) mac: Zeroizing<Vec<u8>>,
}

/// AES-GCM's invocation counter (RFC 5647 §7.1): four fixed bytes, then a counter.
struct GcmNonce([u8; 12]);

impl GcmNonce {
    fn next(&mut self) -> [u8; 12] {
        let now = self.0;
        for byte in self.0.iter_mut().skip(4).rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
        now
    }
}

enum Gcm {
    Aes128(Box<aes_gcm::Aes128Gcm>),
    Aes256(Box<aes_gcm::Aes256Gcm>),
}

impl Gcm {
    fn seal(&self, nonce: [u8; 12], aad: &[u8], buf: &mut [u8]) -> Option<[u8; 16]> {
        let tag = match self {
            Self::Aes128(c) => c.encrypt_inout_detached(&nonce.into(), aad, buf.into()),
            Self::Aes256(c) => c.encrypt_inout_detached(&nonce.into(), aad, buf.into()),
        };
        tag.ok().map(Into::into)
    }

    fn open(&self, nonce: [u8; 12], aad: &[u8], buf: &mut [u8], tag: [u8; 16]) -> bool {
        let tag = tag.into();
        match self {
            Self::Aes128(c) => c.decrypt_inout_detached(&nonce.into(), aad, buf.into(), &tag),
            Self::Aes256(c) => c.decrypt_inout_detached(&nonce.into(), aad, buf.into(), &tag),
        }
        .is_ok()
    }
}

/// The two keys of chacha20-poly1305@openssh.com (`PROTOCOL.chacha20poly1305`).
struct ChaCha {
    payload: Zeroizing<[u8; 32]>,
    length: Zeroizing<[u8; 32]>,
}

impl ChaCha {
    fn stream(key: &[u8; 32], seq: u32) -> ChaCha20Legacy {
        ChaCha20Legacy::new(key.into(), &u64::from(seq).to_be_bytes().into())
    }

    fn crypt_length(&self, seq: u32, length: &mut [u8; 4]) {
        Self::stream(&self.length, seq).apply_keystream(length);
    }

    fn tag(&self, seq: u32, sealed: &[u8]) -> [u8; 16] {
        let mut key = Zeroizing::new([0u8; 32]);
        Self::stream(&self.payload, seq).apply_keystream(key.as_mut());
        let poly = <Poly1305 as poly1305::universal_hash::KeyInit>::new((&*key).into());
        poly.compute_unpadded(sealed).into()
    }

    fn crypt_body(&self, seq: u32, body: &mut [u8]) {
        let mut stream = Self::stream(&self.payload, seq);
        stream.seek(64u32);
        stream.apply_keystream(body);
    }
}

enum Ctr {
    Aes128(Box<Aes128Ctr>),
    Aes192(Box<Aes192Ctr>),
    Aes256(Box<Aes256Ctr>),
}

impl Ctr {
    fn apply(&mut self, buf: &mut [u8]) {
        match self {
            Self::Aes128(c) => c.apply_keystream(buf),
            Self::Aes192(c) => c.apply_keystream(buf),
            Self::Aes256(c) => c.apply_keystream(buf),
        }
    }
}

struct MacKey {
    kind: MacKind,
    key: Zeroizing<Vec<u8>>,
}

impl MacKey {
    fn tag(&self, seq: u32, parts: [&[u8]; 2]) -> Option<Vec<u8>> {
        fn run<M: Mac + KeyInit>(key: &[u8], seq: u32, parts: [&[u8]; 2]) -> Option<Vec<u8>> {
            let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
            mac.update(&seq.to_be_bytes());
            for part in parts {
                mac.update(part);
            }
            Some(mac.finalize().into_bytes().to_vec())
        }
        match self.kind.hash {
            MacHash::Sha1 => run::<hmac::Hmac<sha1::Sha1>>(&self.key, seq, parts),
            MacHash::Sha256 => run::<hmac::Hmac<sha2::Sha256>>(&self.key, seq, parts),
            MacHash::Sha512 => run::<hmac::Hmac<sha2::Sha512>>(&self.key, seq, parts),
        }
    }
}

enum Suite {
    Plain,
    Gcm { cipher: Gcm, nonce: GcmNonce },
    ChaCha(ChaCha),
    Ctr { cipher: Ctr, mac: MacKey },
}

impl Suite {
    fn new(cipher: CipherKind, mac: Option<MacKind>, keys: &Keys) -> Option<Self> {
        let gcm = |cipher: Gcm| {
            let nonce = GcmNonce(keys.iv.as_slice().try_into().ok()?);
            Some(Self::Gcm { cipher, nonce })
        };
        let ctr = |cipher: Ctr| {
            let key = keys.mac.clone();
            let mac = MacKey { kind: mac?, key };
            Some(Self::Ctr { cipher, mac })
        };
        match cipher {
            CipherKind::Aes128Gcm => gcm(Gcm::Aes128(Box::new(
                KeyInit::new_from_slice(&keys.key).ok()?,
            ))),
            CipherKind::Aes256Gcm => gcm(Gcm::Aes256(Box::new(
                KeyInit::new_from_slice(&keys.key).ok()?,
            ))),
            CipherKind::ChaCha20Poly1305 => {
                let (payload, length) = keys.key.split_at_checked(32)?;
                Some(Self::ChaCha(ChaCha {
                    payload: Zeroizing::new(payload.try_into().ok()?),
                    length: Zeroizing::new(length.try_into().ok()?),
                }))
            }
            CipherKind::Aes128Ctr => ctr(Ctr::Aes128(Box::new(
                KeyIvInit::new_from_slices(&keys.key, &keys.iv).ok()?,
            ))),
            CipherKind::Aes192Ctr => ctr(Ctr::Aes192(Box::new(
                KeyIvInit::new_from_slices(&keys.key, &keys.iv).ok()?,
            ))),
            CipherKind::Aes256Ctr => ctr(Ctr::Aes256(Box::new(
                KeyIvInit::new_from_slices(&keys.key, &keys.iv).ok()?,
            ))),
        }
    }

    /// The block the padding fills up to, and whether the length field counts to it.
    fn block(&self) -> (usize, bool) {
        match self {
            Self::Plain => (8, true),
            Self::Gcm { .. } => (16, false),
            Self::ChaCha(_) => (8, false),
            Self::Ctr { mac, .. } => (16, !mac.kind.etm),
        }
    }
}

/// Fills a buffer; `false`: the system gives no random bytes.
pub(crate) fn random(buf: &mut [u8]) -> bool {
    getrandom::fill(buf).is_ok()
}

/// Seals our packets, in order.
pub(crate) struct Sealer {
    suite: Suite,
    seq: u32,
}

impl Sealer {
    pub(crate) fn plain() -> Self {
        Self {
            suite: Suite::Plain,
            seq: 0,
        }
    }

    /// Changes keys at our NEWKEYS; strict key exchange sets the sequence back to 0.
    pub(crate) fn rekey(
        &mut self,
        cipher: CipherKind,
        mac: Option<MacKind>,
        keys: &Keys,
        strict: bool,
    ) -> Result<(), TransportError> {
        self.suite = Suite::new(cipher, mac, keys).ok_or(TransportError::Crypto)?;
        if strict {
            self.seq = 0;
        }
        Ok(())
    }

    /// Appends one packet holding `payload` to `out`, with random padding.
    pub(crate) fn send(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), TransportError> {
        let mut padding = [0u8; 32];
        if !random(&mut padding) {
            return Err(TransportError::Crypto);
        }
        self.seal(payload, &padding, out)
    }

    /// Appends one packet holding `payload` to `out`; `padding` is at least 32 random bytes.
    pub(crate) fn seal(
        &mut self,
        payload: &[u8],
        padding: &[u8; 32],
        out: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        let (block, counts_length) = self.suite.block();
        let fixed = payload.len() + 1 + if counts_length { 4 } else { 0 };
        let mut pad = block - fixed % block;
        if pad < 4 {
            pad += block;
        }
        let length = payload.len() + 1 + pad;
        let length = u32::try_from(length).map_err(|_| TransportError::PacketTooLong)?;
        let mut header = length.to_be_bytes();
        let mut body = Zeroizing::new(Vec::with_capacity(payload.len() + 1 + pad));
        body.push(u8::try_from(pad).map_err(|_| TransportError::Crypto)?);
        body.extend_from_slice(payload);
        body.extend(padding.iter().take(pad));
        let seq = self.seq;
        match &mut self.suite {
            Suite::Plain => {
                out.extend_from_slice(&header);
                out.extend_from_slice(&body);
            }
            Suite::Gcm { cipher, nonce } => {
                let tag = cipher
                    .seal(nonce.next(), &header, &mut body)
                    .ok_or(TransportError::Crypto)?;
                out.extend_from_slice(&header);
                out.extend_from_slice(&body);
                out.extend_from_slice(&tag);
            }
            Suite::ChaCha(c) => {
                c.crypt_length(seq, &mut header);
                c.crypt_body(seq, &mut body);
                let start = out.len();
                out.extend_from_slice(&header);
                out.extend_from_slice(&body);
                let tag = c.tag(seq, out.get(start..).unwrap_or_default());
                out.extend_from_slice(&tag);
            }
            Suite::Ctr { cipher, mac } => {
                let tag = if mac.kind.etm {
                    cipher.apply(&mut body);
                    mac.tag(seq, [&header, &body])
                } else {
                    let tag = mac.tag(seq, [&header, &body]);
                    cipher.apply(&mut header);
                    cipher.apply(&mut body);
                    tag
                };
                out.extend_from_slice(&header);
                out.extend_from_slice(&body);
                out.extend_from_slice(&tag.ok_or(TransportError::Crypto)?);
            }
        }
        self.seq = self.seq.wrapping_add(1);
        Ok(())
    }

    /// The number of the next packet.
    pub(crate) fn seq(&self) -> u32 {
        self.seq
    }
}

/// Opens the server's packets, in order.
pub(crate) struct Opener {
    suite: Suite,
    seq: u32,
    /// Encrypt-and-MAC only: the first four bytes, already decrypted.
    head: Option<[u8; 4]>,
}

impl Opener {
    pub(crate) fn plain() -> Self {
        Self {
            suite: Suite::Plain,
            seq: 0,
            head: None,
        }
    }

    /// Changes keys at the server's NEWKEYS.
    pub(crate) fn rekey(
        &mut self,
        cipher: CipherKind,
        mac: Option<MacKind>,
        keys: &Keys,
        strict: bool,
    ) -> Result<(), TransportError> {
        self.suite = Suite::new(cipher, mac, keys).ok_or(TransportError::Crypto)?;
        self.head = None;
        if strict {
            self.seq = 0;
        }
        Ok(())
    }

    /// The number of the next packet.
    pub(crate) fn seq(&self) -> u32 {
        self.seq
    }

    /// Takes one packet off the front of `input`: its payload and how many bytes it
    /// was. `None` means that more bytes are needed.
    pub(crate) fn open(
        &mut self,
        input: &[u8],
    ) -> Result<Option<(Vec<u8>, usize)>, TransportError> {
        let Some(first) = input.first_chunk::<4>() else {
            return Ok(None);
        };
        let mut header = *first;
        let seq = self.seq;
        match &mut self.suite {
            Suite::ChaCha(c) => c.crypt_length(seq, &mut header),
            Suite::Ctr { cipher, mac } if !mac.kind.etm => {
                header = match self.head {
                    Some(head) => head,
                    None => {
                        cipher.apply(&mut header);
                        self.head = Some(header);
                        header
                    }
                };
            }
            _ => {}
        }
        let length = usize::try_from(u32::from_be_bytes(header)).unwrap_or(usize::MAX);
        let (block, counts_length) = self.suite.block();
        if length > MAX_PACKET {
            return Err(TransportError::PacketTooLong);
        }
        if length < 5 || !(length + if counts_length { 4 } else { 0 }).is_multiple_of(block) {
            return Err(TransportError::PacketLength);
        }
        let tag_len = match &self.suite {
            Suite::Plain => 0,
            Suite::Gcm { .. } | Suite::ChaCha(_) => 16,
            Suite::Ctr { mac, .. } => mac.kind.length(),
        };
        let total = 4 + length + tag_len;
        let Some(packet) = input.get(..total) else {
            return Ok(None);
        };
        let (sealed, tag) = packet
            .split_at_checked(4 + length)
            .ok_or(TransportError::PacketLength)?;
        let mut body = sealed
            .get(4..)
            .ok_or(TransportError::PacketLength)?
            .to_vec();
        let good = match &mut self.suite {
            Suite::Plain => true,
            Suite::Gcm { cipher, nonce } => tag
                .try_into()
                .is_ok_and(|tag| cipher.open(nonce.next(), &header, &mut body, tag)),
            Suite::ChaCha(c) => {
                let good: bool = c.tag(seq, sealed).ct_eq(tag).into();
                c.crypt_body(seq, &mut body);
                good
            }
            Suite::Ctr { cipher, mac } => {
                let etm = mac.kind.etm;
                let before = if etm {
                    mac.tag(seq, [&header, &body])
                } else {
                    None
                };
                cipher.apply(&mut body);
                let expected = if etm {
                    before
                } else {
                    mac.tag(seq, [&header, &body])
                };
                expected.is_some_and(|expected| expected.ct_eq(tag).into())
            }
        };
        if !good {
            return Err(TransportError::Integrity);
        }
        self.head = None;
        self.seq = self.seq.wrapping_add(1);
        let pad = usize::from(body.first().copied().unwrap_or(0));
        let end = body.len().checked_sub(pad).filter(|end| *end > 1);
        let (true, Some(end)) = (pad >= 4, end) else {
            return Err(TransportError::PacketLength);
        };
        body.truncate(end);
        body.remove(0);
        Ok(Some((body, total)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIPHERS: [&[u8]; 6] = [
        b"aes128-gcm@openssh.com",
        b"aes256-gcm@openssh.com",
        b"chacha20-poly1305@openssh.com",
        b"aes128-ctr",
        b"aes192-ctr",
        b"aes256-ctr",
    ];
    const MACS: [&[u8]; 5] = [
        b"hmac-sha2-256-etm@openssh.com",
        b"hmac-sha2-512-etm@openssh.com",
        b"hmac-sha2-256",
        b"hmac-sha2-512",
        b"hmac-sha1",
    ];

    fn pair(cipher: &[u8], mac: &[u8]) -> (Sealer, Opener) {
        let kind = CipherKind::from_name(cipher).unwrap();
        let mac = MacKind::from_name(mac).unwrap();
        let (key, iv) = kind.lengths();
        let keys = Keys {
            key: vec![7; key].into(),
            iv: vec![9; iv].into(),
            mac: vec![5; mac.length()].into(),
        };
        let (mut s, mut o) = (Sealer::plain(), Opener::plain());
        s.rekey(kind, Some(mac), &keys, false).unwrap();
        o.rekey(kind, Some(mac), &keys, false).unwrap();
        (s, o)
    }

    #[test]
    fn every_suite_opens_what_it_sealed_at_every_truncation() {
        for cipher in CIPHERS {
            for mac in MACS {
                let (mut s, mut o) = pair(cipher, mac);
                for n in [1usize, 2, 11, 12, 13, 300] {
                    let payload = vec![42u8; n];
                    let mut out = Vec::new();
                    s.seal(&payload, &[1; 32], &mut out).unwrap();
                    for cut in 0..out.len() {
                        assert_eq!(o.open(&out[..cut]).unwrap(), None);
                    }
                    assert_eq!(o.open(&out).unwrap(), Some((payload, out.len())));
                }
            }
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_an_error_or_a_wait() {
        for cipher in CIPHERS {
            let (mut s, _) = pair(cipher, MACS[0]);
            let mut out = Vec::new();
            s.seal(&[42; 40], &[1; 32], &mut out).unwrap();
            for at in 0..out.len() {
                let (_, mut o) = pair(cipher, MACS[0]);
                let mut bad = out.clone();
                bad[at] ^= 0x10;
                assert!(!matches!(o.open(&bad), Ok(Some(_))), "byte {at}");
            }
        }
    }
}
