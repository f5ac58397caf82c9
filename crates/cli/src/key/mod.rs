//! `sshwhy key`: key files of every format.
//!
//! **Invariants.** No private part and no passphrase reaches an argument, the output, a log or a
//! temporary file that others can read. A file is written whole or not at all, and never over
//! another without `--force`.

pub mod args;
mod hold;
mod place;
mod secret_input;
mod source;

use crate::failure::Failure;
use args::{Action, Key};

/// Runs what was asked for.
pub(crate) fn run(key: &Key) -> Result<u8, Failure> {
    hold::hold_secrets(key.action.common());
    match &key.action {
        Action::Show(_) => todo(),
        Action::Generate(_) => todo(),
        Action::Convert(_) => todo(),
        Action::Passphrase(_) => todo(),
        Action::Line(_) => todo(),
        Action::Repair(_) => todo(),
    }
}
fn todo() -> Result<u8, Failure> {
    Err(Failure::new("", "", ""))
}
