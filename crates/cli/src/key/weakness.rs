//! Weak and known-bad keys.

use super::problem::Problem;
use sshwhy_keys::{KeyType, Material, PublicKey};

/// What is to be said about the key itself. `used_by_putty`: the file is PuTTY's own.
pub(super) fn notes(key: &PublicKey, used_by_putty: bool) -> Vec<Problem> {
    let mut out = Vec::new();
    if key.key_type().plain() == KeyType::EcdsaP521 {
        let how = if used_by_putty {
            "this is a PuTTY file: "
        } else {
            ""
        };
        out.push(
            Problem::note(
                "key-compromised-p521-putty",
                "if this P-521 key was ever used with PuTTY or Pageant 0.68 to 0.80, take it for stolen",
            )
            .noting(format!(
                "{how}about 60 signatures of those versions give the private key away (CVE-2024-31497)"
            ))
            .helped("make a new key, and remove this one from every authorized_keys"),
        );
    }
    if let Material::Dsa { .. } = key.material() {
        out.push(
            Problem::note(
                "dsa-key",
                "DSA keys are dead: servers refuse them since OpenSSH 7.0, and 10.0 does not know them",
            )
            .helped("make a new key: sshwhy key generate --output FILE"),
        );
    }
    out
}
