//! What this server offers: nothing with SHA-1, no DSA, a post-quantum key exchange first.

use crate::Config;
use sshwhy_wire::Signer;
use sshwhy_wire::kex::KexInit;
use sshwhy_wire::server::{ServerConfig, ServerKey};

/// The identification string.
const IDENTIFICATION: &str = concat!("SSH-2.0-sshwhy_", env!("CARGO_PKG_VERSION"));

/// Made once for each configuration, and once for each process that speaks to the network.
pub(crate) fn offer(
    host_keys: Vec<ServerKey>,
    post_quantum_only: bool,
    rekey_after: u64,
) -> ServerConfig {
    let list = |names: &[&str]| names.join(",").into_bytes();
    let exchanges = if post_quantum_only {
        list(&[POST_QUANTUM, MARKERS])
    } else {
        list(&[POST_QUANTUM, CLASSICAL, MARKERS])
    };
    ServerConfig {
        identification: IDENTIFICATION.as_bytes().to_vec(),
        offer: KexInit {
            kex: exchanges,
            cipher_out: CIPHERS.into(),
            cipher_in: CIPHERS.into(),
            mac_out: MACS.into(),
            mac_in: MACS.into(),
            compression_out: b"none".to_vec(),
            compression_in: b"none".to_vec(),
            ..KexInit::default()
        },
        host_keys,
        extensions: vec![
            (b"server-sig-algs".to_vec(), SIGNATURES.into()),
            (b"publickey-hostbound@openssh.com".to_vec(), b"0".to_vec()),
        ],
        rekey_after,
    }
}

/// Key exchanges. No finite field ones: each costs the server more than the peer (CVE-2002-20001).
const POST_QUANTUM: &str =
    "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com";
const CLASSICAL: &str = "curve25519-sha256,curve25519-sha256@libssh.org";
/// Of EXT_INFO (RFC 8308) and strict key exchange (OpenSSH `PROTOCOL` §1.10).
const MARKERS: &str = "ext-info-s,kex-strict-s-v00@openssh.com";
const CIPHERS: &str = "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,\
aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr";
const MACS: &str = "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com";
/// Signature algorithms of users' keys.
const SIGNATURES: &str = "ssh-ed25519,sk-ssh-ed25519@openssh.com,rsa-sha2-512,rsa-sha2-256,\
ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com";

/// The host keys as our own transport shows them.
pub(crate) fn server_keys(config: &Config) -> Vec<ServerKey> {
    let keys = config.host_keys.iter();
    keys.map(|k| ServerKey {
        blob: k.signer.public_blob(),
        algorithms: k.algorithms(),
    })
    .collect()
}
