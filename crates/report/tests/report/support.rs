//! Judgements written by hand.

use sshwhy_causes::{Evidence, EvidenceKind, Finding, by_id};
use sshwhy_report::{Document, Entry, ServerInfo, Subject, SubjectKey};
use sshwhy_verdict::{Judgement, Outcome, Step, Verdict};

pub(crate) fn finding(id: &str) -> Finding {
    Finding::new(by_id(id).unwrap())
        .arg("user", "alice")
        .arg("from", "203.0.113.5")
        .arg(
            "fingerprint",
            "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        )
        .arg("keytype", "ssh-ed25519")
}

pub(crate) fn home_writable() -> Finding {
    finding("home-writable")
        .arg("path", "/home/alice")
        .arg("file", "/home/alice/.ssh/authorized_keys")
        .arg("mode", "0770")
        .arg("owner", "alice")
        .arg("group", "staff")
        .arg("clear", "g-w")
        .arg("who", "bob (group staff)")
        .arg("what", "directory")
        .arg("strictmodes", "yes")
        .arg(
            "strictmodes_origin",
            "the default of OpenSSH 9.2p1 (debian)",
        )
        .evidence(Evidence {
            path: Some(b"/home/alice".to_vec()),
            mode: Some(0o770),
            is_dir: true,
            owner: Some(b"alice".to_vec()),
            group: Some(b"staff".to_vec()),
            ..Evidence::new(EvidenceKind::Path)
        })
}

pub(crate) fn line(text: &[u8], column: u64, end_column: u64) -> Evidence {
    Evidence {
        path: Some(b"/home/alice/.ssh/authorized_keys".to_vec()),
        line: Some(3),
        column: Some(column),
        end_column: Some(end_column),
        text: Some(text.to_vec()),
        ..Evidence::new(EvidenceKind::Text)
    }
}

pub(crate) fn judgement(verdict: Verdict, causes: Vec<Finding>) -> Judgement {
    let fails = verdict == Verdict::Refuse;
    let step = |gate, outcome, detail: &[u8]| Step {
        gate,
        outcome,
        detail: detail.to_vec(),
    };
    Judgement {
        verdict,
        causes,
        after_login: Vec::new(),
        notes: Vec::new(),
        trace: vec![
            step("server_start", Outcome::Pass, b""),
            step("getpwnam", Outcome::Pass, b"uid 1000"),
            if fails {
                step("user_key_allowed", Outcome::Fail, b"")
            } else {
                step(
                    "user_key_allowed",
                    Outcome::Pass,
                    b"/home/alice/.ssh/authorized_keys:3",
                )
            },
            step(
                "key_verify",
                if fails {
                    Outcome::Skipped
                } else {
                    Outcome::Pass
                },
                b"",
            ),
        ],
        gaps: Vec::new(),
    }
}

pub(crate) fn entry(judgement: Judgement) -> Entry {
    Entry {
        subject: Subject {
            user: Some(b"alice".to_vec()),
            key: Some(SubjectKey {
                key_type: b"ssh-ed25519".to_vec(),
                fingerprint: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
                source: b"alice.pub".to_vec(),
                comment: b"alice@laptop".to_vec(),
            }),
            from: Some("203.0.113.5".parse().unwrap()),
            ..Subject::default()
        },
        judgement,
        observed: false,
        count: 1,
    }
}

pub(crate) fn document(results: Vec<Entry>) -> Document {
    Document {
        command: "audit",
        server: Some(ServerInfo {
            software: "OpenSSH_9.2p1".into(),
            build: "debian-12".into(),
            config: b"/etc/ssh/sshd_config".to_vec(),
            root: None,
        }),
        results,
    }
}

pub(crate) fn text(doc: &Document) -> String {
    let mut out = Vec::new();
    sshwhy_report::text::render(doc, Default::default(), &mut out).unwrap();
    plain(&String::from_utf8(out).unwrap())
}

pub(crate) fn json(doc: &Document) -> String {
    let mut out = Vec::new();
    sshwhy_report::json::render(doc, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Without colours: `ESC [ … m`.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, r)| r);
    }
    out + rest
}
