//! Public keys of every shape, certificates and KRLs: as text, and blobs as they are.
#![no_main]

use sshwhy_keys::{Krl, PublicKey, load_public, sniff};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let found = sniff(data);
    for block in &found.blocks {
        assert!(block.span.end <= data.len() && block.line >= 1);
    }
    match load_public(data) {
        Ok(loaded) => {
            let key = loaded.key;
            assert!(key.fingerprint().starts_with("SHA256:"));
            let again = PublicKey::from_blob(key.blob()).expect("a blob that was read once");
            assert!(again == key);
        }
        Err(e) => assert!(e.line >= 1 && e.offset <= data.len()),
    }
    if let Some((0, blob)) = data.split_first()
        && let Ok(key) = PublicKey::from_blob(blob)
    {
        let line = format!(
            "{} {}\n",
            key.key_type().name().escape_ascii(),
            sshwhy_keys::base64::encode(key.blob())
        );
        let _ = load_public(line.as_bytes());
        if let Some(certificate) = key.certificate() {
            let _ = certificate.verify_signature();
        }
    }
    let _ = Krl::parse(data);
});
