//! Scenario files as worlds for the lab.

use std::io;
use std::path::{Path, PathBuf};

use sshwhy_scenario::{Case, Scenario};

/// One case of a file.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file.
    pub file: PathBuf,
    /// The case.
    pub case: Case,
}

impl Found {
    /// `FILE:LINE: cause: heading`.
    #[must_use]
    pub fn place(&self) -> String {
        format!(
            "{}:{}: {}",
            self.file.display(),
            self.case.line,
            self.case.spec.name
        )
    }
}

/// Reads every scenario file below a directory (`*/*.md`), in the order of names. With `filter`,
/// only cases whose file or name contains it.
///
/// # Errors
/// A directory or file that cannot be read; a file that is no scenario, with its first problem.
pub fn walk(dir: &Path, filter: Option<&str>) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    for stage in std::fs::read_dir(dir)? {
        let stage = stage?.path();
        if !stage.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(stage)? {
            let file = file?.path();
            if file.extension().is_some_and(|e| e == "md") {
                files.push(file);
            }
        }
    }
    files.sort();
    let mut out = Vec::new();
    for file in files {
        let scenario = Scenario::parse(&std::fs::read(&file)?).map_err(|problems| {
            let first = problems
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            io::Error::other(format!("{}: {first}", file.display()))
        })?;
        for case in scenario.cases {
            let found = Found {
                file: file.clone(),
                case,
            };
            if filter.is_none_or(|f| found.place().contains(f)) {
                out.push(found);
            }
        }
    }
    Ok(out)
}
