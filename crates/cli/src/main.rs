//! The `sshwhy` command.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: sshwhy::Wiping = sshwhy::Wiping;

fn main() -> ExitCode {
    sshwhy::main()
}
