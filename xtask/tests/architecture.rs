//! The invariants that ARCHITECTURE.md names, held.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who may depend on whom, within the workspace, outside of tests. A crate that is not named here
/// may not exist.
const ARROWS: &[(&str, &[&str])] = &[
    ("keys", &[]),
    ("keyfile", &["keys"]),
    ("agent", &["keys", "keyfile"]),
    ("config", &[]),
    ("authfile", &["keys"]),
    ("world", &["keys"]),
    ("causes", &["world"]),
    ("rank", &[]),
    (
        "verdict",
        &["keys", "authfile", "config", "world", "causes"],
    ),
    ("scenario", &["keys", "world"]),
    ("report", &["keys", "world", "causes", "verdict"]),
    ("index", &["keys", "authfile"]),
    ("collect", &["keys", "world", "config", "index"]),
    ("wire", &[]),
    (
        "server",
        &[
            "keys", "world", "causes", "verdict", "collect", "index", "wire",
        ],
    ),
    ("connect", &["keys", "keyfile", "config", "wire", "check"]),
    (
        "check",
        &[
            "keys", "keyfile", "agent", "config", "causes", "wire", "rank",
        ],
    ),
    (
        "mend",
        &[
            "keys", "authfile", "config", "world", "causes", "verdict", "wire",
        ],
    ),
    (
        "cli",
        &[
            "keys", "agent", "keyfile", "authfile", "config", "world", "causes", "verdict",
            "scenario", "report", "collect", "mend", "rank", "check", "wire", "server", "connect",
            "index",
        ],
    ),
    (
        "lab",
        &[
            "keys", "world", "causes", "verdict", "scenario", "collect", "wire", "config",
            "authfile", "mend", "rank", "check", "server",
        ],
    ),
    ("xtask", &["causes"]),
];

/// The crates that do no I/O: `#![no_std]`, so that the compiler refuses a file, a socket, a clock.
const CORE: &[&str] = &[
    "keys", "config", "authfile", "world", "causes", "verdict", "scenario",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    serde_json::from_slice(&out.stdout).unwrap()
}

fn short(name: &str) -> &str {
    match name {
        "sshwhy" => "cli",
        other => other.strip_prefix("sshwhy-").unwrap_or(other),
    }
}

#[test]
fn crates_depend_only_where_the_arrows_allow() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for package in metadata()["packages"].as_array().unwrap() {
        let name = short(package["name"].as_str().unwrap()).to_owned();
        let Some(allowed) = arrows.get(name.as_str()) else {
            wrong.push(format!("{name} has no row"));
            continue;
        };
        seen.insert(name.clone());
        for d in package["dependencies"].as_array().unwrap() {
            let other = d["name"].as_str().unwrap();
            if d["kind"].is_null()
                && other.starts_with("sshwhy")
                && !allowed.contains(&short(other))
            {
                wrong.push(format!("{name} -> {}", short(other)));
            }
        }
    }
    for (name, _) in ARROWS {
        assert!(seen.contains(*name), "{name} has a row and is no crate");
    }
    assert!(wrong.is_empty(), "arrows that may not be: {wrong:?}");
}

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn the_core_is_built_without_the_standard_library() {
    for name in CORE {
        let dir = root().join("crates").join(name).join("src");
        let lib = fs::read_to_string(dir.join("lib.rs")).unwrap();
        assert!(lib.contains("#![no_std]"), "{name} is not no_std");
        let mut files = Vec::new();
        sources(&dir, &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let before_tests = text.split("#[cfg(test)]").next().unwrap();
            assert!(
                !before_tests.contains("extern crate std"),
                "{} brings std back",
                file.display()
            );
        }
    }
}

#[test]
fn only_the_edges_know_json() {
    for package in metadata()["packages"].as_array().unwrap() {
        let name = short(package["name"].as_str().unwrap());
        let json = package["dependencies"].as_array().unwrap().iter().any(|d| {
            d["kind"].is_null() && d["name"].as_str().is_some_and(|n| n.starts_with("serde"))
        });
        assert!(
            !json || ["report", "cli", "lab", "collect", "xtask"].contains(&name),
            "{name} knows JSON"
        );
    }
}

#[test]
fn a_cause_is_told_in_its_own_file() {
    // The words for people stand in the catalogue: the engine makes findings and no sentences.
    let mut files = Vec::new();
    sources(&root().join("crates/verdict/src"), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            !text.contains("chmod ") && !text.contains("systemctl "),
            "{} gives advice",
            file.display()
        );
    }
}
