//! How well a private half is protected, in words.

use serde::Serialize;
use sshwhy_keyfile::{Argon2Flavour, Kdf, MAX_ARGON2_WORK, Protection};
use sshwhy_keys::veiled_name;

/// What stands between a thief of the file and the key.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Words {
    pub(super) cipher: Option<String>,
    pub(super) kdf: Option<String>,
    /// none, weak, fair, good
    pub(super) strength: &'static str,
    /// What that costs somebody who guesses.
    pub(super) meaning: String,
}

/// In words.
pub(super) fn words(protection: &Protection) -> Words {
    let Protection::Passphrase { cipher, kdf } = protection else {
        return Words {
            cipher: None,
            kdf: None,
            strength: "none",
            meaning: "whoever gets the file has the key".into(),
        };
    };
    let (kdf, strength, meaning) = derivation(kdf);
    Words {
        cipher: Some(String::from_utf8_lossy(&veiled_name(cipher)).into_owned()),
        kdf: Some(kdf),
        strength,
        meaning,
    }
}

fn flavour(f: Argon2Flavour) -> &'static str {
    match f {
        Argon2Flavour::D => "Argon2d",
        Argon2Flavour::I => "Argon2i",
        Argon2Flavour::Id => "Argon2id",
    }
}

const NOTHING: &str = "guesses cost next to nothing (thousands of millions a second on one graphics \
                       card): only a long random passphrase holds";

fn derivation(kdf: &Kdf) -> (String, &'static str, String) {
    match kdf {
        Kdf::Argon2 {
            flavour: f,
            memory,
            passes,
            parallelism,
            ..
        } => {
            let work = u64::from(*memory).saturating_mul(u64::from(*passes));
            let strength = if work < 8192 { "weak" } else { "good" };
            (
                format!(
                    "{}, {memory} KiB, {passes} passes, {parallelism} lane{}",
                    flavour(*f),
                    if *parallelism == 1 { "" } else { "s" }
                ),
                strength,
                if work > MAX_ARGON2_WORK {
                    "nobody could wait for so many passes: it is not opened here; the number may be damaged".into()
                } else {
                    format!(
                        "each guess needs {} of memory and {passes} passes over it, on a graphics card too",
                        kib(*memory)
                    )
                },
            )
        }
        Kdf::PpkSha1 => (
            "SHA-1, once, without salt".into(),
            "weak",
            format!("{NOTHING}; version 3 (PuTTY 0.75) is far stronger"),
        ),
        Kdf::Bcrypt { rounds, .. } => (
            format!("bcrypt, {rounds} rounds"),
            if *rounds < 16 { "fair" } else { "good" },
            format!(
                "each guess costs {rounds} rounds, about {} s of one core; ssh-keygen's default is \
                 16 (24 from OpenSSH 9.4 on)",
                // About 8 ms a round on a common machine.
                f64::from(*rounds) * 0.008
            ),
        ),
        Kdf::PemMd5 => ("MD5, once".into(), "weak", NOTHING.into()),
        Kdf::SshComMd5 => ("MD5, once, without salt".into(), "weak", NOTHING.into()),
        Kdf::Pbkdf2 { prf, iterations } => (
            format!("PBKDF2, {prf}, {iterations} iterations"),
            match iterations {
                0..=9_999 => "weak",
                10_000..=599_999 => "fair",
                _ => "good",
            },
            format!(
                "each guess costs {iterations} hashes and no memory: graphics cards are fast at it"
            ),
        ),
        Kdf::Scrypt { n, r, p } => (
            format!("scrypt, N {n}, r {r}, p {p}"),
            "good",
            format!(
                "each guess needs {} of memory",
                kib(u32::try_from(n.saturating_mul(u64::from(*r)) / 8).unwrap_or(u32::MAX))
            ),
        ),
        Kdf::Pbes1 { iterations } => (
            format!("PKCS#5 v1.5 or PKCS#12, {iterations} iterations"),
            "weak",
            NOTHING.into(),
        ),
        _ => (
            "a key derivation that is not known here".into(),
            "unknown",
            "not known here".into(),
        ),
    }
}

fn kib(n: u32) -> String {
    match n {
        n if n >= 1024 => format!("{} MiB", n / 1024),
        n => format!("{n} KiB"),
    }
}
