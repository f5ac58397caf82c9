//! SSH keys, certificates and key revocation lists, read as sshd reads them.
//!
//! **Invariants.** No I/O and no clock. Nothing here knows a login, a policy or
//! a server's version. Parsers never panic; their errors say where and why.
//! Private key material never reaches a result.

#![no_std]
extern crate alloc;

pub mod base64;
mod cert;
mod error;
pub mod fingerprint;
pub mod krl;
mod load;
mod pem;
mod public;
mod revoked;
mod sniff;
mod text;
mod types;
mod veil;
mod verify;
pub mod wire;

pub use cert::{CertOption, CertType, Certificate};
pub use error::{BlobError, BlobErrorKind};
pub use krl::Krl;
pub use load::{LoadError, LoadErrorKind, LoadedPublic, Note, load_public};
pub use public::{Material, PublicKey};
pub use revoked::{LineError, RevokedLine, read_line, revoked_lines};
pub use sniff::{Block, Encoding, Format, Sniffed, sniff};
pub use text::{BlockText, Ending, TextLine};
pub use types::{Curve, KeyType, SigAlg};
pub use veil::{LONG as VEIL_LONG, SHORT as VEIL_SHORT, veiled_line, veiled_name, veiled_text};
pub use verify::{SigError, verify};
