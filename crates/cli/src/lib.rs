//! The `sshwhy` command: arguments, wiring, exit codes.
//!
//! **Invariant:** no judging and no words about causes; what is decided comes from `verdict`, what
//! is said from `causes` through `report`.

pub mod agent;
pub mod args;
mod attempts;
mod audit;
mod certificate;
pub mod check;
pub mod connect;
pub mod demo;
mod explain;
mod failure;
mod file;
mod fit;
pub mod fix;
pub mod key;
mod keys;
mod keys_for;
mod logs;
mod message;
mod output;
mod questions;
mod ranked;
mod serve;
mod transcript;
pub mod undo;
mod whatif;
mod wipe;

pub use wipe::Wiping;

use args::{Cli, Command};
use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

/// Whether arguments that could not be read ask for JSON all the same.
fn wants_json(args: impl Iterator<Item = std::ffi::OsString>) -> bool {
    let mut last = std::ffi::OsString::new();
    for arg in args.take_while(|a| a != "--") {
        if arg == "--format=json" || (last == "--format" && arg == "json") {
            return true;
        }
        last = arg;
    }
    false
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    // A fault of ours is said as such, and is no verdict.
    std::panic::set_hook(Box::new(|fault| {
        sshwhy_connect::terminal::restore();
        let _ = writeln!(
            std::io::stderr(),
            "sshwhy: a fault of this program, not of your server: {fault}\n   = help: report it \
             with the command line and this text"
        );
        std::process::exit(2);
    }));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output with 0, a mistake to standard error with 2. A broken
            // pipe is success.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            let _ = error.print();
            if code == 2 && wants_json(std::env::args_os().skip(1)) {
                output::mistake(&error.kind().to_string(), "see --help");
            }
            return ExitCode::from(code);
        }
    };
    let (common, done) = match &cli.command {
        Command::Audit(a) => (&a.common, audit::run(a)),
        Command::Check(c) => (&c.common, check::run(c)),
        Command::Connect(c) => (&c.common, connect::run(c)),
        Command::Demo(d) => (&d.common, demo::run(d)),
        Command::Explain(e) => (&e.common, explain::run(e)),
        Command::Key(k) => (k.action.common(), key::run(k)),
        Command::Agent(a) => (a.action.common(), agent::run(a)),
        Command::Fix(f) => (&f.common, fix::run(f)),
        Command::WhatIf(w) => (&w.common, whatif::run(w)),
        Command::Serve(s) => (&s.common, serve::run(s)),
        Command::KeysFor(k) => return keys_for::main(k),
        Command::ServeSession(s) => return serve::session(s),
        Command::ServeNetwork(s) => return serve::network_side(s),
        Command::Undo(u) => (&u.common, undo::run(u)),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::failure(common, &failure);
            ExitCode::from(2)
        }
    }
}
