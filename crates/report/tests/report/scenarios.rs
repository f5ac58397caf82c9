//! Every scenario's judgement, printed: valid JSON, safe text, nothing of a secret, whole or
//! redacted.

use crate::schema::check;
use crate::support::*;
use sshwhy_report::redact::{Known, redact};
use sshwhy_report::safe::hidden;
use sshwhy_report::{Document, Entry, Subject, SubjectKey};
use sshwhy_scenario::{Embedded, Scenario};
use sshwhy_verdict::{Server, judge};
use std::fs;
use std::path::{Path, PathBuf};

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "md") {
            out.push(path);
        }
    }
}

/// The document of each case of each scenario, with its name. What the scenario reader does not
/// take is its own tests' matter.
fn documents() -> Vec<(String, Document)> {
    let mut all = Vec::new();
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios"),
        &mut all,
    );
    let mut out = Vec::new();
    for path in all {
        let Ok(scenario) = Scenario::parse(&fs::read(&path).unwrap()) else {
            continue;
        };
        for case in &scenario.cases {
            let Ok(scene) = case.spec.scene(&Embedded) else {
                continue;
            };
            let world = scene.world();
            let server = Server::read(&world, b"/etc/ssh/sshd_config");
            let attempt = &scene.attempt;
            let key = attempt.key.as_ref().map(|key| SubjectKey {
                key_type: key.type_name().to_vec(),
                fingerprint: key
                    .key
                    .as_ref()
                    .map(|k| k.fingerprint())
                    .unwrap_or_default(),
                source: b"key.pub".to_vec(),
                comment: key.comment.clone(),
            });
            let subject = Subject {
                user: Some(attempt.user.clone()),
                key,
                from: Some(attempt.from.addr),
                ..Subject::default()
            };
            let judgement = judge(&server, &world, attempt);
            let entry = Entry {
                subject,
                judgement,
                observed: false,
                count: 1,
            };
            let name = format!("{}:{} {}", path.display(), case.line, case.title);
            out.push((name, document(vec![entry])));
        }
    }
    assert!(out.len() > 100, "only {} cases", out.len());
    out
}

#[test]
fn every_scenario_prints_as_valid_json_and_as_safe_text() {
    for (name, doc) in documents() {
        check(&json(&doc));
        let text = text(&doc);
        assert!(
            !text.chars().any(|c| c != '\n' && hidden(c)),
            "{name}\n{text}"
        );
        for secret in ["PRIVATE KEY-----\n", "b3BlbnNzaC1rZXk"] {
            assert!(!text.contains(secret), "{name}\n{text}");
        }
        // Long prose wraps by itself; a source line never needs to.
        let quoted = text
            .lines()
            .filter(|l| l.trim_start().starts_with(|c: char| c.is_ascii_digit()));
        for line in quoted {
            assert!(line.chars().count() <= 210, "{name}\n{line}");
        }
    }
}

#[test]
fn no_scenario_leaks_through_redaction() {
    let known = Known {
        accounts: vec![
            (b"alice".to_vec(), b"/home/alice".to_vec()),
            (b"bob".to_vec(), b"/home/bob".to_vec()),
        ],
        hosts: Vec::new(),
    };
    let mut leaks = Vec::new();
    for (name, mut doc) in documents() {
        let from = doc.results[0]
            .subject
            .from
            .map(|a| a.to_string())
            .unwrap_or_default();
        redact(&mut doc, &known);
        let text = text(&doc);
        for secret in ["alice", "bob", &from, "@laptop"] {
            if text.contains(secret) {
                let line = text
                    .lines()
                    .find(|l| l.contains(secret))
                    .unwrap_or_default();
                leaks.push(format!("{name}: {secret}: {line}"));
            }
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks\n{}",
        leaks.len(),
        leaks.join("\n")
    );
}
