//! Algorithm negotiation and key exchange (RFC 4253 §7 and §8, RFC 5656, RFC 8731).

use std::fmt;

use ml_kem::kem::{Decapsulate, Encapsulate};
use ml_kem::{DecapsulationKey, EncapsulationKey, KeyExport, MlKem768, TryKeyInit};
use p256::elliptic_curve::sec1::ToSec1Point;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sntrup::sntrup761;
use zeroize::Zeroizing;

use crate::cipher::{CipherKind, Keys, MacKind};
use crate::data::{Reader, msg, names, put_bool, put_mpint, put_string, put_u8, put_u32};
use crate::error::TransportError;

/// The name-lists of SSH_MSG_KEXINIT that are negotiated, in their order on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KexList {
    /// kex_algorithms
    Kex,
    /// server_host_key_algorithms
    HostKey,
    /// encryption_algorithms_client_to_server
    CipherOut,
    /// encryption_algorithms_server_to_client
    CipherIn,
    /// mac_algorithms_client_to_server
    MacOut,
    /// mac_algorithms_server_to_client
    MacIn,
    /// compression_algorithms_client_to_server
    CompressionOut,
    /// compression_algorithms_server_to_client
    CompressionIn,
}

impl fmt::Display for KexList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kex => "key exchange algorithm",
            Self::HostKey => "host key algorithm",
            Self::CipherOut => "cipher, client to server",
            Self::CipherIn => "cipher, server to client",
            Self::MacOut => "MAC, client to server",
            Self::MacIn => "MAC, server to client",
            Self::CompressionOut => "compression, client to server",
            Self::CompressionIn => "compression, server to client",
        })
    }
}

/// SSH_MSG_KEXINIT (RFC 4253 §7.1); each list as it stands on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KexInit {
    /// kex_algorithms, with the markers (`ext-info-s`, `kex-strict-s-v00@openssh.com`).
    pub kex: Vec<u8>,
    /// server_host_key_algorithms
    pub host_key: Vec<u8>,
    /// encryption_algorithms_client_to_server
    pub cipher_out: Vec<u8>,
    /// encryption_algorithms_server_to_client
    pub cipher_in: Vec<u8>,
    /// mac_algorithms_client_to_server
    pub mac_out: Vec<u8>,
    /// mac_algorithms_server_to_client
    pub mac_in: Vec<u8>,
    /// compression_algorithms_client_to_server
    pub compression_out: Vec<u8>,
    /// compression_algorithms_server_to_client
    pub compression_in: Vec<u8>,
    /// languages_client_to_server
    pub languages_out: Vec<u8>,
    /// languages_server_to_client
    pub languages_in: Vec<u8>,
    /// first_kex_packet_follows
    pub first_kex_packet_follows: bool,
}

impl KexInit {
    /// Bytes of all its lists.
    pub(crate) fn len(&self) -> usize {
        [
            &self.kex,
            &self.host_key,
            &self.cipher_out,
            &self.cipher_in,
            &self.mac_out,
            &self.mac_in,
            &self.compression_out,
            &self.compression_in,
            &self.languages_out,
            &self.languages_in,
        ]
        .iter()
        .fold(0usize, |sum, list| sum.saturating_add(list.len()))
    }

    /// Reads a whole payload, number and cookie included.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let mut r = Reader::new(payload);
        if r.u8()? != msg::KEXINIT {
            return None;
        }
        r.bytes(16)?;
        let mut list = || r.string().map(<[u8]>::to_vec);
        let init = Self {
            kex: list()?,
            host_key: list()?,
            cipher_out: list()?,
            cipher_in: list()?,
            mac_out: list()?,
            mac_in: list()?,
            compression_out: list()?,
            compression_in: list()?,
            languages_out: list()?,
            languages_in: list()?,
            first_kex_packet_follows: false,
        };
        Some(Self {
            first_kex_packet_follows: r.boolean()?,
            ..init
        })
    }

    /// The payload that says this, with the cookie given.
    #[must_use]
    pub fn to_payload(&self, cookie: &[u8; 16]) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        put_u8(&mut out, msg::KEXINIT);
        out.extend_from_slice(cookie);
        for list in [
            &self.kex,
            &self.host_key,
            &self.cipher_out,
            &self.cipher_in,
            &self.mac_out,
            &self.mac_in,
            &self.compression_out,
            &self.compression_in,
            &self.languages_out,
            &self.languages_in,
        ] {
            put_string(&mut out, list);
        }
        put_bool(&mut out, self.first_kex_packet_follows);
        put_u32(&mut out, 0);
        out
    }

    /// True if the kex list holds `marker`.
    #[must_use]
    pub fn says(&self, marker: &[u8]) -> bool {
        names(&self.kex).any(|name| name == marker)
    }
}

/// The marker of strict key exchange in the client's list (OpenSSH `PROTOCOL` §1.10).
pub(crate) const STRICT_CLIENT: &[u8] = b"kex-strict-c-v00@openssh.com";
/// The same in the server's.
pub(crate) const STRICT_SERVER: &[u8] = b"kex-strict-s-v00@openssh.com";
const MLKEM: &[u8] = b"mlkem768x25519-sha256";
/// draft-ietf-sshm-ntruprime-ssh, and the name that OpenSSH gave it before.
const SNTRUP: &[u8] = b"sntrup761x25519-sha512";
const SNTRUP_OPENSSH: &[u8] = b"sntrup761x25519-sha512@openssh.com";

/// Everything this client can speak, the cheapest first; a caller may narrow it.
#[must_use]
pub fn default_offer() -> KexInit {
    let ciphers = b"aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,\
aes128-ctr,aes256-ctr,aes192-ctr"
        .to_vec();
    let macs = b"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,\
hmac-sha2-512,hmac-sha1"
        .to_vec();
    KexInit {
        kex: b"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,\
ecdh-sha2-nistp384,ecdh-sha2-nistp521,mlkem768x25519-sha256,sntrup761x25519-sha512,\
sntrup761x25519-sha512@openssh.com,ext-info-c,kex-strict-c-v00@openssh.com"
            .to_vec(),
        host_key: b"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,\
rsa-sha2-512,rsa-sha2-256"
            .to_vec(),
        cipher_out: ciphers.clone(),
        cipher_in: ciphers,
        mac_out: macs.clone(),
        mac_in: macs,
        compression_out: b"none".to_vec(),
        compression_in: b"none".to_vec(),
        ..KexInit::default()
    }
}

/// What two KEXINITs come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// Key exchange algorithm.
    pub kex: Vec<u8>,
    /// Host key algorithm: of the signature, where it differs from the key format.
    pub host_key: Vec<u8>,
    /// Cipher, client to server.
    pub cipher_out: Vec<u8>,
    /// Cipher, server to client.
    pub cipher_in: Vec<u8>,
    /// MAC, client to server; `None` with an AEAD cipher.
    pub mac_out: Option<Vec<u8>>,
    /// MAC, server to client.
    pub mac_in: Option<Vec<u8>>,
    /// Both sides asked for strict key exchange.
    pub strict: bool,
    /// A first packet that either side sent as a guess is wrong and must be passed over.
    pub(crate) guesses_differ: bool,
}

fn common<'a>(client: &'a [u8], server: &[u8], list: KexList) -> Result<&'a [u8], TransportError> {
    names(client)
        .filter(|name| *name != b"ext-info-c" && *name != STRICT_CLIENT)
        .find(|name| names(server).any(|their| their == *name))
        .ok_or(TransportError::NoCommon(list))
}

/// The cipher and the MAC of one direction.
pub(crate) type Suite = (CipherKind, Option<MacKind>);

impl Negotiated {
    /// What goes from the client to the server.
    pub(crate) fn client_to_server(&self) -> Result<Suite, TransportError> {
        let lists = (KexList::CipherOut, KexList::MacOut);
        suite(&self.cipher_out, self.mac_out.as_deref(), lists)
    }

    /// What goes from the server to the client.
    pub(crate) fn server_to_client(&self) -> Result<Suite, TransportError> {
        let lists = (KexList::CipherIn, KexList::MacIn);
        suite(&self.cipher_in, self.mac_in.as_deref(), lists)
    }
}

fn suite(
    cipher: &[u8],
    mac: Option<&[u8]>,
    lists: (KexList, KexList),
) -> Result<Suite, TransportError> {
    let cipher = CipherKind::from_name(cipher).ok_or(TransportError::NoCommon(lists.0))?;
    let mac = match mac {
        Some(name) => Some(MacKind::from_name(name).ok_or(TransportError::NoCommon(lists.1))?),
        None => None,
    };
    Ok((cipher, mac))
}

/// RFC 4253 §7.1: of each list the client's first name that the server has too.
pub fn negotiate(client: &KexInit, server: &KexInit) -> Result<Negotiated, TransportError> {
    let kex = common(&client.kex, &server.kex, KexList::Kex)?;
    let host_key = common(&client.host_key, &server.host_key, KexList::HostKey)?;
    let cipher_out = common(&client.cipher_out, &server.cipher_out, KexList::CipherOut)?;
    let cipher_in = common(&client.cipher_in, &server.cipher_in, KexList::CipherIn)?;
    let mac = |cipher: &[u8], a: &[u8], b: &[u8], list| {
        if CipherKind::from_name(cipher).is_some_and(CipherKind::is_aead) {
            Ok(None)
        } else {
            common(a, b, list).map(|name| Some(name.to_vec()))
        }
    };
    let mac_out = mac(
        cipher_out,
        &client.mac_out,
        &server.mac_out,
        KexList::MacOut,
    )?;
    let mac_in = mac(cipher_in, &client.mac_in, &server.mac_in, KexList::MacIn)?;
    common(
        &client.compression_out,
        &server.compression_out,
        KexList::CompressionOut,
    )?;
    common(
        &client.compression_in,
        &server.compression_in,
        KexList::CompressionIn,
    )?;
    let first = |list| names(list).next();
    Ok(Negotiated {
        strict: client.says(STRICT_CLIENT) && server.says(STRICT_SERVER),
        guesses_differ: first(&client.kex) != first(&server.kex)
            || first(&client.host_key) != first(&server.host_key),
        kex: kex.to_vec(),
        host_key: host_key.to_vec(),
        cipher_out: cipher_out.to_vec(),
        cipher_in: cipher_in.to_vec(),
        mac_out,
        mac_in,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KexHash {
    Sha256,
    Sha384,
    Sha512,
}

impl KexHash {
    pub(crate) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn run<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut hash = D::new();
            for part in parts {
                hash.update(part);
            }
            hash.finalize().to_vec()
        }
        match self {
            Self::Sha256 => run::<Sha256>(parts),
            Self::Sha384 => run::<Sha384>(parts),
            Self::Sha512 => run::<Sha512>(parts),
        }
    }
}

/// A shared secret K as it is hashed: an `mpint`, or for the hybrid a `string`. Wiped on drop.
pub(crate) type Shared = Zeroizing<Vec<u8>>;

fn mpint(digits: &[u8]) -> Shared {
    let mut out = Zeroizing::new(Vec::with_capacity(digits.len() + 5));
    put_mpint(&mut out, digits);
    out
}

/// Our half of a key exchange. The secrets wipe themselves.
pub(crate) enum Ephemeral {
    X25519(Box<x25519_dalek::StaticSecret>),
    P256(Box<p256::SecretKey>),
    P384(Box<p384::SecretKey>),
    P521(Box<p521::SecretKey>),
    /// mlkem768x25519-sha256 (draft-ietf-sshm-mlkem-hybrid-kex): ML-KEM's key pair and X25519's.
    Hybrid(Box<(DecapsulationKey<MlKem768>, x25519_dalek::StaticSecret)>),
    /// sntrup761x25519-sha512: the client's key pair of Streamlined NTRU Prime, and X25519's.
    Sntrup(Box<(sntrup761::DecapsulationKey, x25519_dalek::StaticSecret)>),
    /// The server's side of it: a key pair of its own would take time, and is not used.
    SntrupAnswer(Box<x25519_dalek::StaticSecret>),
}

/// Bytes of an ML-KEM-768 encapsulation key (FIPS 203 §8).
const ENCAPSULATION_KEY: usize = 1184;
/// Bytes of an ML-KEM-768 ciphertext.
const CIPHERTEXT: usize = 1088;

/// Whose half of a key exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Ephemeral {
    /// A fresh secret for a kex name this crate can speak. `random` fills a buffer.
    pub(crate) fn new(
        kex: &[u8],
        side: Side,
        random: &mut dyn FnMut(&mut [u8]) -> bool,
    ) -> Result<Self, TransportError> {
        let mut seed = Zeroizing::new([0u8; 96]);
        // A random string is a valid scalar of the NIST curves all but always.
        for _ in 0..64 {
            if !random(seed.as_mut()) {
                return Err(TransportError::Crypto);
            }
            let found = match kex {
                b"curve25519-sha256" | b"curve25519-sha256@libssh.org" => {
                    x25519(seed.as_ref()).map(|s| Self::X25519(Box::new(s)))
                }
                MLKEM => seed.split_at_checked(64).and_then(|(kem, curve)| {
                    let kem = DecapsulationKey::from_seed(kem.try_into().ok()?);
                    Some(Self::Hybrid(Box::new((kem, x25519(curve)?))))
                }),
                SNTRUP | SNTRUP_OPENSSH => x25519(seed.as_ref()).map(|curve| match side {
                    Side::Server => Self::SntrupAnswer(Box::new(curve)),
                    Side::Client => {
                        let (_, kem) = sntrup761::generate_key(&mut system_rng());
                        Self::Sntrup(Box::new((kem, curve)))
                    }
                }),
                b"ecdh-sha2-nistp256" => seed
                    .get(..32)
                    .and_then(|s| p256::SecretKey::from_slice(s).ok())
                    .map(|s| Self::P256(Box::new(s))),
                b"ecdh-sha2-nistp384" => seed
                    .get(..48)
                    .and_then(|s| p384::SecretKey::from_slice(s).ok())
                    .map(|s| Self::P384(Box::new(s))),
                b"ecdh-sha2-nistp521" => {
                    if let Some(top) = seed.first_mut() {
                        *top &= 1;
                    }
                    seed.get(..66)
                        .and_then(|s| p521::SecretKey::from_slice(s).ok())
                        .map(|s| Self::P521(Box::new(s)))
                }
                _ => return Err(TransportError::NoCommon(KexList::Kex)),
            };
            if let Some(found) = found {
                return Ok(found);
            }
        }
        Err(TransportError::Crypto)
    }

    pub(crate) fn hash(&self) -> KexHash {
        match self {
            Self::X25519(_) | Self::P256(_) | Self::Hybrid(_) => KexHash::Sha256,
            Self::P384(_) => KexHash::Sha384,
            Self::P521(_) | Self::Sntrup(_) | Self::SntrupAnswer(_) => KexHash::Sha512,
        }
    }

    /// The client's share: Q_C, or C_INIT.
    pub(crate) fn public(&self) -> Vec<u8> {
        match self {
            Self::X25519(s) => x25519_dalek::PublicKey::from(&**s).as_bytes().to_vec(),
            Self::P256(s) => s.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(s) => s.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P521(s) => s.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::Hybrid(pair) => {
                let mut out = pair.0.encapsulation_key().to_bytes().to_vec();
                out.extend_from_slice(x25519_dalek::PublicKey::from(&pair.1).as_bytes());
                out
            }
            Self::Sntrup(pair) => {
                let mut out = pair.0.encapsulation_key().as_ref().to_vec();
                out.extend_from_slice(x25519_dalek::PublicKey::from(&pair.1).as_bytes());
                out
            }
            Self::SntrupAnswer(s) => x25519_dalek::PublicKey::from(&**s).as_bytes().to_vec(),
        }
    }

    /// K from the server's share; `None` where that is nothing to agree with.
    pub(crate) fn agree(&self, theirs: &[u8]) -> Option<Shared> {
        match self {
            Self::X25519(s) => Some(mpint(&*shared_x25519(s, theirs)?)),
            Self::P256(s) => {
                let point = p256::PublicKey::from_sec1_bytes(theirs).ok()?;
                let shared = p256::ecdh::diffie_hellman(s.to_nonzero_scalar(), point.as_affine());
                Some(mpint(shared.raw_secret_bytes()))
            }
            Self::P384(s) => {
                let point = p384::PublicKey::from_sec1_bytes(theirs).ok()?;
                let shared = p384::ecdh::diffie_hellman(s.to_nonzero_scalar(), point.as_affine());
                Some(mpint(shared.raw_secret_bytes()))
            }
            Self::P521(s) => {
                let point = p521::PublicKey::from_sec1_bytes(theirs).ok()?;
                let shared = p521::ecdh::diffie_hellman(s.to_nonzero_scalar(), point.as_affine());
                Some(mpint(shared.raw_secret_bytes()))
            }
            Self::Hybrid(pair) => {
                let (ciphertext, point) = theirs.split_at_checked(CIPHERTEXT)?;
                let classic = shared_x25519(&pair.1, point)?;
                let quantum = pair.0.decapsulate(&ciphertext.try_into().ok()?);
                Some(hybrid(KexHash::Sha256, &quantum, &classic))
            }
            Self::Sntrup(pair) => {
                let (ciphertext, point) = theirs.split_at_checked(sntrup761::CIPHERTEXT_SIZE)?;
                let classic = shared_x25519(&pair.1, point)?;
                let ciphertext = sntrup761::Ciphertext::try_from(ciphertext).ok()?;
                let quantum = pair.0.decapsulate(&ciphertext);
                Some(hybrid(KexHash::Sha512, quantum.as_ref(), &classic))
            }
            // A server answers.
            Self::SntrupAnswer(_) => None,
        }
    }

    /// The server's answer to the client's share: its own share, and K; `None` where the client's
    /// is nothing to agree with.
    pub(crate) fn answer(&self, theirs: &[u8]) -> Option<(Vec<u8>, Shared)> {
        let pair = match self {
            Self::Hybrid(pair) => pair,
            Self::SntrupAnswer(curve) => return answer_sntrup(curve, theirs),
            _ => return Some((self.public(), self.agree(theirs)?)),
        };
        let (key, point) = theirs.split_at_checked(ENCAPSULATION_KEY)?;
        let classic = shared_x25519(&pair.1, point)?;
        let key = EncapsulationKey::<MlKem768>::new_from_slice(key).ok()?;
        let (ciphertext, quantum) = key.encapsulate_with_rng(&mut system_rng());
        let mut share = ciphertext.to_vec();
        share.extend_from_slice(x25519_dalek::PublicKey::from(&pair.1).as_bytes());
        Some((share, hybrid(KexHash::Sha256, &quantum, &classic)))
    }
}

fn system_rng() -> rand_core::UnwrapErr<getrandom::SysRng> {
    rand_core::UnwrapErr(getrandom::SysRng)
}

/// [`Ephemeral::answer`] of sntrup761x25519-sha512.
fn answer_sntrup(curve: &x25519_dalek::StaticSecret, theirs: &[u8]) -> Option<(Vec<u8>, Shared)> {
    let (key, point) = theirs.split_at_checked(sntrup761::PUBLIC_KEY_SIZE)?;
    let classic = shared_x25519(curve, point)?;
    let key = sntrup761::EncapsulationKey::try_from(key).ok()?;
    let (ciphertext, quantum) = key.encapsulate(&mut system_rng());
    let mut share = ciphertext.as_ref().to_vec();
    share.extend_from_slice(x25519_dalek::PublicKey::from(curve).as_bytes());
    Some((share, hybrid(KexHash::Sha512, quantum.as_ref(), &classic)))
}

fn x25519(seed: &[u8]) -> Option<x25519_dalek::StaticSecret> {
    seed.first_chunk::<32>()
        .map(|s| x25519_dalek::StaticSecret::from(*s))
}

fn shared_x25519(
    secret: &x25519_dalek::StaticSecret,
    theirs: &[u8],
) -> Option<Zeroizing<[u8; 32]>> {
    let point: [u8; 32] = theirs.try_into().ok()?;
    let shared = secret.diffie_hellman(&x25519_dalek::PublicKey::from(point));
    shared
        .was_contributory()
        .then(|| Zeroizing::new(*shared.as_bytes()))
}

/// K of a hybrid: a `string` that holds the hash of both secrets.
fn hybrid(hash: KexHash, quantum: &[u8], classic: &[u8; 32]) -> Shared {
    let digest = Zeroizing::new(hash.of(&[quantum, classic]));
    let mut out = Zeroizing::new(Vec::with_capacity(68));
    put_string(&mut out, &digest);
    out
}

/// RFC 4253 §8: what the exchange hash is taken over, without K.
pub(crate) struct Exchange<'a> {
    pub(crate) client_version: &'a [u8],
    pub(crate) server_version: &'a [u8],
    pub(crate) client_init: &'a [u8],
    pub(crate) server_init: &'a [u8],
    pub(crate) host_key: &'a [u8],
    pub(crate) client_share: &'a [u8],
    pub(crate) server_share: &'a [u8],
}

impl Exchange<'_> {
    /// H. `secret` is K as it is hashed.
    pub(crate) fn hash(&self, hash: KexHash, secret: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(8192);
        for part in [
            self.client_version,
            self.server_version,
            self.client_init,
            self.server_init,
            self.host_key,
            self.client_share,
            self.server_share,
        ] {
            put_string(&mut text, part);
        }
        hash.of(&[&text, secret])
    }
}

/// RFC 4253 §7.2: the keys of one direction. `letters` are those of IV, key and MAC key.
pub(crate) fn derive(
    hash: KexHash,
    secret: &[u8],
    exchange_hash: &[u8],
    session_id: &[u8],
    letters: [u8; 3],
    cipher: CipherKind,
    mac: Option<MacKind>,
) -> Keys {
    let one = |letter: u8, len: usize| {
        let mut out = Zeroizing::new(hash.of(&[secret, exchange_hash, &[letter], session_id]));
        while out.len() < len {
            let more = Zeroizing::new(hash.of(&[secret, exchange_hash, &out]));
            out.extend_from_slice(&more);
        }
        out.truncate(len);
        out
    };
    let (key_len, iv_len) = cipher.lengths();
    let [iv, key, mac_letter] = letters;
    Keys {
        iv: one(iv, iv_len),
        key: one(key, key_len),
        mac: mac.map_or_else(Zeroizing::default, |m| one(mac_letter, m.length())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cipher::random;

    #[test]
    fn both_sides_of_sntrup_agree_and_a_share_of_another_length_is_none() {
        let client = Ephemeral::new(SNTRUP, Side::Client, &mut random).unwrap();
        let server = Ephemeral::new(SNTRUP_OPENSSH, Side::Server, &mut random).unwrap();
        let share = client.public();
        let (answer, secret) = server.answer(&share).unwrap();
        assert_eq!(*client.agree(&answer).unwrap(), *secret);
        for wrong in [0, 32, share.len() - 1] {
            assert!(server.answer(&share[..wrong]).is_none(), "{wrong}");
        }
        for wrong in [0, 32, answer.len() - 1] {
            assert!(client.agree(&answer[..wrong]).is_none(), "{wrong}");
        }
        assert!(server.answer(&[&share[..], b"x"].concat()).is_none());
        assert!(client.agree(&[&answer[..], b"x"].concat()).is_none());
        // X25519's point is one that nothing is agreed on with.
        let mut zero = share.clone();
        zero.splice(share.len() - 32.., [0; 32]);
        assert!(server.answer(&zero).is_none());
    }
}
