//! The message, as people read it.

use crate::support::*;
use sshwhy_causes::Certainty;
use sshwhy_verdict::Verdict;
use sshwhy_world::Gap;

#[test]
fn a_refusal_says_what_where_why_fix_more_in_this_order() {
    let doc = document(vec![entry(judgement(
        Verdict::Refuse,
        vec![home_writable()],
    ))]);
    let text = text(&doc);
    let places: Vec<usize> = [
        "alice with SHA256:",
        "would refuse[home-writable]: ",
        "  --> /home/alice\n",
        "   |  drwxrwx---  alice staff  /home/alice\n",
        "   |       ^ group write: bob (group staff)\n",
        "   = more: sshwhy explain home-writable\n",
        "X user_key_allowed: home-writable",
    ]
    .iter()
    .map(|part| {
        text.find(part)
            .unwrap_or_else(|| panic!("{part:?} is not in\n{text}"))
    })
    .collect();
    assert!(places.is_sorted(), "{places:?}\n{text}");
}

#[test]
fn the_caret_stands_under_the_option_of_the_line() {
    let f = finding("key-option-unknown")
        .arg("option", "no-ptty")
        .arg("line", "3")
        .evidence(line(b"no-ptty ssh-ed25519 AAAA alice", 1, 8));
    let text = text(&document(vec![entry(judgement(Verdict::Refuse, vec![f]))]));
    assert!(text.contains(
        "  --> /home/alice/.ssh/authorized_keys:3:1\n 3 | no-ptty ssh-ed25519 AAAA alice\n   | ^^^^^^^\n"
    ), "{text}");
}

#[test]
fn hostile_bytes_never_reach_the_terminal() {
    let evil = "\x1b[2J\u{202e}\u{9b}31m\0".as_bytes();
    let mut f = finding("user-unknown")
        .arg("user", evil)
        .arg("other_user", evil);
    let mut e = line(&[b"x ", evil, b" \xff"].concat(), 3, 6);
    e.path = Some(evil.to_vec());
    e.detail = Some(evil.to_vec());
    f.evidence.push(e);
    let mut one = entry(judgement(Verdict::Refuse, vec![f]));
    one.subject.user = Some(evil.to_vec());
    if let Some(key) = &mut one.subject.key {
        key.key_type = evil.to_vec();
        key.source = evil.to_vec();
    }
    let doc = document(vec![one]);
    let text = text(&doc);
    assert!(
        !text
            .chars()
            .any(|c| c != '\n' && sshwhy_report::safe::hidden(c)),
        "{text:?}"
    );
    assert!(text.contains("no command is given"), "{text}");
    let json = json(&doc);
    assert!(
        !json
            .chars()
            .any(|c| c != '\n' && sshwhy_report::safe::hidden(c)),
        "{json:?}"
    );
}

#[test]
fn what_is_missing_is_named_with_the_way_to_get_it() {
    let gap = Gap::could_not(
        "the shadow entry of alice",
        "only root may read it",
        "run as root",
    );
    let mut j = judgement(Verdict::Undetermined, Vec::new());
    j.gaps.push(gap.clone());
    let out = text(&document(vec![entry(j.clone())]));
    assert!(out.contains("may refuse: "), "{out}");
    assert!(
        out.contains("= missing: the shadow entry of alice: only root may read it\n"),
        "{out}"
    );
    assert!(out.contains("= get it: run as root\n"), "{out}");
    let mut f = finding("account-locked");
    f.certainty = Certainty::Possible;
    f.gap = Some(gap);
    j.causes.push(f);
    let out = text(&document(vec![entry(j)]));
    assert!(out.contains("may refuse[account-locked]: "), "{out}");
    assert_eq!(out.matches("= missing:").count(), 1, "{out}");
}

#[test]
fn an_accept_names_the_line_that_let_it_in() {
    let out = text(&document(vec![entry(judgement(
        Verdict::Accept,
        Vec::new(),
    ))]));
    assert!(out.contains("would accept: "), "{out}");
    assert!(
        out.contains("= let in by: /home/alice/.ssh/authorized_keys:3\n"),
        "{out}"
    );
}

#[test]
fn further_obstacles_come_after_the_first() {
    let second = finding("key-not-listed").arg("file", "x").arg("path", "x");
    let doc = document(vec![entry(judgement(
        Verdict::Refuse,
        vec![home_writable(), second],
    ))]);
    let out = text(&doc);
    let then = out.find("then, once that is mended:\nwould still refuse[key-not-listed]: ");
    assert!(then > out.find("would refuse[home-writable]"), "{out}");
}

#[test]
fn environment_values_are_not_quoted() {
    let text_line = br#"environment="TOKEN=hunter2",no-ptty ssh-ed25519 AAAA"#;
    let f = finding("key-option-unknown")
        .arg("option", "no-ptty")
        .arg("value", &text_line[..])
        .evidence(line(text_line, 29, 36));
    let doc = document(vec![entry(judgement(Verdict::Refuse, vec![f]))]);
    for out in [text(&doc), json(&doc)] {
        assert!(!out.contains("hunter2"), "{out}");
        assert!(out.contains("TOKEN=***"), "{out}");
    }
}

#[test]
fn alike_keys_are_folded_and_the_worst_verdict_is_the_exit_code() {
    let refuse = || entry(judgement(Verdict::Refuse, vec![home_writable()]));
    let mut other = refuse();
    if let Some(key) = &mut other.subject.key {
        key.fingerprint = "SHA256:other".into();
    }
    let accept = entry(judgement(Verdict::Accept, Vec::new()));
    let all = vec![refuse(), other, accept];
    assert_eq!(sshwhy_report::fold(all.clone(), true).len(), 3);
    let folded = sshwhy_report::fold(all, false);
    assert_eq!(folded.iter().map(|e| e.count).collect::<Vec<_>>(), [2, 1]);
    let code = |v: Vec<Verdict>| {
        document(
            v.into_iter()
                .map(|v| entry(judgement(v, Vec::new())))
                .collect(),
        )
        .exit_code()
    };
    assert_eq!(code(vec![Verdict::Accept, Verdict::Undetermined]), 3);
    assert_eq!(
        code(vec![
            Verdict::Undetermined,
            Verdict::Refuse,
            Verdict::Accept
        ]),
        1
    );
    assert_eq!(code(vec![Verdict::Accept]), 0);
}

#[test]
fn every_cause_can_be_printed_with_no_facts_at_all() {
    for cause in sshwhy_causes::all() {
        let f = sshwhy_causes::Finding::new(cause);
        let doc = document(vec![entry(judgement(Verdict::Refuse, vec![f]))]);
        assert!(text(&doc).contains(cause.id));
        assert!(json(&doc).contains(cause.id));
        assert!(sshwhy_report::page(cause).contains(cause.id));
    }
}
