//! The server's own host key: this server is never the machine's sshd, and does not show its keys.

use ssh_key::{Algorithm, LineEnding, PrivateKey};
use sshwhy_wire::KeySigner;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

/// A host key. Its private half is not shown.
#[derive(Clone)]
pub struct HostKey {
    pub(crate) key: Arc<PrivateKey>,
    pub(crate) signer: Arc<KeySigner>,
}

/// Longest file that is read for a host key, in bytes.
const MOST: u64 = 1 << 20;

/// The text of a key file: no pipe is waited for, and nothing endless is read.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let bad = |why| io::Error::new(io::ErrorKind::InvalidData, why);
    let about = fs::metadata(path)?;
    if !about.is_file() {
        return Err(bad("it is not a regular file"));
    }
    let mut text = Vec::new();
    fs::File::open(path)?.take(MOST).read_to_end(&mut text)?;
    if text.len() as u64 == MOST {
        return Err(bad("it is too long for a key"));
    }
    if !text.starts_with(b"-----BEGIN OPENSSH PRIVATE KEY-----") {
        return Err(bad("it is not a private key in OpenSSH's format"));
    }
    // `sshkey_perm_ok`: what is another's file is another's care.
    let own = about.uid() == rustix::process::geteuid().as_raw();
    if own && about.mode() & 0o077 != 0 {
        return Err(bad(
            "others may read it: a host key is its owner's alone (chmod 600)",
        ));
    }
    Ok(text)
}

impl HostKey {
    /// A new Ed25519 key that lives as long as the server.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn generate() -> io::Result<HostKey> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(io::Error::other)?;
        let pair = ssh_key::private::Ed25519Keypair::from_seed(&seed);
        HostKey::of(PrivateKey::from(pair))
    }

    fn of(key: PrivateKey) -> io::Result<HostKey> {
        let bad =
            |e: sshwhy_wire::SignError| io::Error::new(io::ErrorKind::InvalidData, e.to_string());
        let signer = KeySigner::from_key(&key).map_err(bad)?;
        Ok(HostKey {
            key: Arc::new(key),
            signer: Arc::new(signer),
        })
    }

    /// The signature algorithms it signs with, best first.
    pub(crate) fn algorithms(&self) -> Vec<Vec<u8>> {
        let one = |name: &str| name.as_bytes().to_vec();
        match self.key.algorithm() {
            Algorithm::Rsa { .. } => vec![one("rsa-sha2-512"), one("rsa-sha2-256")],
            other => vec![one(other.as_str())],
        }
    }

    /// The key in `path` (OpenSSH's format, without a passphrase); where there is none, a new one
    /// is written there with mode 0600.
    ///
    /// # Errors
    /// The file cannot be read or written, or is no such key.
    pub fn load_or_create(path: &Path) -> io::Result<HostKey> {
        let bad = |e: ssh_key::Error| io::Error::new(io::ErrorKind::InvalidData, e.to_string());
        match read(path) {
            Ok(text) => {
                let other = |why| io::Error::new(io::ErrorKind::InvalidData, why);
                let key = PrivateKey::from_openssh(text).map_err(bad)?;
                if key.is_encrypted() {
                    return Err(other("it has a passphrase"));
                }
                if matches!(key.algorithm(), Algorithm::Dsa) {
                    return Err(other("a DSA key"));
                }
                HostKey::of(key)
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let key = HostKey::generate()?;
                let text = key.key.to_openssh(LineEnding::LF).map_err(bad)?;
                if let Some(dir) = path.parent() {
                    fs::create_dir_all(dir)?;
                }
                let mut file = fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)?;
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                Ok(key)
            }
            Err(e) => Err(e),
        }
    }

    /// `ssh-ed25519 AAAA…`, for known_hosts.
    #[must_use]
    pub fn public_line(&self) -> String {
        self.key.public_key().to_openssh().unwrap_or_default()
    }

    /// `SHA256:…`
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint(Default::default()).to_string()
    }
}
