//! What the tests of this crate share.
#![allow(dead_code)]

use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The system's randomness, without an error to handle.
pub(crate) struct Os;

impl TryRng for Os {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(getrandom::u32().expect("randomness"))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(getrandom::u64().expect("randomness"))
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        getrandom::fill(to).expect("randomness");
        Ok(())
    }
}

impl TryCryptoRng for Os {}

/// `vectors/keyfile/NAME`.
pub(crate) fn vectors(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../vectors/keyfile")
        .join(name)
}

/// All files of a folder with this ending, sorted.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(vectors(folder))
        .expect("a folder of vectors")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.to_str().is_some_and(|p| p.ends_with(ending)))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no {ending} in {folder}");
    found
}

/// Whether a program is there; says loudly that the test is skipped where it is not.
pub(crate) fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("SKIPPED: {program} is not installed");
    }
    there
}

/// Runs a program to its end.
pub(crate) fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program)
        .args(args)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("{program}: {e}"))
}

/// Runs a program that must succeed; its standard output.
pub(crate) fn ok(program: &str, args: &[&str]) -> Vec<u8> {
    let out = run(program, args);
    assert!(
        out.status.success(),
        "{program} {args:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    out.stdout
}
