//! `--redact`: nothing that tells who or where.

use crate::support::*;
use sshwhy_causes::{Evidence, EvidenceKind};
use sshwhy_report::redact::{Known, redact};
use sshwhy_verdict::Verdict;

const BLOB: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIH7pUVU7ZxA5ZK1y8lEYqzDE3d3nYgZQd3m0mlbm4bWk";

fn known() -> Known {
    Known {
        accounts: vec![
            (b"alice".to_vec(), b"/srv/people/alice".to_vec()),
            (b"bob".to_vec(), b"/home/bob".to_vec()),
        ],
        hosts: vec![b"gateway".to_vec()],
    }
}

#[test]
fn names_addresses_comments_and_paths_become_placeholders_that_agree() {
    let option =
        format!("from=\"10.1.2.3,*.example.org,192.168.7.*\" ssh-ed25519 {BLOB} alice's laptop");
    let mut log = Evidence::new(EvidenceKind::Log);
    log.detail = Some(
        b"gateway sshd: Invalid user mallory from 203.0.113.5 port 9; alice@gateway, bob".to_vec(),
    );
    let f = finding("from-mismatch")
        .arg("path", "/srv/people/alice/secret-project/keys")
        .arg("pattern", "10.1.2.3,*.example.org")
        .arg("line_to_add", format!("ssh-ed25519 {BLOB}"))
        .evidence(line(option.as_bytes(), 7, 39))
        .evidence(log);
    let mut doc = document(vec![entry(judgement(
        Verdict::Refuse,
        vec![home_writable(), f],
    ))]);
    redact(&mut doc, &known());
    assert!(
        text(&doc).contains("from=\"addr-2,host-1,addr-3\" ssh-ed25519 blob-1 comment-2\n   |       ^^^^^^^^^^^^^^^^^^^^\n"),
        "a caret inside a replaced piece covers it whole\n{}",
        text(&doc)
    );
    for out in [text(&doc), json(&doc)] {
        for secret in [
            "alice",
            "bob",
            "mallory",
            "203.0.113.5",
            "10.1.2.3",
            "192.168.7",
            "example.org",
            "laptop",
            "secret-project",
            "people",
            "gateway",
            BLOB,
            "SHA256:AAAAAA",
        ] {
            assert!(!out.contains(secret), "{secret} is left in\n{out}");
        }
        for kept in [
            "user-1",
            "addr-1",
            "key-1",
            "/home/user-1/",
            "home-writable",
            "staff",
        ] {
            assert!(out.contains(kept), "{kept} is not in\n{out}");
        }
    }
}

#[test]
fn what_tells_nobody_stays() {
    let f = finding("root-login-off")
        .arg("user", "root")
        .arg("algorithm", "ssh-ed25519-cert-v01@openssh.com")
        .arg("origin", "/etc/ssh/sshd_config.d/10-root.conf:3")
        .arg("value", "no");
    let mut doc = document(vec![entry(judgement(Verdict::Refuse, vec![f]))]);
    redact(&mut doc, &known());
    let out = text(&doc);
    for kept in ["root", "/etc/ssh/sshd_config.d/10-root.conf:3"] {
        assert!(out.contains(kept), "{kept} is not in\n{out}");
    }
}
