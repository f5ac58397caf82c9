//! Private key files of every format: read, unlocked, checked, written, generated.
//!
//! **Invariants.** No I/O, no clock, no randomness of its own: it comes in as an argument. Nothing
//! of the engine may depend on this crate, so that a verdict can hold no secret
//! (`xtask/tests/architecture.rs`). Secrets have no `Debug`, `Display` or `Serialize` and are wiped
//! on drop. Readers are total: their errors name the line or the byte.
//!
//! Reading has two steps. [`read`] takes a file apart without its passphrase and keeps all that can
//! be told so; [`KeyFile::unlock`] decrypts, checks, and gives the [`PrivateKey`].

#![no_std]
extern crate alloc;

mod armour;
mod asn1;
mod der;
mod error;
mod fields;
mod file;
mod generate;
mod number;
mod openssh;
mod openssh_fields;
mod pbe;
mod pem;
mod pkcs8;
mod ppk;
pub mod public_write;
mod secret;
mod sign;
mod sshcom;
mod weak;
mod write;

pub use error::{FileError, FileErrorKind, UnlockError};
pub use file::{Argon2Flavour, Kdf, KeyFile, Problem, Protection, read};
pub use generate::{GenerateError, NewKey, generate};
pub use ppk::{MAX_ARGON2_WORK, tune_passes};
pub use secret::{Checked, Inconsistent, PrivateKey, Secret};
pub use sign::{SignError, sign};
pub use weak::{NotChecked, Weakness, Weaknesses, weaknesses};
pub use write::{OpensshOptions, Passphrase, PpkOptions, Target, WriteError, write};
