//! What the targets of private key files share.

use sshwhy_keyfile::{Kdf, KeyFile, Protection, read, write};
use sshwhy_keyfile::{OpensshOptions, PpkOptions, Target};

/// Passphrases of the seeds, and none.
const PASSPHRASES: [Option<&[u8]>; 3] = [None, Some(b"testing"), Some(b"")];

/// A generator without chance, so that a finding can be had again.
struct Counter(u64);

impl rand_core::TryRng for Counter {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.try_next_u64()? as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Ok(self.0)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for b in out {
            *b = self.try_next_u64()? as u8;
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counter {}

/// Whether unlocking costs little enough for thousands of runs a second.
fn cheap(file: &KeyFile) -> bool {
    let Protection::Passphrase { kdf, .. } = &file.protection else { return true };
    match kdf {
        Kdf::Argon2 { memory, passes, parallelism, .. } => {
            u64::from(*memory) * u64::from(*passes) < 512 && *parallelism < 8
        }
        Kdf::Bcrypt { rounds, .. } => *rounds < 2,
        Kdf::Pbkdf2 { iterations, .. } => *iterations < 2048,
        Kdf::Scrypt { n, r, p } => n.saturating_mul(u64::from(*r) * u64::from(*p)) < 4096,
        Kdf::Pbes1 { iterations } => *iterations < 4096,
        _ => true,
    }
}

/// Any bytes are a private key file: nothing panics, places lie in the data, and what is unlocked
/// is the same after it was written and read again.
pub fn private_key(data: &[u8]) {
    let file = match read(data) {
        Ok(file) => file,
        Err(e) => {
            assert!(e.line >= 1);
            assert!(e.offset <= data.len(), "{e:?}");
            assert!(!format!("{e}").is_empty());
            return;
        }
    };
    for p in &file.problems {
        assert!(p.line >= 1);
    }
    if !cheap(&file) {
        return;
    }
    for passphrase in PASSPHRASES {
        let Ok(key) = file.unlock(passphrase) else { continue };
        if key.check().is_err() {
            continue;
        }
        for target in [
            Target::Openssh(OpensshOptions::default()),
            Target::Ppk(PpkOptions { version: 2, ..PpkOptions::default() }),
            Target::Pem,
            Target::Pkcs8 { iterations: 1 },
        ] {
            let Ok(text) = write(&key, &target, None, &mut Counter(1)) else { continue };
            let again = read(&text).unwrap_or_else(|e| panic!("{target:?}: {e}"));
            let again = again.unlock(None).unwrap_or_else(|e| panic!("{target:?}: {e:?}"));
            assert_eq!(again.public().plain_blob(), key.public().plain_blob(), "{target:?}");
        }
        return;
    }
}

/// The same, of content that stands in the right armour.
pub fn armoured(begin: &str, end: &str, content: &[u8]) {
    let mut text = format!("{begin}\n").into_bytes();
    let base64 = sshwhy_keys::base64::encode(content);
    for line in base64.as_bytes().chunks(64) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(end.as_bytes());
    text.push(b'\n');
    private_key(&text);
}
