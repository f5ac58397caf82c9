//! Input made to cost time or memory is answered within bounds, and never by a guess.

use sshwhy_keys::base64;
use sshwhy_verdict::{Judgement, Server, Verdict, judge};
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Attempt, Build, Local, MemWorld, OfferedKey, Peer, Shadow};
use std::time::{Duration, Instant};

const BLOB: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIIwktmbAzGqesdu9wr245CS6V8OHjEaacgCI9zo1Thfl";
/// Generous: an unoptimised build on a busy machine. Without bounds it is hours.
const MOST: Duration = Duration::from_secs(60);

fn world(config: &str, keys: &str) -> MemWorld {
    let mut w = MemWorld::new(Build::profile("debian-12").unwrap());
    w.now = 20_779 * 86_400;
    w.file("/etc/ssh/sshd_config", 0o644, 0, 0, config.as_bytes());
    w.file("/bin/sh", 0o755, 0, 0, b"");
    w.accounts = vec![Account {
        name: b"alice".to_vec(),
        password: PasswordField::Shadowed,
        uid: 1000,
        gid: 1000,
        home: b"/home/alice".to_vec(),
        shell: b"/bin/sh".to_vec(),
    }];
    let shadow = Shadow {
        password: PasswordField::Set,
        last_change: 20_000,
        min: 0,
        max: 99_999,
        warn: 7,
        inactive: -1,
        expire: -1,
    };
    w.shadow.as_mut().unwrap().insert(b"alice".to_vec(), shadow);
    w.dir("/home/alice", 0o755, 1000, 1000);
    w.dir("/home/alice/.ssh", 0o700, 1000, 1000);
    let file = "/home/alice/.ssh/authorized_keys";
    w.file(file, 0o600, 1000, 1000, keys.as_bytes());
    w
}

fn login(w: &MemWorld) -> Judgement {
    let start = Instant::now();
    let server = Server::read(w, b"/etc/ssh/sshd_config");
    let attempt = Attempt {
        user: b"alice".to_vec(),
        key: Some(OfferedKey::new(
            base64::decode(BLOB.as_bytes()).unwrap(),
            Vec::new(),
        )),
        from: Peer {
            addr: "192.0.2.1".parse().unwrap(),
            host: None,
        },
        to: Local {
            addr: "192.0.2.9".parse().unwrap(),
            port: 22,
        },
    };
    let j = judge(&server, w, &attempt);
    assert!(start.elapsed() < MOST, "{:?}", start.elapsed());
    j
}

fn good_line() -> String {
    format!("ssh-ed25519 {BLOB}\n")
}

#[test]
fn a_key_on_thousands_of_lines_that_refuse_it_is_told_in_few_findings() {
    let line = format!("from=\"198.51.100.1\" {}", good_line());
    let j = login(&world("UsePAM no\n", &line.repeat(5_000)));
    assert_eq!(j.verdict, Verdict::Refuse);
    assert_eq!(j.first().unwrap().cause.id, "from-mismatch");
    assert!(j.causes.len() + j.notes.len() < 50);
    let told = j.notes.iter().chain(&j.causes).flat_map(|f| &f.evidence);
    let more = told.filter_map(|e| e.detail.as_deref());
    let more: Vec<_> = more.filter(|d| d.starts_with(b"4984 more")).collect();
    assert_eq!(more.len(), 1);
    // A line behind them that lets the key in is still found.
    let j = login(&world("UsePAM no\n", &(line.repeat(5_000) + &good_line())));
    assert_eq!(j.verdict, Verdict::Accept);
}

#[test]
fn thousands_of_rules_that_no_file_can_answer_leave_it_open() {
    let mut w = world("UsePAM yes\n", &good_line());
    let stack = b"account required pam_access.so\n";
    w.file("/etc/pam.d/sshd", 0o644, 0, 0, stack);
    let conf = "/etc/security/access.conf";
    let same = "- : @staff : ALL\n".repeat(3_000);
    w.file(conf, 0o644, 0, 0, same.as_bytes());
    assert_eq!(login(&w).verdict, Verdict::Undetermined);
    // Each rule that decides stands before so many idle ones that not all can be tried.
    let mut idle = String::from("- : @first : ALL\n");
    for i in 0..3_000 {
        idle.push_str(&format!("+ : @group{i} : ALL\n"));
    }
    w.file(conf, 0o644, 0, 0, idle.as_bytes());
    assert_eq!(login(&w).verdict, Verdict::Undetermined);
}

#[test]
fn a_deep_pattern_over_links_that_lead_back_up_ends() {
    let config = "Include /g/*/*/*/*/*/*/*/*/*/*\nUsePAM no\n";
    let mut w = world(config, &good_line());
    w.dir("/g", 0o755, 0, 0);
    w.dir("/g/a", 0o755, 0, 0);
    for i in 0..10 {
        w.link(format!("/g/l{i}"), "/g");
        w.link(format!("/g/a/l{i}"), "/g/a");
    }
    login(&w);
}

#[test]
fn what_stands_past_the_most_that_is_read_is_a_gap_and_not_an_accept() {
    let mut w = world("UsePAM yes\n", &good_line());
    let stack = b"account required pam_access.so\n";
    w.file("/etc/pam.d/sshd", 0o644, 0, 0, stack);
    let rules = "- : bob : ALL\n".repeat(100_000);
    let conf = "/etc/security/access.conf";
    w.file(
        conf,
        0o644,
        0,
        0,
        (rules.clone() + "- : ALL : ALL\n").as_bytes(),
    );
    assert_eq!(login(&w).verdict, Verdict::Refuse);
    w.file(conf, 0o644, 0, 0, rules.repeat(13).as_bytes());
    assert_eq!(login(&w).verdict, Verdict::Undetermined);
    let mut w = world("UsePAM no\nRevokedKeys /revoked\n", &good_line());
    let blank = "\n".repeat(33 << 20);
    w.file("/revoked", 0o644, 0, 0, (blank + &good_line()).as_bytes());
    assert_eq!(login(&w).verdict, Verdict::Undetermined);
    let config = "\n".repeat(17 << 20) + "PubkeyAuthentication no\n";
    assert_eq!(
        login(&world(&config, &good_line())).verdict,
        Verdict::Undetermined
    );
}
