//! `sshwhy check` against real servers on loopback, in name spaces of the test's own, and against
//! servers that mean harm.
#![allow(missing_docs)]

mod agents;
mod hostile;
#[path = "../machine/mod.rs"]
mod machine;
mod patience;
mod places;
#[path = "../../../report/tests/report/validator.rs"]
mod validator;
mod ways;

use machine::{BUILT, sh, skipped, text};
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = "/mnt/sshwhy";
const SCHEMA: &str = include_str!("../../../../docs/schema/sshwhy-1.schema.json");

/// Runs `case` on a machine of this test's own.
fn machine(name: &str, case: fn()) {
    machine::own(name, furnish, case);
}

/// A machine with alice, who lists /mnt/good.pub and the CA of /mnt/cert.
fn furnish() {
    // The lab's servers, where they stay in sight behind a new /root.
    let lab = std::env::var("SSHWHY_LAB_CACHE").unwrap_or_default();
    sh(&format!(
        "mount -t tmpfs none /mnt; cp '{BUILT}' {PROGRAM}; mkdir /mnt/lab
         if [ -d '{lab}' ]; then mount --bind '{lab}' /mnt/lab; fi; cp -a /etc /mnt/etc; mount --bind /mnt/etc /etc
         for d in /home /run /root; do mount -t tmpfs -o mode=0755 none $d; done
         mkdir -m 0755 /run/sshd; ip link set lo up; rm -rf /etc/ssh/sshd_config.d; rm -f /etc/ssh/ssh_host_*
         ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
         echo 'alice:x:4001:4001::/home/alice:/bin/sh' >> /etc/passwd
         echo 'alice:x:4001:' >> /etc/group; echo 'alice:*:20000:0:99999:7:::' >> /etc/shadow
         for k in good bad other root; do ssh-keygen -q -t ed25519 -N '' -C $k -f /mnt/$k; done
         ssh-keygen -q -t ecdsa -N secret -C locked -f /mnt/locked; echo secret > /mnt/word
         mkdir -p /home/alice/.ssh /root/.ssh; cp /mnt/root.pub /root/.ssh/authorized_keys
         cat /mnt/good.pub /mnt/locked.pub > /home/alice/.ssh/authorized_keys; chown -R 4001:4001 /home/alice
         chmod 700 /home/alice/.ssh /root/.ssh; chmod 600 /home/alice/.ssh/authorized_keys"
    ));
}

const CONFIG: &str =
    "Port 2222\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";

/// Starts sshd on more lines of configuration, and stops the one before.
fn sshd(more: &str) {
    fs::write("/etc/ssh/sshd_config", format!("{more}{CONFIG}")).unwrap();
    sh("if [ -e /run/sshd.pid ]; then kill $(cat /run/sshd.pid); rm -f /run/sshd.pid; fi");
    until(|| TcpStream::connect("127.0.0.1:2222").is_err());
    sh("/usr/sbin/sshd -E /mnt/log");
    until(|| TcpStream::connect("127.0.0.1:2222").is_ok());
}

fn until(mut what: impl FnMut() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(20), "not in time");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn run(program: &str, words: &[&str]) -> Output {
    Command::new(program)
        .arg("check")
        .args(words)
        .args(["--format", "json", "--no-wait"])
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The document, which is as the published schema has it.
fn document(out: &Output) -> Value {
    let doc = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(out)));
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let problems = validator::problems(&schema, &doc);
    assert!(problems.is_empty(), "{problems:#?}\n{doc:#}");
    doc
}

/// Exit code, verdict, place and the causes that are certain.
fn check(words: &[&str]) -> (i32, String, String, Vec<String>) {
    let out = run(PROGRAM, words);
    let doc = document(&out);
    let result = &doc["results"][0];
    let of = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let certain = result["causes"]
        .as_array()
        .unwrap()
        .iter()
        .chain(result["after_login"].as_array().unwrap())
        .filter(|c| c["certainty"] == "certain")
        .map(|c| of(&c["id"]))
        .collect();
    (
        out.status.code().unwrap(),
        of(&result["verdict"]),
        of(&doc["wire"]["place"]),
        certain,
    )
}

#[track_caller]
fn is(words: &[&str], code: i32, verdict: &str, place: &str, certain: &[&str]) {
    let found = check(words);
    let certain: Vec<String> = certain.iter().map(|c| (*c).to_owned()).collect();
    assert_eq!(
        found,
        (code, verdict.into(), place.into(), certain),
        "{words:?}"
    );
}
