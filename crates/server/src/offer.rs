//! What this server offers: nothing with SHA-1, no DSA, a post-quantum key exchange first. The same
//! lists for both transports.

use crate::Config;
use russh::{MethodKind, MethodSet, Preferred, SshId, cipher, compression, kex, keys, mac};
use sshwhy_wire::Signer;
use sshwhy_wire::kex::KexInit;
use sshwhy_wire::server::{ServerConfig, ServerKey};
use std::borrow::Cow;
use std::time::Duration;

/// The identification string.
const IDENTIFICATION: &str = concat!("SSH-2.0-sshwhy_", env!("CARGO_PKG_VERSION"));

/// Time that every refusal of a well-formed request takes at least where no decision was needed.
const REFUSAL: Duration = Duration::from_millis(5);

/// For sessions.
pub(crate) fn sessions(config: &Config) -> russh::server::Config {
    russh::server::Config {
        server_id: SshId::Standard(Cow::Borrowed(IDENTIFICATION)),
        methods: MethodSet::from(&[MethodKind::PublicKey][..]),
        auth_rejection_time: REFUSAL,
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: config.host_keys.iter().map(|k| (*k.key).clone()).collect(),
        max_auth_attempts: config.limits.tries,
        // The gate has the clock of the login; a session may be silent for as long as it likes.
        inactivity_timeout: None,
        keepalive_interval: Some(Duration::from_secs(60)),
        keepalive_max: 3,
        nodelay: true,
        channel_buffer_size: 32,
        preferred: Preferred {
            kex: Cow::Owned(exchanges(config.post_quantum_only)),
            key: Cow::Owned(signatures()),
            cipher: Cow::Borrowed(CIPHERS),
            mac: Cow::Borrowed(MACS),
            compression: Cow::Borrowed(&[compression::NONE]),
            ..Preferred::DEFAULT
        },
        ..russh::server::Config::default()
    }
}

/// For explaining.
pub(crate) fn explaining(host_keys: Vec<ServerKey>, post_quantum_only: bool) -> ServerConfig {
    let (ciphers, macs) = (list(CIPHERS), list(MACS));
    ServerConfig {
        identification: IDENTIFICATION.as_bytes().to_vec(),
        offer: KexInit {
            kex: list(&exchanges(post_quantum_only)),
            cipher_out: ciphers.clone(),
            cipher_in: ciphers,
            mac_out: macs.clone(),
            mac_in: macs,
            compression_out: list(&[compression::NONE]),
            compression_in: list(&[compression::NONE]),
            ..KexInit::default()
        },
        host_keys,
        extensions: vec![
            (b"server-sig-algs".to_vec(), list(&signatures())),
            (b"publickey-hostbound@openssh.com".to_vec(), b"0".to_vec()),
        ],
    }
}

/// The host keys as our own transport shows them.
pub(crate) fn server_keys(config: &Config) -> Vec<ServerKey> {
    let keys = config.host_keys.iter();
    keys.map(|k| ServerKey {
        blob: k.signer.public_blob(),
        algorithms: k.algorithms(),
    })
    .collect()
}

/// A name-list (RFC 4251 §5).
fn list<N: AsRef<str>>(names: &[N]) -> Vec<u8> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(",").into_bytes()
}

const CIPHERS: &[cipher::Name] = &[
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];
const MACS: &[mac::Name] = &[mac::HMAC_SHA512_ETM, mac::HMAC_SHA256_ETM];

/// Key exchanges. No finite field ones: each costs the server more than the peer (CVE-2002-20001).
fn exchanges(post_quantum_only: bool) -> Vec<kex::Name> {
    let mut out = vec![kex::MLKEM768X25519_SHA256];
    if !post_quantum_only {
        out.extend([kex::CURVE25519, kex::CURVE25519_PRE_RFC_8731]);
    }
    out.extend([
        kex::EXTENSION_SUPPORT_AS_SERVER,
        kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
    ]);
    out
}

/// Signature algorithms, for host keys and in server-sig-algs.
fn signatures() -> Vec<keys::Algorithm> {
    use keys::{Algorithm, EcdsaCurve, HashAlg};
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let rsa = |hash| Algorithm::Rsa { hash: Some(hash) };
    vec![
        Algorithm::Ed25519,
        Algorithm::SkEd25519,
        rsa(HashAlg::Sha512),
        rsa(HashAlg::Sha256),
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        Algorithm::SkEcdsaSha2NistP256,
    ]
}
