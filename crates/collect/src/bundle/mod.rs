//! Facts that a read-only shell script printed, elsewhere: over a session, or pasted from a console.
//!
//! [`script`] makes the script, [`Bundle`] reads what it printed, [`BundleWorld`] answers from it.
//! What the script did not print, or what was damaged on its way (each content carries its
//! checksum), is not known, and [`BundleWorld::wanted`] says what to ask for.
//!
//! **Invariant:** what is not in the bundle is a [`Gap`](sshwhy_world::Gap), never absent.

mod parse;
pub mod script;
mod server;
mod world;

/// The account that sshd looks up for a user name: what follows a colon is a style (`auth2.c`).
fn account(user: &[u8]) -> &[u8] {
    user.split(|b| *b == b':').next().unwrap_or_default()
}

pub use parse::Bundle;
pub use world::{BundleWorld, Want};
