//! Documents made from the code: the pages of the causes.

use crate::run::root;
use sshwhy_causes::{Cause, all};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// Writes them, or with `check` says which are stale.
///
/// # Errors
/// A file could not be written, or is stale.
pub(crate) fn write(check: bool) -> Result<(), String> {
    let dir = root().join("docs/causes");
    let mut stale = Vec::new();
    let mut wanted = Vec::new();
    let mut index = String::from(
        "# Causes\n\nMade by `cargo xtask docs` from `crates/causes`; `sshwhy explain ID` prints the same.\n",
    );
    let mut stage = "";
    for cause in all() {
        if cause.stage.word() != stage {
            stage = cause.stage.word();
            let _ = write!(index, "\n## {stage}\n\n");
        }
        let _ = writeln!(index, "- [{0}]({0}.md)", cause.id);
        wanted.push((dir.join(format!("{}.md", cause.id)), page(cause)));
    }
    wanted.push((dir.join("README.md"), index));
    for (path, text) in &wanted {
        if fs::read_to_string(path).is_ok_and(|old| old == *text) {
            continue;
        }
        if check {
            stale.push(path.display().to_string());
        } else {
            fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
            fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }
    let known: Vec<&PathBuf> = wanted.iter().map(|(p, _)| p).collect();
    for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
        if !known.contains(&&entry.path()) {
            stale.push(format!("{} belongs to no cause", entry.path().display()));
        }
    }
    if stale.is_empty() {
        println!("{} pages are as the code has them", wanted.len());
        return Ok(());
    }
    Err(format!(
        "stale (run `cargo xtask docs`):\n{}",
        stale.join("\n")
    ))
}

/// The page of one cause.
fn page(cause: &Cause) -> String {
    let mut out = format!(
        "# {}\n\nStage: `{}`.\n\n{}\n",
        cause.id,
        cause.stage.word(),
        cause.page.trim()
    );
    if !cause.log.is_empty() {
        out.push_str("\n## What sshd logs\n\n");
        for line in cause.log {
            let _ = writeln!(out, "- `{}` ({:?})", line.text, line.level);
        }
    }
    out
}
