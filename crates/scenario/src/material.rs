//! Where the bytes of named keys come from.

/// Files of `vectors/lab`, by name: `ed25519.pub`, `alice-cert.pub`, `key.krl`.
pub trait KeyMaterial {
    /// The content of a file. `None`: there is no such file.
    fn file(&self, name: &str) -> Option<&[u8]>;
}

/// The files of `vectors/lab` as they were when this was built.
#[derive(Clone, Copy, Debug, Default)]
pub struct Embedded;

macro_rules! files {
    ($($name:literal)*) => {
        /// Name and content, sorted by name.
        const FILES: &[(&str, &[u8])] = &[
            $(($name, include_bytes!(concat!("../../../vectors/lab/", $name)))),*
        ];
    };
}

// Every file of the folder but make.sh and README.md; a test holds the two together.
files! {
    "alice-cert.pub"
    "bad-signature-cert.pub"
    "bob-cert.pub"
    "by-dsa-cert.pub"
    "by-ecdsa-cert.pub"
    "by-other-cert.pub"
    "by-rsa-sha1-cert.pub"
    "by-rsa-sha256-cert.pub"
    "by-rsa-sha512-cert.pub"
    "ca-ecdsa"
    "ca-ecdsa.pub"
    "ca-ed25519"
    "ca-ed25519.pub"
    "ca-other"
    "ca-other.pub"
    "ca-rsa"
    "ca-rsa.pub"
    "ca.krl"
    "critical-unknown-cert.pub"
    "damaged.krl"
    "dsa"
    "dsa.pub"
    "ecdsa256"
    "ecdsa256-cert.pub"
    "ecdsa256.pub"
    "ecdsa384"
    "ecdsa384.pub"
    "ecdsa521"
    "ecdsa521.pub"
    "ed25519"
    "ed25519-b"
    "ed25519-b.pub"
    "ed25519-bob"
    "ed25519-bob.pub"
    "ed25519.ppk"
    "ed25519.pub"
    "ed25519.rfc4716"
    "ed25519.v2.ppk"
    "ed448.pub"
    "empty.krl"
    "expired-cert.pub"
    "force-command-cert.pub"
    "host-cert.pub"
    "host-ecdsa"
    "host-ecdsa.pub"
    "host-ed25519"
    "host-ed25519.pub"
    "host-rsa"
    "host-rsa.pub"
    "id.krl"
    "key-b.krl"
    "key.krl"
    "no-extensions-cert.pub"
    "no-principals-cert.pub"
    "not-yet-cert.pub"
    "old-v00-cert.pub"
    "root-cert.pub"
    "rsa1024"
    "rsa1024-cert.pub"
    "rsa1024.pub"
    "rsa2048"
    "rsa2048-cert.pub"
    "rsa2048-padded.pub"
    "rsa2048.pem"
    "rsa2048.pub"
    "rsa2048.spki"
    "rsa3072"
    "rsa3072.pub"
    "rsa4096"
    "rsa4096.pub"
    "rsa768.pub"
    "serial7-cert.pub"
    "serial7.krl"
    "sk-ecdsa.pub"
    "sk-ed25519"
    "sk-ed25519-cert.pub"
    "sk-ed25519.pub"
    "sk-no-touch-cert.pub"
    "source-10-cert.pub"
    "source-192-cert.pub"
    "staff-cert.pub"
    "verify-required-cert.pub"
}

impl KeyMaterial for Embedded {
    fn file(&self, name: &str) -> Option<&[u8]> {
        let i = FILES.binary_search_by_key(&name, |(n, _)| n).ok()?;
        FILES.get(i).map(|(_, content)| *content)
    }
}

impl Embedded {
    /// The names of all files.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FILES.iter().map(|(name, _)| *name)
    }
}
