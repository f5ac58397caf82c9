//! What each client can do with a key file: formats, key types, versions.
//!
//! From the release notes of OpenSSH and PuTTY's change log. No test holds these versions against
//! old programs.

use serde::Serialize;
use sshwhy_keyfile::Protection;
use sshwhy_keys::{Format, KeyType, PublicKey};

/// One client's answer.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Client {
    pub(super) client: &'static str,
    /// Whether its current version uses the file as it is.
    pub(super) can: bool,
    /// First version that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<&'static str>,
    /// In words.
    pub(super) text: String,
}

/// What OpenSSH and PuTTY can do with the file.
pub(super) fn clients(
    format: &Format,
    key: &PublicKey,
    protection: Option<&Protection>,
) -> Vec<Client> {
    vec![openssh(format, key), putty(format, key, protection)]
}

/// What they can do with a private key whose type is behind the passphrase.
pub(super) fn clients_of_format(format: &Format) -> Vec<Client> {
    let (can, openssh) = match format {
        Format::Pem { .. } => (true, "reads it, and asks for its passphrase"),
        Format::OpensshPrivate => (true, "6.5 and later read it, and ask for its passphrase"),
        Format::SshCom => (
            false,
            "does not log in with it: convert it (sshwhy key convert FILE --to openssh --output NEW)",
        ),
        _ => return Vec::new(),
    };
    vec![
        Client {
            client: "OpenSSH",
            can,
            since: None,
            text: openssh.into(),
        },
        Client {
            client: "PuTTY",
            can: false,
            since: None,
            text: "does not log in with it; PuTTYgen imports it: sshwhy key convert FILE --to ppk \
                   --output NEW.ppk"
                .into(),
        },
    ]
}

/// The later of two versions.
fn later(a: &'static str, b: &'static str) -> &'static str {
    let number = |v: &str| {
        let (major, minor) = v.split_once('.').unwrap_or((v, "0"));
        (
            major.parse::<u32>().unwrap_or(0),
            minor.parse::<u32>().unwrap_or(0),
        )
    };
    if number(a) >= number(b) { a } else { b }
}

/// First version of OpenSSH that has keys of this type; none: no version has.
fn openssh_type(t: &KeyType) -> Option<&'static str> {
    let plain = match t.plain() {
        KeyType::Rsa | KeyType::Dsa => "2.0",
        KeyType::EcdsaP256 | KeyType::EcdsaP384 | KeyType::EcdsaP521 => "5.7",
        KeyType::Ed25519 => "6.5",
        KeyType::SkEd25519 | KeyType::SkEcdsaP256 => "8.2",
        KeyType::MlDsa44Ed25519Draft => "10.4",
        KeyType::MlDsa44Ed25519 => "10.6",
        _ => return None,
    };
    Some(if t.is_cert() {
        later(plain, "5.6")
    } else {
        plain
    })
}

fn openssh(format: &Format, key: &PublicKey) -> Client {
    let t = key.key_type();
    let no = |text: String| Client {
        client: "OpenSSH",
        can: false,
        since: None,
        text,
    };
    let Some(of_type) = openssh_type(t) else {
        return no(format!("no version has {} keys", t.short_name()));
    };
    let dead = match t.plain() {
        KeyType::Dsa => "; keys of this type are off since 7.0 and gone since 10.0",
        _ => "",
    };
    let (since, text) = match format {
        Format::Ppk { .. } => {
            return no(
                "cannot read PPK: convert it (sshwhy key convert FILE --to openssh --output NEW)"
                    .into(),
            );
        }
        Format::SshCom => {
            return no("does not log in with it: convert it (sshwhy key convert FILE --to openssh --output NEW)".into());
        }
        Format::Rfc4716 => {
            return no("does not read it in authorized_keys: sshwhy key line FILE".into());
        }
        Format::OpensshPrivate => (later(of_type, "6.5"), ""),
        Format::Pem { label, .. }
            if label.as_slice() == b"PRIVATE KEY"
                || label.as_slice() == b"ENCRYPTED PRIVATE KEY" =>
        {
            match t.plain() {
                KeyType::Ed25519 => ("9.6", " (before: \"invalid format\")"),
                _ => (of_type, ""),
            }
        }
        Format::Pem { label, .. } if label.ends_with(b"PUBLIC KEY") => {
            return no("does not read it in authorized_keys: sshwhy key line FILE".into());
        }
        _ => (of_type, ""),
    };
    Client {
        client: "OpenSSH",
        can: t.plain() != KeyType::Dsa,
        since: Some(since),
        text: match since {
            "2.0" => format!("every version reads it{dead}"),
            _ => format!("{since} and later{text}{dead}"),
        },
    }
}

/// First version of PuTTY that has keys of this type.
fn putty_type(t: &KeyType) -> Option<&'static str> {
    let plain = match t.plain() {
        KeyType::Rsa | KeyType::Dsa => "0.52",
        KeyType::EcdsaP256 | KeyType::EcdsaP384 | KeyType::EcdsaP521 | KeyType::Ed25519 => "0.68",
        KeyType::Ed448 => "0.75",
        _ => return None,
    };
    Some(if t.is_cert() { "0.78" } else { plain })
}

fn putty(format: &Format, key: &PublicKey, protection: Option<&Protection>) -> Client {
    let t = key.key_type();
    let no = |text: String| Client {
        client: "PuTTY",
        can: false,
        since: None,
        text,
    };
    let Some(of_type) = putty_type(t) else {
        return no(format!("no version has {} keys", t.short_name()));
    };
    let gcm = matches!(protection, Some(Protection::Passphrase { cipher, .. }) if cipher.ends_with(b"gcm@openssh.com"));
    let (since, before) = match format {
        Format::Ppk { version: 3, .. } => (
            later(of_type, "0.75"),
            "before 0.75: \"PuTTY key format too new\"",
        ),
        Format::Ppk { version: 2, .. } => (of_type, "before: \"file format error\""),
        Format::Ppk { .. } => (
            of_type,
            "it asks to save the key anew: this version was never in a release",
        ),
        Format::OpensshPrivate | Format::Pem { .. } | Format::SshCom => {
            let how = if gcm {
                " (PuTTYgen 0.84 and later, for this cipher)"
            } else {
                ""
            };
            return no(format!(
                "does not log in with it; PuTTYgen imports it{how}: sshwhy key convert FILE --to ppk --output NEW.ppk"
            ));
        }
        _ => (
            of_type,
            "public keys alone choose a key in Pageant, from 0.68 on",
        ),
    };
    let sha1 = match t.plain() {
        KeyType::Rsa if later(since, "0.75") != since => {
            "; before 0.75 it signs with SHA-1 alone, which OpenSSH 8.8 and later refuse"
        }
        _ => "",
    };
    let first = if since == "0.52" {
        "every version since 0.52 reads it".to_owned()
    } else {
        format!("{since} and later; {before}")
    };
    Client {
        client: "PuTTY",
        can: true,
        since: Some(since),
        text: format!("{first}{sha1}"),
    }
}
