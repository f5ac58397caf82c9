//! Every cause has a scenario, or stands in `scenarios/not-made.txt` with the reason and is tested
//! here on facts written by hand.

use sshwhy_causes::{Args, Cause, all, by_id, logline, template};
use sshwhy_scenario::{Embedded, Spec};
use sshwhy_verdict::{Server, Verdict, judge};
use sshwhy_world::CommandOutcome;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

fn scenarios() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn not_made() -> BTreeMap<String, String> {
    fs::read_to_string(scenarios().join("not-made.txt"))
        .unwrap()
        .lines()
        .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
        .map(|l| {
            let (id, reason) = l.split_once(": ").expect("id: reason");
            (id.to_owned(), reason.to_owned())
        })
        .collect()
}

#[test]
fn every_cause_has_a_scenario_or_a_reason() {
    let made: BTreeSet<String> = fs::read_dir(scenarios())
        .unwrap()
        .filter_map(|stage| fs::read_dir(stage.unwrap().path()).ok())
        .flatten()
        .map(|file| {
            file.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let listed = not_made();
    for cause in all() {
        let (there, reason) = (made.contains(cause.id), listed.get(cause.id));
        assert!(
            there != reason.is_some(),
            "{}: scenario {there}, reason {reason:?}",
            cause.id
        );
    }
    for id in listed.keys().chain(&made) {
        assert!(by_id(id).is_some() || id == "README", "{id} is no cause");
    }
}

/// A log line of a cause with made-up facts.
fn made_up(cause: &Cause, text: &'static str) -> Vec<u8> {
    let mut facts = Args::new();
    for piece in template::pieces(text) {
        if let template::Piece::Fact(name) = piece {
            facts.set(name, format!("7{name}").into_bytes());
        }
    }
    template::sentence(text, &facts).unwrap_or_else(|| panic!("{}: {text}", cause.id))
}

#[test]
fn a_cause_without_a_scenario_is_told_from_its_log_lines() {
    for id in not_made().keys() {
        let cause = by_id(id).unwrap();
        for line in cause.log {
            let text = made_up(cause, line.text);
            assert!(
                logline::matches(line.text, &text).is_some(),
                "{id}: {}",
                String::from_utf8_lossy(&text)
            );
        }
        // What has no line of its own has a page that says where else to look.
        assert!(
            !cause.log.is_empty() || cause.page.contains("## How to see it"),
            "{id}"
        );
    }
}

#[test]
fn a_command_that_does_not_end_is_slow_and_not_failed() {
    let spec = Spec::new("slow command");
    let scene = spec.scene(&Embedded).unwrap();
    let mut world = scene.world();
    world.file("/home/alice/.ssh/authorized_keys", 0o600, 2001, 2001, b"");
    world.file("/usr/local/bin/keys", 0o755, 0, 0, b"#!/bin/sh\n");
    world.file(
        "/etc/ssh/sshd_config",
        0o644,
        0,
        0,
        b"AuthorizedKeysCommand /usr/local/bin/keys\nAuthorizedKeysCommandUser nobody\n",
    );
    world
        .commands
        .insert(b"/usr/local/bin/keys".to_vec(), stopped());
    let judged = || {
        let server = Server::read(&world, b"/etc/ssh/sshd_config");
        let judgement = judge(&server, &world, &scene.attempt);
        let first = judgement.first().map(|f| f.cause.id);
        (judgement.verdict, first)
    };
    // It may end while sshd still waits, for two minutes.
    assert_eq!(judged(), (Verdict::Undetermined, Some("keys-command-slow")));
}

#[test]
fn a_command_that_outlasts_the_login_refuses_it() {
    let spec = Spec::new("slow command");
    let scene = spec.scene(&Embedded).unwrap();
    let mut world = scene.world();
    world.file("/home/alice/.ssh/authorized_keys", 0o600, 2001, 2001, b"");
    world.file("/usr/local/bin/keys", 0o755, 0, 0, b"#!/bin/sh\n");
    world.file(
        "/etc/ssh/sshd_config",
        0o644,
        0,
        0,
        b"AuthorizedKeysCommand /usr/local/bin/keys\nAuthorizedKeysCommandUser nobody\n\
          LoginGraceTime 10\n",
    );
    let server = Server::read(&world, b"/etc/ssh/sshd_config");
    world
        .commands
        .insert(b"/usr/local/bin/keys".to_vec(), stopped());
    let judgement = judge(&server, &world, &scene.attempt);
    assert_eq!(judgement.verdict, Verdict::Refuse);
    assert_eq!(
        judgement.first().map(|f| f.cause.id),
        Some("keys-command-slow")
    );
}

/// What a command that was stopped after ten seconds leaves.
fn stopped() -> CommandOutcome {
    CommandOutcome {
        output: Vec::new(),
        cut: false,
        status: None,
        signal: Some(9),
        timed_out: true,
        millis: 10_000,
    }
}
