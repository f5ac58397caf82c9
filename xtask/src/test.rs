//! All tests, with every skip counted.

use crate::packages;
use crate::run::{cargo, root, run};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// What a run of tests printed of itself.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: Vec<String>,
}

/// Installs what the tests need, runs the workspace's tests and the scenarios on the real sshd.
///
/// # Errors
/// A test failed, or one was skipped on CI.
pub(crate) fn all() -> Result<(), String> {
    packages::install();
    let mut tally = Tally::default();
    let ok = cargo_tests(&mut tally)?;
    let words = ["--scenarios", "--on", "host"].map(String::from);
    let lab = lab(&words, "dev");
    match &lab {
        Ok(()) => tally.passed += 1,
        Err(_) => tally.failed += 1,
    }
    for line in &tally.skipped {
        println!("{line}");
    }
    println!(
        "{} passed, {} failed, {} skipped",
        tally.passed,
        tally.failed,
        tally.skipped.len()
    );
    if !ok {
        return Err("tests failed".into());
    }
    lab?;
    let ci = std::env::var("CI").is_ok_and(|v| v == "true");
    if ci && !tally.skipped.is_empty() {
        return Err("a test was skipped, and on CI none may be".into());
    }
    Ok(())
}

/// `cargo test`, its output filtered: results, skips, and everything about failures.
fn cargo_tests(tally: &mut Tally) -> Result<bool, String> {
    let mut command = cargo(&[
        "test",
        "--workspace",
        "--locked",
        "--no-fail-fast",
        "--",
        "--show-output",
    ]);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    let out = child.stdout.take().ok_or("no output")?;
    let mut failing = false;
    for line in BufReader::new(out).lines() {
        let line = line.map_err(|e| e.to_string())?;
        if line.contains("SKIPPED:") {
            tally.skipped.push(line);
            continue;
        }
        if line.starts_with("failures:") {
            failing = true;
        }
        if let Some(rest) = line.strip_prefix("test result: ") {
            failing = false;
            for part in rest.split(['.', ';']) {
                let mut words = part.split_whitespace();
                let count = words.next().and_then(|w| w.parse::<u64>().ok());
                match (count, words.next()) {
                    (Some(n), Some("passed")) => tally.passed += n,
                    (Some(n), Some("failed")) => tally.failed += n,
                    _ => {}
                }
            }
            println!("{line}");
        } else if failing || line.contains("FAILED") {
            println!("{line}");
        }
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    Ok(status.success())
}

/// The lab's own command.
///
/// # Errors
/// It found a disagreement, or could not run.
pub(crate) fn lab(words: &[String], profile: &str) -> Result<(), String> {
    let mut command = cargo(&[
        "run",
        "--quiet",
        "--locked",
        "--package",
        "sshwhy-lab",
        "--profile",
        profile,
        "--",
    ]);
    command.args(words).current_dir(root());
    run(&mut command)
}
