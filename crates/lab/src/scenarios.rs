//! Scenario files as worlds for the lab.

use std::io;
use std::path::{Path, PathBuf};

use sshwhy_scenario::{BuildMatch, Case, Change, Scenario, Session, Spec};
use sshwhy_world::{Build, Software};

use crate::outcome::{Outcome, Step, Truth};

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

    /// Whether a real sshd of that build can be put into this world.
    ///
    /// # Errors
    /// Why not.
    pub fn runs_on(&self, build: &Build) -> Result<(), String> {
        let spec = &self.case.spec;
        if let Some(why) = &spec.memory_only {
            return Err(format!("in memory only: {why}"));
        }
        let on_dropbear = build.software == Software::Dropbear;
        let for_dropbear = spec.dropbear.is_some() || spec.build.starts_with("dropbear");
        if for_dropbear != on_dropbear {
            // The tree and the accounts say as much to a Dropbear as to an sshd.
            return match on_dropbear {
                false => Err("for a Dropbear".into()),
                true if spec.build == "debian-12" && !speaks_of_sshd(spec) => Ok(()),
                true => Err("for OpenSSH".into()),
            };
        }
        let named = spec
            .expect_on
            .iter()
            .any(|(on, _)| on.iter().any(|m| m.matches(build)));
        // A case that names no build speaks of the base world's, and of all like it.
        let base = if on_dropbear {
            "dropbear-2022.83"
        } else {
            "debian-12"
        };
        if spec.build != base && spec.build != build.name && !named {
            return Err(format!("for {}", spec.build));
        }
        Ok(())
    }

    /// Where the engine, the truth on a build and the case differ; empty if all agree.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn wrong(
        &self,
        prediction: &crate::Prediction,
        outcome: &Outcome,
        build: &Build,
    ) -> Vec<String> {
        let said = &prediction.memory;
        let for_dropbear = self.case.spec.build.starts_with("dropbear");
        if for_dropbear != (build.software == Software::Dropbear) {
            return crate::compare::against_truth(prediction, outcome);
        }
        if self.is_foreign(build) {
            let mut out = Vec::new();
            // A keyword that this build does not know: then nothing is left of what the case is
            // about, but that sshd does not start.
            let no_start = said.first() == Some("sshd-config-invalid")
                && outcome.truth == Truth::Refused(Step::Connect);
            if no_start {
                out.extend(crate::compare::memory_and_disk(prediction));
            } else {
                out = self.differences(outcome, build);
                out.extend(crate::compare::case(
                    &self.case.spec,
                    build,
                    prediction,
                    outcome,
                ));
            }
            return out;
        }
        let mut out = self.differences(outcome, build);
        out.extend(crate::compare::case(
            &self.case.spec,
            build,
            prediction,
            outcome,
        ));
        out
    }

    /// Whether the case was written for another build, and says nothing of its own about this.
    fn is_foreign(&self, build: &Build) -> bool {
        let spec = &self.case.spec;
        let named = |(on, _): &(Vec<_>, _)| on.iter().any(|m: &BuildMatch| m.matches(build));
        spec.build != build.name && !spec.expect_on.iter().any(named)
    }

    /// Where the truth on a build is not what the case says; empty if it agrees.
    #[must_use]
    pub fn differences(&self, outcome: &Outcome, build: &Build) -> Vec<String> {
        let mut out = Vec::new();
        let spec = &self.case.spec;
        match spec.expectation(build) {
            // A heading speaks of the base build; where builds differ, the expectation does.
            Some(expect) => {
                let ending = (Some(expect) == spec.expect.as_ref()).then_some(self.case.ending);
                if !outcome.agrees(ending, expect) {
                    out.push(format!("expected {expect}, and it was {}", outcome.truth));
                }
            }
            None => out.push(format!("nothing is expected of {}", build.name)),
        }
        // A line without a build is in the words of the case's own.
        let own = spec.build == build.name;
        for (on, line) in &spec.log {
            let here = if on.is_empty() {
                own
            } else {
                on.iter().any(|m| m.matches(build))
            };
            if here && !outcome.logged(line) {
                out.push(format!("sshd did not log: {line}"));
            }
        }
        out
    }
}

/// Whether a case changes what only an sshd reads.
fn speaks_of_sshd(spec: &Spec) -> bool {
    let file = |p: &[u8]| {
        [&b"/etc/ssh"[..], b"/etc/pam.d", b"/run/sshd"]
            .iter()
            .any(|d| p.starts_with(d))
    };
    spec.session != Session::Exec(b"true".to_vec())
        || spec.changes.iter().any(|(_, change)| match change {
            Change::Config(_)
            | Change::ConfigFirst(_)
            | Change::ConfigIs(_)
            | Change::Pam { .. }
            | Change::Command { .. } => true,
            Change::File { path, .. }
            | Change::Mode { path, .. }
            | Change::Owner { path, .. }
            | Change::Remove { path } => file(path),
            _ => false,
        })
}

/// The profile of an sshd, by what its binary calls itself. `None`: none fits, or the text is
/// in another program (from 10.0 on, in sshd-session).
#[must_use]
pub fn build_of(sshd: &Path) -> Option<Build> {
    let bytes = std::fs::read(sshd).ok()?;
    let has = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    let profiles = Build::profiles().into_iter().filter_map(Build::profile);
    profiles
        .filter(|b| has(&b.banner))
        .max_by_key(|b| b.banner.len())
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
