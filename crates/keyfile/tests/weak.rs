//! Weak keys, told from their public half.

use sshwhy_keyfile::{NotChecked, Weakness, weaknesses};
use sshwhy_keys::wire::{put_mpint, put_string};
use sshwhy_keys::{PublicKey, load_public};
use std::path::Path;

fn vector(name: &str) -> PublicKey {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../vectors")
        .join(name);
    let data = std::fs::read(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    load_public(&data).expect("a key").key
}

fn rsa(e: &[u8], n: &[u8]) -> PublicKey {
    let mut blob = Vec::new();
    put_string(&mut blob, b"ssh-rsa");
    put_mpint(&mut blob, e);
    put_mpint(&mut blob, n);
    PublicKey::from_blob(&blob).expect("a key")
}

fn modulus(name: &str) -> Vec<u8> {
    match vector(name).material() {
        sshwhy_keys::Material::Rsa { n, .. } => n.clone(),
        other => panic!("{other:?}"),
    }
}

/// `65537^k`, which has the fingerprint by its making.
fn power(k: usize) -> Vec<u8> {
    let mut n = vec![1u8];
    for _ in 0..k {
        // n * 65537 = n * 65536 + n, from the last byte on.
        let mut shifted = n.clone();
        shifted.extend([0, 0]);
        let mut carry = 0u16;
        for (at, byte) in shifted.iter_mut().rev().enumerate() {
            let add = n.len().checked_sub(at + 1).map_or(0, |i| n[i]);
            let sum = u16::from(*byte) + u16::from(add) + carry;
            let [high, low] = sum.to_be_bytes();
            carry = u16::from(high);
            *byte = low;
        }
        assert_eq!(carry, 0);
        n = shifted;
    }
    n
}

#[test]
fn the_fingerprint_of_the_flawed_chips_is_found_and_no_good_key_has_it() {
    for k in [64, 100, 128, 200] {
        let found = weaknesses(&rsa(&[1, 0, 1], &power(k))).found;
        assert_eq!(found.first(), Some(&Weakness::Roca), "{k}: {found:?}");
        assert!(found[0].is_broken());
    }
    for name in ["rsa1024", "rsa2048", "rsa3072", "rsa4096"] {
        let found = weaknesses(&vector(&format!("keys/plain/{name}.pub"))).found;
        assert!(!found.contains(&Weakness::Roca), "{name}: {found:?}");
        assert!(found.iter().all(|w| !w.is_broken()), "{name}: {found:?}");
    }
    // One step off the fingerprint is none.
    let mut n = power(128);
    let last = n.len() - 1;
    n[last] ^= 2;
    assert!(
        !weaknesses(&rsa(&[1, 0, 1], &n))
            .found
            .contains(&Weakness::Roca)
    );
}

#[test]
fn lengths_and_exponents_are_told() {
    let found = |key: &PublicKey| weaknesses(key).found;
    let short = |bits, wanted| vec![Weakness::RsaShort { bits, wanted }];
    assert_eq!(found(&vector("keys/plain/rsa1024.pub")), short(1024, 2048));
    assert_eq!(found(&vector("keys/plain/rsa2048.pub")), short(2048, 3072));
    assert_eq!(found(&vector("keys/plain/rsa3072.pub")), []);
    assert_eq!(found(&vector("keys/plain/rsa4096.pub")), []);
    let n = modulus("keys/plain/rsa3072.pub");
    assert_eq!(found(&rsa(&[37], &n)), [Weakness::RsaExponentSmall(37)]);
    assert_eq!(found(&rsa(&[3], &n)), [Weakness::RsaExponentSmall(3)]);
    assert_eq!(found(&rsa(&[1], &n)), [Weakness::RsaExponentBroken]);
    assert_eq!(found(&rsa(&[1, 0, 0], &n)), [Weakness::RsaExponentBroken]);
    assert_eq!(
        found(&rsa(&[1, 0, 0, 0, 1], &n)),
        [Weakness::RsaExponentHuge { bits: 33 }]
    );
    let mut even = n.clone();
    *even.last_mut().expect("a byte") &= 0xfe;
    assert_eq!(found(&rsa(&[1, 0, 1], &even)), [Weakness::RsaFactor(2)]);
}

#[test]
fn what_other_kinds_have_against_them() {
    let all = |name: &str| weaknesses(&vector(&format!("keys/plain/{name}.pub")));
    assert_eq!(all("dsa").found, [Weakness::Dsa]);
    assert_eq!(all("dsa").not_checked, [NotChecked::Debian2008]);
    assert_eq!(all("rsa3072").not_checked, [NotChecked::Debian2008]);
    assert_eq!(all("ecdsa521").found, [Weakness::PuttyP521]);
    for name in ["ed25519", "ecdsa256", "ecdsa384", "sk-ed25519", "sk-ecdsa"] {
        assert_eq!(all(name), Default::default(), "{name}");
    }
}
