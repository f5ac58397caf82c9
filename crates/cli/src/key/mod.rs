//! `sshwhy key`: key files of every format.
//!
//! **Invariants.** No private part and no passphrase reaches an argument, the output, a log or a
//! temporary file that others can read. A file is written whole or not at all, and never over
//! another without `--force`.

pub mod args;
mod beside;
mod certificate;
mod clients;
mod convert;
mod diagnose;
mod generate;
pub(crate) mod hold;
mod line;
mod list;
mod no_key;
mod opening;
mod outcome;
pub(crate) mod pages;
mod place;
mod problem;
mod protection;
mod public_file;
mod repair;
pub(crate) mod secret_input;
mod shell;
mod show;
pub(crate) mod source;
mod structure;
mod text;
mod weakness;
mod writing;

use crate::failure::Failure;
use args::{Action, Key};

/// Runs what was asked for.
pub(crate) fn run(key: &Key) -> Result<u8, Failure> {
    hold::hold_secrets(key.action.common());
    match &key.action {
        Action::Show(a) => show::run(a),
        Action::Generate(a) => generate::run(a),
        Action::Convert(a) => convert::convert(a),
        Action::Passphrase(a) => convert::passphrase(a),
        Action::Line(a) => line::run(a),
        Action::Repair(a) => repair::run(a),
    }
}
