//! `sshwhy key`: key files of every format.
//!
//! **Invariants.** No private part and no passphrase reaches an argument, the output, a log or a
//! temporary file that others can read. A file is written whole or not at all, and never over
//! another without `--force`.

pub mod args;
mod beside;
mod certificate;
mod clients;
mod diagnose;
pub(crate) mod hold;
mod list;
mod place;
mod problem;
mod protection;
mod public_file;
pub(crate) mod secret_input;
mod shell;
mod show;
pub(crate) mod source;
mod structure;
mod text;
mod weakness;

use crate::failure::Failure;
use args::{Action, Key};

/// Runs what was asked for.
pub(crate) fn run(key: &Key) -> Result<u8, Failure> {
    hold::hold_secrets(key.action.common());
    match &key.action {
        Action::Show(a) => show::run(a),
        _ => Err(Failure::new("not done", "not yet", "later")),
    }
}
