//! TCP wrappers. Every answer here is the one that libwrap 7.6.q (Debian 12) gave when it was asked
//! through `hosts_ctl` with the same two files.

use sshwhy_verdict::{Outcome, Server, Verdict, judge};
use sshwhy_world::{Attempt, Build, Local, MemWorld, Peer};

fn world(allow: &str, deny: &str) -> MemWorld {
    let mut w = MemWorld::new(Build::profile("debian-12").unwrap());
    w.file("/etc/ssh/sshd_config", 0o644, 0, 0, b"");
    w.file("/etc/hosts.allow", 0o644, 0, 0, allow.as_bytes());
    w.file("/etc/hosts.deny", 0o644, 0, 0, deny.as_bytes());
    w.file("/etc/patterns", 0o644, 0, 0, b"10.0.0.1\n192.0.2.\n");
    w
}

fn attempt(from: &str) -> Attempt {
    Attempt {
        user: b"alice".to_vec(),
        key: None,
        from: Peer {
            addr: from.parse().unwrap(),
            host: None,
        },
        to: Local {
            addr: "192.0.2.9".parse().unwrap(),
            port: 22,
        },
    }
}

/// The gate's outcome, and the line that decided.
fn ask(w: &MemWorld, from: &str) -> (Outcome, Option<String>) {
    let server = Server::read(w, b"/etc/ssh/sshd_config");
    let j = judge(&server, w, &attempt(from));
    let step = j.trace.iter().find(|s| s.gate == "hosts_access").unwrap();
    let line = j
        .first()
        .and_then(|f| f.args.get("line"))
        .map(|l| String::from_utf8_lossy(l).into_owned());
    (step.outcome, line)
}

fn table(cases: &[(&str, &str, &str, bool)]) {
    for (allow, deny, from, enters) in cases {
        let expected = if *enters {
            Outcome::Pass
        } else {
            Outcome::Fail
        };
        let found = ask(&world(allow, deny), from).0;
        assert_eq!(found, expected, "allow {allow:?} deny {deny:?} from {from}");
    }
}

const V4: &str = "192.0.2.1";
const V6: &str = "2001:db8::1";

#[test]
fn the_first_line_that_fits_decides_and_allow_is_read_first() {
    table(&[
        ("", "", V4, true),
        ("", "sshd: ALL\n", V4, false),
        ("sshd: 192.0.2.\n", "ALL: ALL\n", V4, true),
        ("", "SSHD: all\n", V4, false),
        ("", "ss*: ALL\n", V4, false),
        ("", "vsftpd: ALL\n", V4, true),
        ("", "sshd ALL\nsshd: ALL\n", V4, false),
        ("", "# sshd: ALL\n", V4, true),
        ("", "sshd: \\\n ALL\n", V4, false),
        ("", "sshd: ALL\r\n", V4, false),
    ]);
}

#[test]
fn exceptions_nest() {
    table(&[
        ("", "ALL EXCEPT sshd: ALL\n", V4, true),
        ("", "ALL EXCEPT vsftpd: ALL EXCEPT 192.0.2.\n", V4, true),
        (
            "",
            "sshd: ALL EXCEPT 192.0.2. EXCEPT 192.0.2.1\n",
            V4,
            false,
        ),
    ]);
}

#[test]
fn networks_need_their_host_bits_zero_and_a_length_of_at_least_one() {
    table(&[
        ("", "sshd: 192.0.2.0/24\n", V4, false),
        ("", "sshd: 192.0.2.1/24\n", V4, true),
        ("", "sshd: 192.0.2.1/32\n", V4, false),
        ("", "sshd: 192.0.2.1/255.255.255.255\n", V4, true),
        ("sshd: 192.0.2.0/255.255.255.0\n", "ALL: ALL\n", V4, true),
        ("", "sshd: 0.0.0.0/0\n", V4, true),
        ("", "sshd: 0.0.0.0/0.0.0.0\n", V4, false),
        ("", "sshd: 192.0.2.0/33\n", V4, true),
        ("", "sshd: 192.0.2.0/024\n", V4, false),
        ("", "sshd: 192.0.2.0/24x\n", V4, false),
        ("", "sshd: 192.0.02.0/24\n", V4, false),
        ("", "sshd: 192.0.2/24\n", V4, true),
        ("", "sshd: 192.0.2\n", V4, true),
        ("", "sshd: 192.0.*\n", V4, false),
        ("", "sshd: 192.0.2.?\n", V4, false),
    ]);
}

#[test]
fn ipv6_stands_in_brackets() {
    table(&[
        ("", "sshd: [2001:db8::1]\n", V6, false),
        ("", "sshd: [2001:DB8::1]\n", V6, false),
        ("", "sshd: [2001:0db8:0::1]\n", V6, false),
        ("", "sshd: 2001:db8::1\n", V6, true),
        ("", "sshd: [2001:db8::]/32\n", V6, false),
        ("", "sshd: [2001:db8::5]/32\n", V6, false),
        ("", "sshd: [2001:db8::]/129\n", V6, true),
        ("", "sshd: [::]/0\n", V6, false),
        ("", "sshd: [::]/0\n", V4, true),
        ("", "sshd: 0.0.0.0/1\n", V6, true),
        ("", "sshd: [192.0.2.1]\n", V4, true),
        ("", "sshd: [2001:db8::*]\n", V6, true),
        ("", "sshd: ALL\n", V6, false),
    ]);
}

#[test]
fn a_file_that_does_not_end_with_a_newline_refuses_everyone_in_deny_and_helps_nobody_in_allow() {
    table(&[
        ("", "vsftpd: ALL", V4, false),
        ("", "# a comment", V4, false),
        ("", "vsftpd: ALL\\\n", V4, false),
        ("sshd: ALL", "ALL: ALL\n", V4, false),
        ("sshd: ALL", "", V4, true),
        ("sshd: ALL\nvsftpd: ALL", "ALL: ALL\n", V4, true),
    ]);
    let long = format!("vsftpd: {}\n", "x".repeat(3_000));
    table(&[("", &long, V4, false)]);
}

#[test]
fn options_overrule_the_table_and_an_unknown_one_refuses() {
    table(&[
        ("", "sshd: ALL: allow\n", V4, true),
        ("", "sshd: ALL: ALLOW\n", V4, true),
        ("sshd: ALL: deny\n", "", V4, false),
        ("sshd: ALL: frob\n", "", V4, false),
        ("sshd: ALL:\n", "", V4, false),
        ("", "sshd: ALL: allow: severity info\n", V4, false),
        ("sshd: ALL: severity auth.info:\n", "", V4, false),
        ("sshd: ALL: severity nope.nope\n", "", V4, false),
        ("sshd: ALL: severity local0.debug\n", "", V4, true),
        ("sshd: ALL: keepalive = 1\n", "", V4, false),
        ("sshd: ALL: nice x\n", "", V4, false),
        ("sshd: ALL: umask 999\n", "", V4, false),
        ("sshd: ALL: setenv X\n", "", V4, true),
        ("", "sshd: ALL: spawn (/bin/true) &: allow\n", V4, true),
        ("", "sshd: ALL: spawn /bin/echo a\\:b: allow\n", V4, true),
        ("", "sshd: ALL: allow =\n", V4, true),
    ]);
}

#[test]
fn a_path_names_a_file_of_patterns() {
    table(&[
        ("", "sshd: /etc/patterns\n", V4, false),
        ("", "sshd: /etc/patterns\n", "198.51.100.1", true),
        ("", "sshd: /etc/nowhere\n", V4, true),
    ]);
}

#[test]
fn names_come_from_the_reverse_look_up() {
    let mut w = world("", "sshd: .example\n");
    w.names
        .insert(V4.parse().unwrap(), b"host.example".to_vec());
    assert_eq!(ask(&w, V4), (Outcome::Fail, Some("1".into())));
    let mut w = world("sshd: KNOWN\n", "ALL: ALL\n");
    assert_eq!(ask(&w, V4).0, Outcome::Fail);
    w.names
        .insert(V4.parse().unwrap(), b"host.example".to_vec());
    assert_eq!(ask(&w, V4).0, Outcome::Pass);
}

#[test]
fn a_line_that_hangs_on_a_look_up_leaves_the_gate_open() {
    let w = world("", "sshd: @trusted\n");
    assert_eq!(ask(&w, V4).0, Outcome::Unknown);
    let w = world("sshd: @trusted\nsshd: 192.0.2.1\n", "ALL: ALL\n");
    assert_eq!(ask(&w, V4).0, Outcome::Pass);
}

#[test]
fn builds_without_libwrap_do_not_ask() {
    let mut w = world("", "ALL: ALL\n");
    w.build = Build::profile("openssh-9.2").unwrap();
    assert_eq!(ask(&w, V4).0, Outcome::Skipped);
}

#[test]
fn the_finding_names_file_line_and_the_further_obstacles_follow() {
    let w = world("", "# nobody\n\nsshd: 192.0.2.\n");
    let server = Server::read(&w, b"/etc/ssh/sshd_config");
    let j = judge(&server, &w, &attempt(V4));
    assert_eq!(j.verdict, Verdict::Refuse);
    let first = j.first().unwrap();
    assert_eq!(first.cause.id, "tcp-wrappers-denied");
    assert_eq!(first.args.get("file"), Some(&b"/etc/hosts.deny"[..]));
    assert_eq!(first.evidence[0].line, Some(3));
    assert_eq!(j.causes[1].cause.id, "user-unknown");
}
