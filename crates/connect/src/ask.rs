//! What is asked of the person, and told.

use std::path::Path;
use zeroize::Zeroizing;

/// A host whose key nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Its name, as known_hosts would have it.
    pub host: Vec<u8>,
    /// The key's type, as OpenSSH prints it: `ED25519`.
    pub kind: &'static str,
    /// `SHA256:…`
    pub fingerprint: String,
    /// A line about this host with keys of other types: file and number.
    pub other_types: Option<(Vec<u8>, usize)>,
    /// Where a yes would be written.
    pub file: Option<Vec<u8>>,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The server's banner (RFC 4252 §5.4).
    Banner(Vec<u8>),
    /// A host key was written to this file.
    HostKeyWritten(Vec<u8>),
    /// A host key could not be written there: why.
    HostKeyNotWritten(Vec<u8>, String),
    /// The server gives no terminal.
    NoTerminal,
    /// What a keyboard-interactive request says before its questions.
    Instructions(Vec<u8>),
    /// The person asked which escapes there are. The terminal is raw.
    Escapes,
    /// A password or an answer was refused.
    TryAgain,
}

/// Who answers for the person. Questions may block.
pub trait Ask: Send + Sync {
    /// Whether this host's key is its own. Without a terminal: no.
    fn trust(&self, stranger: &Stranger) -> bool;
    /// The passphrase of a key file.
    fn passphrase(&self, path: &Path) -> Option<Zeroizing<Vec<u8>>>;
    /// An answer to a server's question; `echo` says whether it may be seen.
    fn answer(&self, prompt: &[u8], echo: bool) -> Option<Zeroizing<Vec<u8>>>;
    /// Tells something.
    fn tell(&self, notice: &Notice);
}
