//! The `sshwhy` command.
fn main() {}
