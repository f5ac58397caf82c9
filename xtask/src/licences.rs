//! Licences and duplicate versions of all dependencies, from `cargo metadata`.

use crate::run::{cargo, output};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Permissive licences that a dependency may be under.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "0BSD",
    "CC0-1.0",
    "MIT-0",
    "BSL-1.0",
];

/// Names that may be there in more than one version, each with the reason.
const DUPLICATES: &[(&str, &str)] = &[
    (
        "getrandom",
        "rand_core's generations; no code of ours calls it twice",
    ),
    (
        "rand_core",
        "the RustCrypto tree is between two generations",
    ),
    ("windows-sys", "not built on Linux"),
    ("windows-targets", "not built on Linux"),
    (
        "syn",
        "procedural macros of two generations; nothing of it is in the binary",
    ),
];

/// Checks both.
///
/// # Errors
/// A licence that is not allowed, or a duplicate without a reason.
pub(crate) fn check() -> Result<(), String> {
    let raw = output(&mut cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        "x86_64-unknown-linux-gnu",
    ]))?;
    let metadata: Value = serde_json::from_slice(&raw).map_err(|e| e.to_string())?;
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let resolved: BTreeSet<String> = metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|n| text(&n["id"]))
        .collect();
    let mut wrong = Vec::new();
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut count = 0;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        if !resolved.contains(&text(&package["id"])) {
            continue;
        }
        count += 1;
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        versions
            .entry(name.clone())
            .or_default()
            .insert(version.clone());
        let licence = text(&package["license"]);
        if !allowed(&licence) {
            wrong.push(format!(
                "{name} {version}: licence `{licence}` is not among the allowed"
            ));
        }
    }
    for (name, versions) in versions {
        if versions.len() > 1 && !DUPLICATES.iter().any(|(n, _)| *n == name) {
            let all: Vec<_> = versions.into_iter().collect();
            wrong.push(format!(
                "{name} is there {} times: {}",
                all.len(),
                all.join(", ")
            ));
        }
    }
    if wrong.is_empty() {
        println!("{count} packages: licences allowed, no duplicate without a reason");
        return Ok(());
    }
    Err(wrong.join("\n"))
}

fn allowed(licence: &str) -> bool {
    let lax = spdx::ParseMode::LAX;
    let Ok(expression) = spdx::Expression::parse_mode(licence, lax) else {
        return false;
    };
    expression.evaluate(|req| ALLOWED.contains(&req.to_string().as_str()))
}
