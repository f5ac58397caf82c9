//! Development tasks. `cargo xtask` without a word lists them.
#![allow(clippy::print_stdout, reason = "a command that talks to a developer")]

mod docs;
mod fuzz;
mod licences;
mod packages;
mod run;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask TASK
  test              install what the tests need (where that is allowed), run all of them
  lab [ARGS]        the lab: scenarios on real sshds (see `cargo xtask lab --help`)
  docs [--check]    write docs/causes, docs/man and docs/completions, or say which are stale
  licences          every dependency's licence and every duplicate version
  fuzz [SECONDS]    each fuzz target in turn (needs a nightly toolchain and cargo-fuzz)
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let rest = words.get(1..).unwrap_or(&[]);
    let done = match words.first().map(String::as_str) {
        Some("test") => test::all(),
        // It has said itself what differs; its last line stays the last.
        Some("lab") => {
            return match test::lab(rest, "lab") {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            };
        }
        Some("docs") => docs::write(rest.iter().any(|w| w == "--check")),
        Some("licences") => licences::check(),
        Some("fuzz") => fuzz::all(rest.first().map(String::as_str)),
        _ => {
            print!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
