//! Private keys of `vectors/lab`, as signers.

use std::sync::Arc;

use sshwhy_keys::{PublicKey, base64};
use sshwhy_scenario::{AttemptSpec, Embedded, KeyMaterial};
use sshwhy_wire::signer::{SK_USER_PRESENT, SK_USER_VERIFIED};
use sshwhy_wire::{KeySigner, Signer, SkSigner};
use zeroize::Zeroizing;

/// Who signs for the key that an attempt names; for a certificate, the key below it.
pub(crate) fn signer(
    attempt: &AttemptSpec,
    keys: &dyn KeyMaterial,
) -> Result<Arc<dyn Signer>, String> {
    let name = attempt.key.as_deref().ok_or("no key")?;
    let blob = blob(name, keys).ok_or_else(|| format!("there is no key '{name}'"))?;
    let plain = PublicKey::from_blob(&blob).map_or(blob, |k| k.plain_blob().to_vec());
    let names = Embedded::names().filter_map(|n| n.strip_suffix(".pub"));
    let owner = names
        .filter(|n| !n.ends_with("-cert") && self::blob(n, keys).is_some_and(|b| b == plain))
        .find(|n| keys.file(n).is_some())
        .ok_or_else(|| format!("no private key fits '{name}'"))?;
    let text = keys.file(owner).unwrap_or_default();
    if owner.starts_with("sk-") {
        let key = ssh_key::PrivateKey::from_openssh(text).map_err(|e| e.to_string())?;
        let pair = key
            .key_data()
            .ed25519()
            .ok_or("the token's secret is no Ed25519 key")?;
        let secret = Zeroizing::new(pair.private.to_bytes());
        let mut flags = if attempt.touch { SK_USER_PRESENT } else { 0 };
        if attempt.verified == Some(true) {
            flags |= SK_USER_VERIFIED;
        }
        return Ok(Arc::new(SkSigner::new(&secret, b"ssh:", flags, 1)));
    }
    KeySigner::from_openssh(text, None)
        .map(|s| Arc::new(s) as Arc<dyn Signer>)
        .map_err(|e| format!("{owner}: {e}"))
}

fn blob(name: &str, keys: &dyn KeyMaterial) -> Option<Vec<u8>> {
    let line = keys.file(&format!("{name}.pub"))?;
    base64::decode(line.split(|&b| b == b' ').nth(1)?).ok()
}
