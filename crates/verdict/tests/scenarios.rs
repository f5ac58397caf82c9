//! Every scenario file, judged in memory: the verdict, the first cause, what comes behind it, and
//! whether the words of each finding have all the facts that they name.

use sshwhy_causes::{Finding, template};
use sshwhy_scenario::{Embedded, Scenario, Verdict as Expected};
use sshwhy_verdict::{Judgement, Server, Verdict, judge};
use std::fs;
use std::path::{Path, PathBuf};

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "md")
            && path.file_name().is_some_and(|n| n != "README.md")
        {
            out.push(path);
        }
    }
}

fn ids(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|f| f.cause.id).collect()
}

/// What a judgement says other than expected.
fn differences(j: &Judgement, e: &sshwhy_scenario::Expectation) -> Vec<String> {
    let mut out = Vec::new();
    let verdict = match j.verdict {
        Verdict::Accept => Expected::Accept,
        Verdict::Refuse => Expected::Refuse,
        Verdict::Undetermined => Expected::Undetermined,
    };
    if verdict != e.verdict {
        out.push(format!(
            "verdict {:?}, expected {:?}; gaps {:?}",
            j.verdict, e.verdict, j.gaps
        ));
    }
    let found = ids(&j.causes);
    let expected: Vec<&str> = e.causes.iter().map(String::as_str).collect();
    // One expected cause pins the first; several pin all of them.
    let same = match expected.as_slice() {
        [] => true,
        [first] => found.first() == Some(first),
        all => found == all,
    };
    if !same {
        out.push(format!("causes {found:?}, expected {expected:?}"));
    }
    let after = ids(&j.after_login);
    for id in &e.after_login {
        if !after.contains(&id.as_str()) {
            out.push(format!("after login {after:?}, expected {id}"));
        }
    }
    let notes = ids(&j.notes);
    for id in &e.notes {
        if !notes.contains(&id.as_str()) {
            out.push(format!("notes {notes:?}, expected {id}"));
        }
    }
    for f in j.causes.iter().chain(&j.after_login).chain(&j.notes) {
        for (what, words) in [
            ("title", f.cause.title),
            ("rule", f.cause.rule),
            ("note", f.cause.note),
        ] {
            if template::sentence(words, &f.args).is_none() {
                let named: Vec<_> = f.args.iter().map(|(k, _)| k).collect();
                out.push(format!(
                    "{}: its {what} names a missing fact: {words} ({named:?})",
                    f.cause.id
                ));
            }
        }
        if f.evidence.is_empty() && f.cause.stage != sshwhy_causes::Stage::Signature {
            out.push(format!("{}: no evidence", f.cause.id));
        }
    }
    out
}

#[test]
fn every_scenario_is_judged_as_it_says() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let only = std::env::var("SSHWHY_SCENARIO").unwrap_or_default();
    let mut all = Vec::new();
    files(&root, &mut all);
    assert!(!all.is_empty());
    let (mut cases, mut wrong) = (0, Vec::new());
    for path in all {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        if !name.contains(&only) {
            continue;
        }
        let scenario = match Scenario::parse(&fs::read(&path).unwrap()) {
            Ok(s) => s,
            Err(problems) => {
                wrong.push(format!("{name}: {problems:?}"));
                continue;
            }
        };
        for case in &scenario.cases {
            cases += 1;
            let scene = match case.spec.scene(&Embedded) {
                Ok(scene) => scene,
                Err(problems) => {
                    wrong.push(format!("{name}:{}: {problems:?}", case.line));
                    continue;
                }
            };
            let world = scene.world();
            let expected = case.spec.expectation(&world.build).expect("an expectation");
            let server = Server::read(&world, b"/etc/ssh/sshd_config");
            let judgement = judge(&server, &world, &scene.attempt);
            for d in differences(&judgement, expected) {
                wrong.push(format!("{name}:{} {}: {d}", case.line, case.title));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences in {cases} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
