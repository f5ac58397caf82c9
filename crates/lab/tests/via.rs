//! A look from the inside (`check --via`, `check --collect`) at every scenario that the installed sshd
//! can be put into: root's names the scenario's own cause, an ordinary user's never another one.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::Path;

use sshwhy_lab::inside::{Inside, Looked};
use sshwhy_lab::scenarios::{Found, walk};
use sshwhy_lab::targets::Target;
use sshwhy_lab::{Engine, Lab, LabConfig};
use sshwhy_scenario::Spec;
use sshwhy_verdict::Verdict;
use sshwhy_world::Gap;

fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// All worlds, each by both accounts, in place of a few of each: minutes.
const ALL: &str = "SSHWHY_LAB_ALL";

/// What an ordinary user once named a cause for that was none: the line with the command is root's to
/// read.
const ONCE_WRONG: &str = "the line has a command, which runs in place of the session";

/// An ordinary user looks at every fourth file's first case.
fn users(spec: &Spec) -> bool {
    if spec.name.contains(ONCE_WRONG) {
        return true;
    }
    let sum: usize = spec.name.bytes().take(12).map(usize::from).sum();
    std::env::var_os(ALL).is_some() || sum.is_multiple_of(4)
}

/// What no look from the inside can have: nothing of the server's own is run, and its resolver is not
/// asked.
fn is_beyond(gap: &Gap) -> bool {
    gap.why.contains("nothing of the server's own is run") || gap.why.contains("resolver")
}

#[test]
fn from_the_inside_root_names_the_cause_and_nobody_names_another() {
    let target = Target::host(&LabConfig::default());
    let lab = Lab::new(LabConfig::default()).map_err(|e| e.to_string());
    let (lab, target) = match (lab, target) {
        (Ok(lab), Ok(target)) => (lab, target),
        (Err(why), _) | (_, Err(why)) => return say(&format!("SKIPPED: {why}")),
    };
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut all = walk(&scenarios, None).unwrap();
    all.retain(|f| f.runs_on(&target.build).is_ok());
    if std::env::var_os(ALL).is_none() {
        all.dedup_by(|b, a| a.file == b.file && !b.case.spec.name.contains(ONCE_WRONG));
    }
    let inside = Inside {
        engine: Engine {
            build: target.build.clone(),
        },
        users,
    };
    let places: Vec<String> = all.iter().map(Found::place).collect();
    let specs: Vec<Spec> = all.into_iter().map(|f| f.case.spec).collect();
    let mut wrong = Vec::new();
    let (mut root, mut unsure, mut once, mut by_user, mut open) = (0, 0, 0, 0, 0);
    lab.each(specs, &inside, |i, judged| {
        let place = places.get(i).map(String::as_str).unwrap_or_default();
        let mut fault = |text: String| {
            say(&text);
            wrong.push(text);
        };
        let Some(views) = judged.prediction else {
            return fault(format!("{place}: not run: {:?}", judged.outcome.err()));
        };
        let right = |v: &Looked| {
            (v.said.verdict, v.said.first()) == (views.memory.verdict, views.memory.first())
        };
        // Whoever may not see the other homes, and a console that prints one account's alone, says what
        // is wrong in this one: true, enough to mend it by, and not where the key is instead.
        let part = |v: &Looked| {
            let here = ["key-not-listed", "keys-file-missing"];
            views.memory.first() == Some("key-in-other-home")
                && v.said.first().is_some_and(|id| here.contains(&id))
        };
        let undetermined =
            |v: &Looked| v.said.verdict == Verdict::Undetermined && !v.gaps.is_empty();
        match &views.root {
            Err(why) => fault(format!("{place}: root: {why}")),
            Ok(sight) => {
                let v = &sight.session;
                let beyond = undetermined(v) && v.gaps.iter().all(is_beyond);
                if !right(v) && !beyond {
                    fault(format!(
                        "{place}: root: {} is {}: {:?}",
                        v.said, views.memory, v.gaps
                    ));
                }
                let v = &sight.console;
                once += usize::from(right(v));
                if !right(v) && !part(v) && !undetermined(v) {
                    fault(format!(
                        "{place}: a console: {} is {}",
                        v.said, views.memory
                    ));
                }
                root += 1;
                unsure += usize::from(!right(&sight.session));
            }
        }
        match &views.user {
            None => {}
            Some(Err(why)) => fault(format!("{place}: a user: {why}")),
            Some(Ok(sight)) => {
                for v in [&sight.session, &sight.console] {
                    if !right(v) && !part(v) && !undetermined(v) {
                        fault(format!("{place}: a user: {} is {}", v.said, views.memory));
                    }
                }
                by_user += 1;
                open += usize::from(undetermined(&sight.session));
            }
        }
    });
    say(&format!(
        "by root over a session {root} worlds, {unsure} of them beyond what can be asked, {once} by one \
         script at a console; by a user {by_user}, of them {open} with a fact missing; {} wrong",
        wrong.len()
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(root > 100 && by_user > 20, "{root}, {by_user}");
    assert!(once * 10 > root * 8, "{once} of {root}");
}
