//! Keys that only the newest OpenSSH makes.

use sshwhy_keys::{KeyType, load_public};

fn vector(name: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/newest/");
    std::fs::read(format!("{root}{name}")).expect("a vector")
}

const FINGERPRINT: &str = "SHA256:t4zD8hp9/pi1bGnTuxArma7oRoZzo/BW3fyJTZlOiGE";

#[test]
fn a_key_of_openssh_10_6_has_the_size_and_fingerprint_that_it_says() {
    for name in ["mldsa44-ed25519.pub", "mldsa44-ed25519"] {
        let key = load_public(&vector(name)).unwrap().key;
        assert_eq!(*key.key_type(), KeyType::MlDsa44Ed25519, "{name}");
        assert_eq!(key.fingerprint(), FINGERPRINT, "{name}");
        assert_eq!(key.bits(), 512, "{name}");
    }
}

#[test]
fn its_certificate_is_signed_by_its_ca() {
    let key = load_public(&vector("mldsa44-ed25519-cert.pub"))
        .unwrap()
        .key;
    assert_eq!(*key.key_type(), KeyType::MlDsa44Ed25519Cert);
    assert_eq!(key.fingerprint(), FINGERPRINT);
    let cert = key.certificate().unwrap();
    cert.verify_signature().unwrap();
    assert_eq!(cert.principals, [b"alice".to_vec()]);
}

#[test]
fn the_name_of_the_draft_is_another_type() {
    let draft = KeyType::from_name(b"ssh-mldsa44-ed25519@openssh.com");
    assert_eq!(draft, KeyType::MlDsa44Ed25519Draft);
    assert_ne!(draft, KeyType::MlDsa44Ed25519);
}
