//! The `sshwhy` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    sshwhy::main()
}
