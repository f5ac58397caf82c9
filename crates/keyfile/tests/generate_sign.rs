//! New keys and their signatures, held against OpenSSH, PuTTY and OpenSSL.

mod support;

use sshwhy_keyfile::{
    Checked, GenerateError, NewKey, PpkOptions, PrivateKey, Secret, SignError, Target, generate,
    public_write, read, sign, write,
};
use sshwhy_keys::{Curve, KeyType, Material, SigAlg, base64, verify, wire::put_string};
use std::path::Path;
use support::{Os, has, ok, run};

const KINDS: [NewKey; 6] = [
    NewKey::Ed25519,
    NewKey::Ed448,
    NewKey::Ecdsa(Curve::P256),
    NewKey::Ecdsa(Curve::P384),
    NewKey::Ecdsa(Curve::P521),
    NewKey::Rsa { bits: 2048 },
];

fn made(kind: NewKey) -> PrivateKey {
    generate(kind, b"made here".to_vec(), &mut Os).unwrap_or_else(|e| panic!("{kind:?}: {e}"))
}

fn path(dir: &Path, name: &str) -> String {
    dir.join(name).to_str().expect("a path").to_owned()
}

#[test]
fn a_new_key_has_halves_that_fit_and_the_size_asked_for() {
    for kind in KINDS {
        let key = made(kind);
        assert_eq!(key.check(), Ok(Checked::Fits), "{kind:?}");
        assert_ne!(key.public().blob(), made(kind).public().blob(), "{kind:?}");
    }
    for bits in [1024, 2047, 2048, 3072] {
        let key = made(NewKey::Rsa { bits });
        assert_eq!(key.public().rsa_bits(), Some(bits));
        match (key.public().material(), key.secret()) {
            (Material::Rsa { e, .. }, Secret::Rsa { p, q, .. }) => {
                assert_eq!(e.as_slice(), [1, 0, 1]);
                assert!((p.len(), p.as_slice()) > (q.len(), q.as_slice()));
            }
            _ => panic!("no RSA key"),
        }
    }
    for bits in [0, 512, 1023, 16385, u32::MAX] {
        let refused = generate(NewKey::Rsa { bits }, Vec::new(), &mut Os).map(|_| ());
        assert_eq!(refused, Err(GenerateError::RsaBits(bits)));
    }
}

#[test]
fn puttygen_loads_every_new_key_and_writes_the_same_file() {
    if !has("puttygen") {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = (path(dir.path(), "ours.ppk"), path(dir.path(), "theirs.ppk"));
    for kind in KINDS {
        for version in [2, 3] {
            let target = Target::Ppk(PpkOptions {
                version,
                ..PpkOptions::default()
            });
            let written = write(&made(kind), &target, None, &mut Os).expect("written");
            std::fs::write(&ours, &*written).expect("a file");
            let param = format!("version={version}");
            ok(
                "puttygen",
                &[
                    "-q",
                    &ours,
                    "--reencrypt",
                    "--ppk-param",
                    &param,
                    "-o",
                    &theirs,
                ],
            );
            assert_eq!(
                std::fs::read(&theirs).expect("a file"),
                *written,
                "{kind:?}"
            );
            let back = read(&written).expect("read").unlock(None);
            assert!(back.is_ok(), "{kind:?}");
        }
    }
}

#[test]
fn signatures_are_accepted_by_our_own_verifier_and_only_over_their_data() {
    for kind in KINDS.into_iter().filter(|k| *k != NewKey::Ed448) {
        let key = made(kind);
        let algs = SigAlg::for_key(key.public().key_type());
        assert!(!algs.is_empty());
        for alg in algs {
            let signature = sign(&key, &alg, b"data", &mut Os).expect("signed");
            assert_eq!(verify(key.public(), &signature, b"data"), Ok(()), "{alg}");
            assert!(verify(key.public(), &signature, b"Data").is_err(), "{alg}");
        }
        let other = match key.public().key_type() {
            KeyType::Ed25519 => SigAlg::RsaSha256,
            _ => SigAlg::Ed25519,
        };
        assert_eq!(
            sign(&key, &other, b"data", &mut Os),
            Err(SignError::WrongAlgorithm(other))
        );
    }
}

#[test]
fn a_certificates_algorithm_names_the_plain_one_in_the_signature() {
    let key = made(NewKey::Rsa { bits: 2048 });
    let signature = sign(&key, &SigAlg::RsaSha512Cert, b"data", &mut Os).expect("signed");
    assert_eq!(&signature[4..16], b"rsa-sha2-512");
    assert_eq!(verify(key.public(), &signature, b"data"), Ok(()));
}

/// SSHSIG (PROTOCOL.sshsig) over a SHA-512 hash that is given.
fn sshsig(key: &PrivateKey, alg: &SigAlg, hash: &[u8]) -> Vec<u8> {
    let mut signed = b"SSHSIG".to_vec();
    for part in [b"test".as_slice(), b"", b"sha512", hash] {
        put_string(&mut signed, part);
    }
    let signature = sign(key, alg, &signed, &mut Os).expect("signed");
    let mut blob = b"SSHSIG\0\0\0\x01".to_vec();
    for part in [key.public().blob(), b"test", b"", b"sha512", &signature] {
        put_string(&mut blob, part);
    }
    let text = base64::encode(&blob);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(70)
        .map(|l| std::str::from_utf8(l).expect("ASCII"))
        .collect();
    format!(
        "-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n",
        lines.join("\n")
    )
    .into_bytes()
}

#[test]
fn signatures_are_accepted_by_ssh_keygen() {
    use sha2::{Digest, Sha512};
    if !has("ssh-keygen") {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let (signers, signature) = (path(dir.path(), "signers"), path(dir.path(), "sig"));
    for kind in KINDS.into_iter().filter(|k| *k != NewKey::Ed448) {
        let key = made(kind);
        let line = public_write::line(key.public(), b"");
        std::fs::write(&signers, [b"me ", line.as_slice()].concat()).expect("a file");
        for alg in SigAlg::for_key(key.public().key_type()) {
            if alg == SigAlg::RsaSha1 {
                // SSHSIG does not allow SHA-1.
                continue;
            }
            for (message, good) in [("message", true), ("another", false)] {
                let sig = sshsig(&key, &alg, &Sha512::digest(message));
                std::fs::write(&signature, sig).expect("a file");
                let out = std::process::Command::new("sh")
                    .args([
                        "-c",
                        "printf message | ssh-keygen -Y verify -f \"$1\" -I me -n test -s \"$2\"",
                        "sh",
                        &signers,
                        &signature,
                    ])
                    .output()
                    .expect("a shell");
                assert_eq!(
                    out.status.success(),
                    good,
                    "{alg}: {}",
                    String::from_utf8_lossy(&out.stderr)
                );
            }
        }
    }
}

#[test]
fn ed448_signatures_are_accepted_by_openssl() {
    if !Path::new("/usr/bin/openssl").exists() {
        eprintln!("SKIPPED: openssl is not installed");
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let file = |name: &str, data: &[u8]| {
        let path = path(dir.path(), name);
        std::fs::write(&path, data).expect("a file");
        path
    };
    let key = made(NewKey::Ed448);
    let public = &key.public().blob()[17..];
    assert_eq!(public.len(), 57);
    // SubjectPublicKeyInfo of RFC 8410.
    let mut spki = vec![
        0x30, 0x43, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x71, 0x03, 0x3a, 0x00,
    ];
    spki.extend_from_slice(public);
    let signature = sign(&key, &SigAlg::Ed448, b"data", &mut Os).expect("signed");
    let (spki, sig) = (file("spki", &spki), file("sig", &signature[17..]));
    for (data, good) in [("data", true), ("other", false)] {
        let data = file("data", data.as_bytes());
        let args = [
            "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", &spki, "-rawin", "-in",
            &data, "-sigfile", &sig,
        ];
        assert_eq!(run("openssl", &args).status.success(), good);
    }
}
