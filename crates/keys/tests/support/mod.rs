//! Walks the vector folder.

#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/keys")
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn text(path: &Path) -> String {
    String::from_utf8(read(path)).expect("an expectation file is text")
}

/// Every file below `folder` with this ending, sorted.
pub(crate) fn walk(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no vector *{ending} in {folder}");
    found
}

/// `NAME.expectation` -> `NAME`
pub(crate) fn subject(expectation: &Path) -> PathBuf {
    expectation.with_extension("")
}

/// The blob of a one-line key file.
pub(crate) fn blob_of(path: &Path) -> Vec<u8> {
    let line = text(path);
    let word = line.split_whitespace().nth(1).expect("a key line");
    sshwhy_keys::base64::decode(word.as_bytes()).expect("base64")
}
