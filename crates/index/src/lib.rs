//! Which lines of a large key file concern a key, without reading it whole.
//!
//! sshd compares the key of every line with the one that is offered, which takes seconds with a
//! million of them. An [`Index`] holds where each key of a file stands, sorted by fingerprint. It
//! is used only while the file is the one that was indexed ([`Identity`]), and what it points at is
//! read again from the file: it can only ever say *where to look*.
//!
//! What is found is what a whole scan would find: a line lets a key in only if a word of it is the
//! base64 text of that key, or of one that sshd takes for the same (needless zeros in its numbers,
//! an alias for its name). Every such word of every line has its entry, whatever stands around it;
//! lines in which a blank that sshd's decoder skips may hide such a word are handed out for every
//! key. A file with too many of those has no index.
//!
//! **Invariant:** nothing here decides about a key.

mod build;
mod cache;
mod identity;
mod lines;
mod stored;

pub use build::{Builder, NoIndex};
pub use cache::Cache;
pub use identity::Identity;
pub use lines::{KeyLine, concerns, scan};
pub use stored::{Stored, beside};

use sshwhy_keys::fingerprint::sha256_raw;
use sshwhy_keys::{PublicKey, base64};

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Offset of its first byte.
    pub offset: u64,
    /// Its number, from 1.
    pub line: u64,
}

/// What keys are sorted by: the first half of the SHA-256 fingerprint. Two keys that agree in it
/// cost a look at one more line.
pub(crate) type Print = [u8; 16];

/// The first half of a whole fingerprint.
pub(crate) fn print_of(fingerprint: &[u8; 32]) -> Print {
    let mut out = [0; 16];
    out.copy_from_slice(fingerprint.split_at(16).0);
    out
}

/// The fingerprint of the key that sshd sees in `blob`: written anew, as `sshkey_fingerprint` does
/// it. `None`: it is no key.
#[must_use]
pub fn fingerprint(blob: &[u8]) -> Option<[u8; 32]> {
    // The one type that has no second way to be written.
    const ED25519: &[u8] = b"\0\0\0\x0bssh-ed25519\0\0\0\x20";
    if blob.len() == ED25519.len() + 32 && blob.starts_with(ED25519) {
        return Some(sha256_raw(blob));
    }
    let key = PublicKey::from_blob(blob).ok()?;
    Some(sha256_raw(key.plain_blob()))
}

/// The places of a file's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The file as it was.
    pub(crate) identity: Identity,
    /// By fingerprint, then by place.
    pub(crate) entries: Vec<(Print, Place)>,
    /// Lines that are handed out for every key.
    pub(crate) odd: Vec<Place>,
    /// Lines of the file.
    pub(crate) lines: u64,
}

impl Index {
    /// The file that was indexed.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Lines of the file, a last one without newline included.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Keys of the file.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.entries.len()
    }

    /// The lines that may hold the key with this SHA-256 fingerprint, in the file's order.
    #[must_use]
    pub fn places(&self, fingerprint: &[u8; 32]) -> Vec<Place> {
        let print = print_of(fingerprint);
        let from = self.entries.partition_point(|(p, _)| *p < print);
        let own = self.entries.get(from..).unwrap_or(&[]);
        let own = own
            .iter()
            .take_while(|(p, _)| *p == print)
            .map(|(_, at)| *at);
        in_order(own.chain(self.odd.iter().copied()).collect())
    }
}

/// In the file's order, each once.
pub(crate) fn in_order(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_unstable();
    places.dedup();
    places
}

/// Reads `SHA256:…` as `ssh-keygen -l` prints it (sshd's `%f`).
#[must_use]
pub fn parse_fingerprint(text: &[u8]) -> Option<[u8; 32]> {
    let mut padded = text.strip_prefix(b"SHA256:")?.to_vec();
    padded.resize(padded.len().next_multiple_of(4), b'=');
    base64::decode(&padded).ok()?.try_into().ok()
}
