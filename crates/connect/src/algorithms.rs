//! The algorithms that are offered: russh's, in an order for speed, changed as ssh_config says.

use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Preferred, cipher, kex, mac};
use sshwhy_check::target::Target;
use sshwhy_config::glob_match;
use sshwhy_keys::KeyType;

/// What ssh_config may name beyond what is offered unasked.
const OLD_KEX: &[kex::Name] = &[kex::DH_G14_SHA1, kex::DH_GEX_SHA1, kex::DH_G1_SHA1];

const KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G14_SHA256,
];

/// Said with the key exchange and no algorithms of it.
const EXTENSIONS: &[kex::Name] = &[
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];

const CIPHERS: &[cipher::Name] = &[
    cipher::AES_128_GCM,
    cipher::AES_256_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_128_CTR,
    cipher::AES_192_CTR,
    cipher::AES_256_CTR,
];

const OLD_CIPHERS: &[cipher::Name] = &[
    cipher::AES_128_CBC,
    cipher::AES_192_CBC,
    cipher::AES_256_CBC,
];

const MACS: &[mac::Name] = &[
    mac::HMAC_SHA256_ETM,
    mac::HMAC_SHA512_ETM,
    mac::HMAC_SHA256,
    mac::HMAC_SHA512,
];

const OLD_MACS: &[mac::Name] = &[mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];

/// A list of ssh_config over what is offered unasked: whole, or one that adds (`+`), takes away
/// (`-`) or puts first (`^`). Names that are not made here are passed over.
fn chosen<T: Copy + AsRef<str> + PartialEq>(list: Option<&[u8]>, usual: &[T], old: &[T]) -> Vec<T> {
    let Some(list) = list else {
        return usual.to_vec();
    };
    let all = || usual.iter().chain(old).copied();
    let named = |list: &[u8]| -> Vec<T> {
        let mut out: Vec<T> = Vec::new();
        for pattern in list.split(|b| *b == b',') {
            for name in all().filter(|n| glob_match(pattern, n.as_ref().as_bytes())) {
                if !out.contains(&name) {
                    out.push(name);
                }
            }
        }
        out
    };
    let with = |mut first: Vec<T>, then: Vec<T>| {
        for name in then {
            if !first.contains(&name) {
                first.push(name);
            }
        }
        first
    };
    match list {
        [b'+', rest @ ..] => with(usual.to_vec(), named(rest)),
        [b'^', rest @ ..] => with(named(rest), usual.to_vec()),
        [b'-', rest @ ..] => {
            let gone = named(rest);
            usual
                .iter()
                .filter(|n| !gone.contains(n))
                .copied()
                .collect()
        }
        whole => named(whole),
    }
}

fn host_keys() -> Vec<Algorithm> {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    vec![
        Algorithm::Ed25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        Algorithm::Rsa {
            hash: Some(HashAlg::Sha512),
        },
        Algorithm::Rsa {
            hash: Some(HashAlg::Sha256),
        },
    ]
}

/// Whether ssh_config's HostKeyAlgorithms allows a name. A list that adds or reorders takes
/// nothing away.
fn allowed(list: Option<&[u8]>, name: &str) -> bool {
    let hits = |list: &[u8]| {
        list.split(|b| *b == b',')
            .any(|p| glob_match(p, name.as_bytes()))
    };
    match list {
        None | Some([b'+' | b'^', ..]) => true,
        Some([b'-', rest @ ..]) => !hits(rest),
        Some(whole) => hits(whole),
    }
}

/// What is offered to this target. Host keys of the `known` types come first, so that a server with
/// several shows the one that can be compared; with `authorities`, certificates before them.
pub(crate) fn preferred(target: &Target, known: &[KeyType], authorities: bool) -> Preferred {
    let config = target.config.as_ref();
    let list = |keyword: &str| config.and_then(|c| c.first(keyword));
    let mut kex = chosen(list("kexalgorithms"), KEX, OLD_KEX);
    kex.extend_from_slice(EXTENSIONS);
    let asked = list("hostkeyalgorithms");
    let mut key: Vec<Algorithm> = host_keys()
        .into_iter()
        .filter(|a| allowed(asked, a.as_str()))
        .collect();
    let is_known = |a: &Algorithm| {
        let plain = match a {
            Algorithm::Rsa { .. } => "ssh-rsa",
            other => other.as_str(),
        };
        known.contains(&KeyType::from_name(plain.as_bytes()))
    };
    key.sort_by_key(|a| !is_known(a));
    let named_sha1 = asked.is_some_and(|l| {
        !l.starts_with(b"-")
            && l.split(|b| matches!(b, b',' | b'+' | b'^'))
                .any(|n| n == b"ssh-rsa")
    });
    if named_sha1 {
        key.push(Algorithm::Rsa { hash: None });
    }
    let compressed = config.is_some_and(|c| c.flag("compression", false));
    let compression = if compressed {
        vec![
            russh::compression::ZLIB_LEGACY,
            russh::compression::ZLIB,
            russh::compression::NONE,
        ]
    } else {
        vec![russh::compression::NONE, russh::compression::ZLIB_LEGACY]
    };
    Preferred {
        kex: kex.into(),
        host_key_certificates: if authorities { key.clone() } else { Vec::new() }.into(),
        key: key.into(),
        cipher: chosen(list("ciphers"), CIPHERS, OLD_CIPHERS).into(),
        mac: chosen(list("macs"), MACS, OLD_MACS).into(),
        compression: compression.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ciphers(list: &str) -> Vec<&'static str> {
        chosen(Some(list.as_bytes()), CIPHERS, OLD_CIPHERS)
            .iter()
            .map(|c| {
                CIPHERS
                    .iter()
                    .chain(OLD_CIPHERS)
                    .find(|o| *o == c)
                    .map_or("", AsRef::as_ref)
            })
            .collect()
    }

    #[test]
    fn a_list_adds_takes_away_puts_first_or_replaces() {
        assert_eq!(ciphers("aes256-ctr,rot13"), ["aes256-ctr"]);
        assert_eq!(ciphers("+aes128-cbc").last(), Some(&"aes128-cbc"));
        assert_eq!(ciphers("^aes256-cbc").first(), Some(&"aes256-cbc"));
        assert!(!ciphers("-*gcm*").iter().any(|c| c.contains("gcm")));
        assert_eq!(ciphers("-*gcm*").len() + 2, CIPHERS.len());
    }
}
