//! The engine's word against the real server's, and against what a scenario says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sshwhy_causes::{Stage, all, logline};
use sshwhy_scenario::{Expectation, Spec, Verdict as Expected};
use sshwhy_verdict::Verdict;
use sshwhy_world::Build;

use crate::lab::Judged;
use crate::outcome::{Outcome, Truth};
use crate::predict::{Prediction, Said};

/// Where the engine and the real server differ; empty if they agree. Nothing is said of causes.
#[must_use]
pub fn against_truth(prediction: &Prediction, outcome: &Outcome) -> Vec<String> {
    let mut out = Vec::new();
    let said = &prediction.memory;
    let same = match (&outcome.truth, said.verdict) {
        (Truth::Refused(_), v) => v == Verdict::Refuse,
        (Truth::Accepted, Verdict::Accept) => {
            let unasked = outcome.wire.subsystem && said.after_login.iter().all(of_the_shell);
            said.after_login.is_empty() || unasked || !outcome.wire.own_session
        }
        (Truth::Ended(_), Verdict::Accept) => said.names_an_end(),
        _ => false,
    };
    if !same {
        let gaps: Vec<_> = prediction.judgement.gaps.iter().map(|g| &g.what).collect();
        out.push(format!(
            "the engine says {said}, the server: {} {gaps:?}",
            outcome.truth
        ));
    }
    out.extend(memory_and_disk(prediction));
    out
}

/// What ends a shell ends no sftp that sshd serves itself. Which of them is asked for the engine is
/// not told.
fn of_the_shell(id: &&'static str) -> bool {
    ["shell-nologin", "shell-exec-fails"].contains(id)
}

/// Where the engine's answer from memory is not the one from disk.
#[must_use]
pub fn memory_and_disk(prediction: &Prediction) -> Option<String> {
    let said = &prediction.memory;
    match &prediction.disk {
        Err(why) => Some(format!("the tree on disk cannot be judged: {why}")),
        Ok(disk)
            if (disk.verdict, &disk.causes, &disk.after_login)
                != (said.verdict, &said.causes, &said.after_login) =>
        {
            Some(format!("from memory {said}, from disk {disk}"))
        }
        Ok(disk) => mounted(prediction, disk),
    }
}

/// Where the same tree, judged as a mounted system, gives another verdict. What only a running
/// system knows (its listener, what a command prints, a name of an address) may leave the mounted
/// one undetermined, and the listener's own state is no gate there.
fn mounted(prediction: &Prediction, disk: &Said) -> Option<String> {
    let there = match &prediction.mounted {
        Ok(there) => there,
        Err(why) => return Some(format!("the mounted tree cannot be judged: {why}")),
    };
    let of_the_daemon = disk
        .first()
        .and_then(sshwhy_causes::by_id)
        .is_some_and(|c| c.stage <= Stage::Transport);
    // What a command would have said is passed over there, and the next obstacle comes first.
    let known = there.first().is_none_or(|id| disk.causes.contains(&id));
    let same = there.verdict == disk.verdict && known;
    if same || there.verdict == Verdict::Undetermined || of_the_daemon {
        return None;
    }
    Some(format!(
        "inside the system {disk}, as a mounted one {there}"
    ))
}

/// Where the engine's answer is not what a case expects.
#[must_use]
pub fn against_expectation(said: &Said, expect: &Expectation) -> Vec<String> {
    let mut out = Vec::new();
    let verdict = match said.verdict {
        Verdict::Accept => Expected::Accept,
        Verdict::Refuse => Expected::Refuse,
        Verdict::Undetermined => Expected::Undetermined,
    };
    let causes = match expect.causes.as_slice() {
        [] => true,
        [first] => said.first() == Some(first.as_str()),
        all => said.causes.iter().eq(all),
    };
    let after = |id: &String| said.after_login.contains(&id.as_str());
    if verdict != expect.verdict || !causes || !expect.after_login.iter().all(after) {
        out.push(format!("the engine says {said}, expected {expect}"));
    }
    out
}

/// The causes whose log lines are among those that the server wrote.
#[must_use]
pub fn named_by_log(outcome: &Outcome) -> BTreeSet<&'static str> {
    let mut out = BTreeSet::new();
    for line in &outcome.log {
        let text = strip_level(line);
        for cause in all() {
            let mut texts = cause.log.iter().map(|l| l.text);
            if texts.any(|t| logline::matches(t, text.as_bytes()).is_some()) {
                out.insert(cause.id);
            }
        }
    }
    out
}

/// A line of sshd's standard error without `debug1: ` and the like.
fn strip_level(line: &str) -> &str {
    let line = line.trim_end();
    ["debug1: ", "debug2: ", "debug3: ", "error: ", "fatal: "]
        .iter()
        .find_map(|level| line.strip_prefix(level))
        .unwrap_or(line)
}

/// Whether the first cause stands in the server's log, where the log names causes at all.
/// `None`: the log names none, or the cause has no line there.
#[must_use]
pub fn cause_in_log(said: &Said, outcome: &Outcome) -> Option<Result<(), String>> {
    let first = said.first()?;
    let cause = sshwhy_causes::by_id(first)?;
    if cause.log.is_empty() {
        return None;
    }
    let named = named_by_log(outcome);
    if named.is_empty() {
        return None;
    }
    Some(if named.contains(first) {
        Ok(())
    } else {
        Err(format!(
            "the engine names {first}, the server's log {named:?}"
        ))
    })
}

/// Counts of a run, and its last line.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Worlds in which all agree.
    pub agreements: usize,
    /// Worlds in which something differs.
    pub disagreements: usize,
    /// Worlds whose key the server accepted.
    pub accepted: usize,
    /// Worlds in which it refused.
    pub refused: usize,
    /// How often each cause came first.
    pub causes: BTreeMap<&'static str, usize>,
    /// The builds that were asked.
    pub builds: BTreeSet<String>,
}

impl Tally {
    /// Counts one world. The text says what differs, in lines; empty if nothing does.
    /// `differences` are added to what [`against_truth`] finds.
    pub fn count(
        &mut self,
        judged: &Judged<Prediction>,
        build: &Build,
        more: impl FnOnce(&Prediction, &Outcome) -> Vec<String>,
    ) -> Vec<String> {
        self.builds.insert(build.name.clone());
        let (outcome, prediction) = match (&judged.outcome, &judged.prediction) {
            (Ok(outcome), Some(prediction)) => (outcome, prediction),
            (Err(e), _) => {
                self.disagreements += 1;
                return vec![format!("no such world could be built: {e}")];
            }
            _ => {
                self.disagreements += 1;
                return vec!["nothing was predicted".into()];
            }
        };
        match outcome.truth {
            Truth::Refused(_) => self.refused += 1,
            _ => self.accepted += 1,
        }
        let said = &prediction.memory;
        if let Some(id) = said.first().or_else(|| said.after_login.first().copied()) {
            *self.causes.entry(id).or_default() += 1;
        }
        let wrong = more(prediction, outcome);
        if wrong.is_empty() {
            self.agreements += 1;
        } else {
            self.disagreements += 1;
        }
        wrong
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: Tally) {
        self.agreements += other.agreements;
        self.disagreements += other.disagreements;
        self.accepted += other.accepted;
        self.refused += other.refused;
        for (id, n) in other.causes {
            *self.causes.entry(id).or_default() += n;
        }
        self.builds.extend(other.builds);
    }

    /// The last line of a run.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "worlds {} agreements {} disagreements {} accepted {} refused {} causes {} builds {}",
            self.agreements + self.disagreements,
            self.agreements,
            self.disagreements,
            self.accepted,
            self.refused,
            self.causes.len(),
            self.builds.len(),
        )
    }
}

/// What a case of a scenario file expects, held against both the server and the engine.
#[must_use]
pub fn case(spec: &Spec, build: &Build, prediction: &Prediction, outcome: &Outcome) -> Vec<String> {
    let mut out = Vec::new();
    match spec.expectation(build) {
        Some(expect) => {
            out.extend(against_expectation(&prediction.memory, expect));
            if expect.verdict == Expected::Undetermined {
                out.extend(memory_and_disk(prediction));
            } else {
                out.extend(against_truth(prediction, outcome));
            }
        }
        None => out.push(format!("nothing is expected of {}", build.name)),
    }
    out
}

/// What both sides saw, for a person: the engine's gates and findings, and the server's log.
#[must_use]
pub fn both_sides(prediction: Option<&Prediction>, outcome: &Outcome, whole: bool) -> String {
    let mut out = String::new();
    if let Some(p) = prediction {
        for step in &p.judgement.trace {
            let detail = String::from_utf8_lossy(&step.detail);
            let _ = writeln!(
                out,
                "  engine: {} {} {detail}",
                step.gate,
                step.outcome.word()
            );
        }
    }
    let _ = writeln!(out, "  wire: {:?}", outcome.wire);
    for line in outcome.log.iter().filter(|l| whole || tells(l)) {
        let _ = writeln!(out, "  sshd: {line}");
    }
    out
}

/// Whether a line of a DEBUG3 log may say why: not the key exchange, nor the monitor's talk.
fn tells(line: &str) -> bool {
    const NOISE: [&str; 20] = [
        "mm_",
        "monitor_read",
        "packet",
        "kex",
        "KEX",
        "MACs",
        "ciphers",
        "compression",
        "languages",
        "host key",
        "hostkey",
        "setting ",
        "server_config",
        "channel",
        "ensure_minimum",
        "user_specific_delay",
        "ssh_sandbox",
        "NEWKEYS",
        "newkeys",
        "rekey",
    ];
    !NOISE.iter().any(|n| line.contains(n))
}
