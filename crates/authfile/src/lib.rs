//! authorized_keys, principals and CA-file lines with byte spans, read exactly as sshd reads them, and what
//! damage was done to them.
//!
//! Never here: whether a user at an address may log in with a key. No I/O, no clock.
#![no_std]
extern crate alloc;

mod base64;
mod blob;
pub mod label;
mod line;
mod options;
mod rules;
mod span;

pub use base64::Base64Error;
pub use blob::{BlobError, Shape};
pub use label::{Kind, Label, LabelSet};
pub use line::{Answer, Candidate, Dead, DeadWhy, Line, LineKind, OfferedKey};
pub use options::{
    CivilTime, EnvVar, Expiry, Item, OptionError, OptionErrorKind, OptionName, OptionSet, Options,
    Permit, Port, Secret, Tunnel, Value,
};
pub use rules::{Flavour, Rules};
pub use span::Span;
