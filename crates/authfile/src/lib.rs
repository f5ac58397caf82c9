//! authorized_keys, principals and CA-file lines with byte spans, read exactly as sshd reads them, and what
//! damage was done to them.
//!
//! Never here: whether a user at an address may log in with a key. No I/O, no clock.
#![no_std]
extern crate alloc;

mod blob;
mod ca_file;
pub mod damage;
pub mod label;
mod line;
mod options;
mod principals;
mod rules;
pub mod scan;
mod span;

pub use blob::{BlobError, Shape};
pub use ca_file::{CaEntry, CaFile, CaLine, CaStop};
pub use label::{Kind, Label, LabelSet};
pub use line::{Answer, Candidate, Dead, DeadWhy, Line, LineKind, OfferedKey};
pub use options::{
    CivilTime, EnvVar, Expiry, Item, OptionError, OptionErrorKind, OptionName, OptionSet, Options,
    Permit, Port, Secret, Tunnel, Value, option_name,
};
pub use principals::{PrincipalsAnswer, PrincipalsEntry, PrincipalsLine};
pub use rules::{Flavour, Rules};
pub use scan::{Found, Lines, MAX_HELD, Scanner, Totals};
pub use span::Span;
pub use sshwhy_keys::base64::{Base64Error, Base64ErrorKind};
