//! `check --via`, `--collect` and `explain BUNDLE` against the real sshd, on a machine of this test's
//! own: what is wrong is named from the inside, and what the account inside may not see is named as
//! missing.
//!
//! Needs root; skipped loudly without, and on CI not at all.
#![allow(missing_docs)]

mod machine;

use machine::{BUILT, sh, text};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = "/mnt/sshwhy";

/// What is done to a machine where alice's key opens, and what is the cause then. The last word
/// says what alice herself sees of it: the same, a missing fact, or that she has no way in either.
const CASES: &[(&str, &str, Seen)] = &[
    (
        "chmod 0777 /home/alice/.ssh/authorized_keys",
        "keys-file-writable",
        Seen::Shut,
    ),
    ("chmod 0777 /home/alice", "home-writable", Seen::Shut),
    (
        "chmod 0770 /home/alice/.ssh; chgrp 100 /home/alice/.ssh",
        "keys-dir-writable",
        Seen::Shut,
    ),
    (
        "chown bob: /home/alice/.ssh/authorized_keys; chmod 0644 /home/alice/.ssh/authorized_keys",
        "wrong-owner",
        Seen::Shut,
    ),
    (
        "mv /home/alice/.ssh/authorized_keys /home/alice/.ssh/authorised_keys",
        "keys-file-missing",
        Seen::Shut,
    ),
    (
        "sed -i 1d /home/alice/.ssh/authorized_keys",
        "key-not-listed",
        Seen::Same,
    ),
    (
        "sed -i '1s/^/no-such-option /' /home/alice/.ssh/authorized_keys",
        "key-option-unknown",
        Seen::Same,
    ),
    (
        "sed -i '1s/^/from=\"10.9.8.7\" /' /home/alice/.ssh/authorized_keys",
        "from-mismatch",
        Seen::Same,
    ),
    (
        "sed -i '1s/^/from=\"!127.0.0.1,*\" /' /home/alice/.ssh/authorized_keys",
        "from-mismatch",
        Seen::Same,
    ),
    (
        "sed -i '1s/^/expiry-time=\"20200101\" /' /home/alice/.ssh/authorized_keys",
        "key-expired",
        Seen::Same,
    ),
    (
        "sed -i '1s/^#*/# /' /home/alice/.ssh/authorized_keys",
        "key-line-commented-out",
        Seen::Same,
    ),
    (
        "sed -i '1s/^./\\xef\\xbb\\xbf&/' /home/alice/.ssh/authorized_keys",
        "key-line-bom",
        Seen::Same,
    ),
    (
        "sed -i '1s/ /\\xc2\\xa0/' /home/alice/.ssh/authorized_keys",
        "key-line-nbsp",
        Seen::Same,
    ),
    (
        "sed -i '1s/^\\(.\\{40\\}\\)/\\1\\n/' /home/alice/.ssh/authorized_keys",
        "key-line-wrapped",
        Seen::Same,
    ),
    (
        "sed -i '1s/^ssh-ed/sh-ed/' /home/alice/.ssh/authorized_keys",
        "key-type-damaged",
        Seen::Same,
    ),
    (
        "usermod -L alice; sed -i 's/^alice:[^:]*:/alice:!:/' /etc/shadow",
        "account-locked",
        Seen::Shut,
    ),
    (
        "sed -i '/^alice:/s|/bin/sh$|/no/such|' /etc/passwd",
        "shell-missing",
        Seen::Shut,
    ),
    (
        "echo 'DenyUsers alice' >> /etc/ssh/sshd_config",
        "user-denied",
        Seen::Shut,
    ),
    (
        "echo 'AllowGroups root' >> /etc/ssh/sshd_config",
        "group-not-allowed",
        Seen::Shut,
    ),
    (
        "printf 'Match User alice\\nAuthorizedKeysFile /etc/ssh/keys/%%u\\n' >> /etc/ssh/sshd_config",
        "keys-file-elsewhere",
        Seen::Shut,
    ),
    (
        "echo 'RevokedKeys /etc/ssh/revoked' >> /etc/ssh/sshd_config; cp /mnt/refused.pub /etc/ssh/revoked",
        "key-revoked",
        Seen::Same,
    ),
    (
        "echo 'RevokedKeys /root/.ssh/revoked' >> /etc/ssh/sshd_config; cp /mnt/refused.pub /root/.ssh/revoked",
        "key-revoked",
        Seen::Missing,
    ),
    (
        "mkdir /etc/ssh/more; chmod 0700 /etc/ssh/more; echo 'Include /etc/ssh/more/*' >> /etc/ssh/sshd_config; \
      printf 'RevokedKeys /mnt/refused.pub\\n' > /etc/ssh/more/a",
        "key-revoked",
        Seen::Missing,
    ),
    (
        "printf 'Match User alice\\nPubkeyAcceptedAlgorithms rsa-sha2-512,ecdsa-sha2-nistp256\\n' >> /etc/ssh/sshd_config",
        "signature-algorithm-not-accepted",
        Seen::Shut,
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Same,
    Missing,
    Shut,
}

/// Runs `case` on a machine of this test's own.
fn machine(name: &str, case: fn()) {
    machine::own(name, furnish, case);
}

fn furnish() {
    sh(&format!(
        "mount -t tmpfs none /mnt && chmod 0755 /mnt && cp '{BUILT}' {PROGRAM} && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc \
        && for d in /home /run /root; do mount -t tmpfs -o mode=0755 none $d; done; chmod 0700 /root \
        && mkdir -m 0755 /run/sshd && ip link set lo up \
        && rm -rf /etc/ssh/sshd_config.d /etc/ssh/ssh_config /etc/ssh/ssh_config.d /etc/ssh/ssh_host_* \
        && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key \
        && for k in refused way; do ssh-keygen -q -t ed25519 -N '' -C $k -f /mnt/$k; done \
        && sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow && sed -i 's|^\\(root:.*:\\)[^:]*$|\\1/bin/sh|' /etc/passwd \
        && for u in alice:4001 bob:4002 carol:4003; do n=${{u%:*}} i=${{u#*:}}; echo \"$n:x:$i:$i::/home/$n:/bin/sh\" >> /etc/passwd; \
           echo \"$n:x:$i:\" >> /etc/group; echo \"$n:*:20000:0:99999:7:::\" >> /etc/shadow; \
           mkdir -p -m 0755 /home/$n; chown $i:$i /home/$n; done \
        && mkdir -m 0700 /home/carol/.ssh && cp /mnt/way.pub /home/carol/.ssh/authorized_keys && chown -R 4003:4003 /home/carol \
        && mkdir -p /etc/sudoers.d && echo 'carol ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/carol && chmod 0440 /etc/sudoers.d/carol \
        && mkdir -m 0700 /root/.ssh && cp /mnt/way.pub /root/.ssh/authorized_keys \
        && echo \"[127.0.0.1]:2222 $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)\" > /root/.ssh/known_hosts \
        && cp -a /etc/passwd /mnt/passwd && cp -a /etc/shadow /mnt/shadow && cp -a /mnt/etc/ssh /mnt/ssh"
    ));
}

/// The machine as it was, a case done to it, and its sshd started.
fn set(case: &str) {
    sh(
        "rm -rf /home/alice/.ssh /etc/ssh/* /root/.ssh/revoked; cp -a /mnt/ssh/. /etc/ssh/; cat /mnt/passwd > /etc/passwd; \
        cat /mnt/shadow > /etc/shadow; chown 4001:4001 /home/alice; chmod 0755 /home/alice; mkdir -m 0700 /home/alice/.ssh; \
        cat /mnt/refused.pub /mnt/way.pub > /home/alice/.ssh/authorized_keys; chmod 0600 /home/alice/.ssh/authorized_keys; \
        chown -R 4001:4001 /home/alice",
    );
    fs::write(
        "/etc/ssh/sshd_config",
        "Port 2222\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n\
         KbdInteractiveAuthentication no\n",
    )
    .unwrap();
    sh(case);
    sh(
        "if [ -e /run/sshd.pid ]; then kill $(cat /run/sshd.pid); while [ -e /run/sshd.pid ]; do sleep 0.02; done; fi; \
        /usr/sbin/sshd -E /mnt/log </dev/null >/dev/null 2>&1",
    );
    let begun = Instant::now();
    while std::net::TcpStream::connect("127.0.0.1:2222").is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{case}: sshd does not listen"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The answer as JSON.
fn asked(args: &[&str]) -> (Option<i32>, Value, String) {
    let out = Command::new(PROGRAM)
        .args(args)
        .args(["--format", "json"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let json = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
    (out.status.code(), json, text(&out))
}

fn check(more: &[&str]) -> (Option<i32>, Value, String) {
    let args = [
        "check",
        "alice@127.0.0.1",
        "-p",
        "2222",
        "-i",
        "/mnt/refused",
    ];
    // What this machine's sshd thinks of failing logins is not the matter here.
    sh("rm -rf /mnt/state");
    asked(&[&args[..], more].concat())
}

/// What is said of a login, in one line.
fn short(json: &Value, said: &str) -> String {
    let result = &json["results"][0];
    let Some(causes) = result["causes"].as_array() else {
        return said.to_owned();
    };
    let causes: Vec<String> = causes
        .iter()
        .map(|c| format!("{} {}", c["id"], c["certainty"]))
        .collect();
    format!(
        "{} {causes:?} missing {}",
        result["verdict"], result["missing"]
    )
}

fn first(json: &Value) -> &str {
    json["results"][0]["causes"][0]["id"].as_str().unwrap_or("")
}

#[test]
fn from_the_inside_the_cause_is_named_and_a_missing_fact_is_no_guess() {
    let name = "from_the_inside_the_cause_is_named_and_a_missing_fact_is_no_guess";
    machine(name, || {
        let mut wrong = Vec::new();
        let has_sudo = Path::new("/usr/bin/sudo").exists();
        if !has_sudo {
            machine::skipped("the way by sudo: sudo is not installed");
        }
        for (case, cause, seen) in CASES {
            set(case);
            let (code, json, said) =
                check(&["--via", "key:/mnt/way", "--via-user", "root", "--yes"]);
            if first(&json) != *cause || code != Some(1) {
                wrong.push(format!(
                    "{case}: root: {cause} expected: {}",
                    short(&json, &said)
                ));
            }
            // An ordinary account that becomes root without a password sees what root sees.
            if has_sudo && *cause != "group-not-allowed" {
                let (code, json, said) =
                    check(&["--via", "key:/mnt/way", "--via-user", "carol", "--yes"]);
                if first(&json) != *cause || code != Some(1) {
                    wrong.push(format!(
                        "{case}: carol, by sudo: {cause} expected: {}",
                        short(&json, &said)
                    ));
                }
            }
            let (code, json, said) = check(&["--via", "key:/mnt/way", "--yes"]);
            let result = &json["results"][0];
            let good = match seen {
                Seen::Same => first(&json) == *cause && code == Some(1),
                Seen::Missing => {
                    code == Some(3)
                        && result["causes"].as_array().is_none_or(Vec::is_empty)
                        && (said.contains("may not") || said.contains("only root may"))
                }
                // She gets in no other way: only what the wire tells is there, and nothing certain.
                Seen::Shut => !result["causes"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|c| c["certainty"] == "certain" && c["id"] != *cause),
            };
            if !good {
                wrong.push(format!(
                    "{case}: alice: {seen:?} expected: {}",
                    short(&json, &said)
                ));
            }
            // The same facts by way of a console.
            let script = Command::new(PROGRAM)
                .args([
                    "check",
                    "alice@127.0.0.1",
                    "-p",
                    "2222",
                    "-i",
                    "/mnt/refused",
                    "--collect",
                ])
                .output()
                .unwrap();
            fs::write("/mnt/script", &script.stdout).unwrap();
            sh("sh /mnt/script > /mnt/bundle");
            let (code, json, said) = asked(&["explain", "/mnt/bundle"]);
            // Where the login comes from, a bundle does not know; nor what files that another file
            // names hold, and then it accuses nobody.
            let every = json["results"].as_array().into_iter().flatten();
            let mut named = every.flat_map(|r| r["causes"].as_array().into_iter().flatten());
            let from_elsewhere = *cause == "from-mismatch"
                && !json["results"].is_null()
                && named.all(|c| c["id"] == *cause);
            let result = &json["results"][0];
            let undetermined = case.contains("Include")
                && code == Some(3)
                && result["causes"].as_array().is_none_or(Vec::is_empty);
            let right = first(&json) == *cause && code == Some(1);
            if !right && !undetermined && !from_elsewhere {
                wrong.push(format!(
                    "{case}: bundle: {cause} expected: {}",
                    short(&json, &said)
                ));
            }
        }
        let count = wrong.len();
        assert!(wrong.is_empty(), "{count} wrong:\n{}", wrong.join("\n"));
    });
}

#[test]
fn no_secret_leaves_the_server_and_nothing_is_written_there() {
    let name = "no_secret_leaves_the_server_and_nothing_is_written_there";
    machine(name, || {
        set(
            "cat /mnt/refused >> /home/alice/.ssh/authorized_keys; tr '\\n' ' ' < /mnt/way > /home/alice/.ssh/authorized_keys2; \
             sed -i '1s/^/environment=\"TOKEN=xyzzy\\\\\"plugh\" /' /home/alice/.ssh/authorized_keys; \
             sed -i 's/^alice:[^:]*:/alice:$6$salt$hashhashhash:/; s/^bob:[^:]*:/bob:$6$other$bobhash:/' /etc/shadow",
        );
        let script = Command::new(PROGRAM)
            .args([
                "check",
                "alice@127.0.0.1",
                "-p",
                "2222",
                "-i",
                "/mnt/refused",
                "--collect",
            ])
            .output()
            .unwrap();
        fs::write("/mnt/script", &script.stdout).unwrap();
        let state = "cd /; find etc home root run -newer /mnt/script -print; ls -la --time-style=full-iso /home/alice/.ssh /etc/ssh";
        let before = sh(state);
        sh("sh /mnt/script > /mnt/bundle");
        let bundle = fs::read_to_string("/mnt/bundle").unwrap();
        for secret in ["hashhash", "bobhash", "xyzzy", "plugh"] {
            assert!(!bundle.contains(secret), "{secret} is in the bundle");
        }
        for file in ["/mnt/refused", "/mnt/way", "/etc/ssh/ssh_host_ed25519_key"] {
            let body: Vec<String> = fs::read_to_string(file)
                .unwrap()
                .lines()
                .filter(|l| !l.starts_with("-----"))
                // The first lines of an OpenSSH file hold its public half.
                .skip(3)
                .map(str::to_owned)
                .collect();
            for line in body {
                assert!(
                    !bundle.contains(line.as_str()),
                    "a line of {file} is in the bundle"
                );
            }
        }
        assert_eq!(sh(state).stdout, before.stdout);
        // A bundle that was damaged on its way accuses nobody.
        let damaged = bundle.replace("ssh-ed25519 AAAA", "ssh-ed25519 AAAB");
        fs::write("/mnt/damaged", damaged).unwrap();
        let (code, json, said) = asked(&["explain", "/mnt/damaged"]);
        assert!(
            code != Some(0) && first(&json) != "key-not-listed",
            "{said}"
        );
    });
}

#[test]
fn a_password_goes_to_a_known_host_alone() {
    let name = "a_password_goes_to_a_known_host_alone";
    machine(name, || {
        set(
            "sed -i 's/PasswordAuthentication no/PasswordAuthentication yes/' /etc/ssh/sshd_config; echo alice:open-sesame | chpasswd; \
             sed -i 1d /home/alice/.ssh/authorized_keys; echo open-sesame > /mnt/word; echo LogLevel DEBUG3 >> /etc/ssh/sshd_config",
        );
        let via = [
            "--via",
            "password",
            "--passphrase-file",
            "/mnt/word",
            "--yes",
        ];
        let (code, json, said) = check(&via);
        assert!(
            code == Some(1) && first(&json) == "key-not-listed",
            "{said}"
        );
        fs::write("/root/.ssh/known_hosts", "").unwrap();
        fs::write("/mnt/log", "").unwrap();
        let (code, json, said) = check(&via);
        assert!(
            code != Some(0) && said.contains("no password was sent"),
            "{said}"
        );
        assert!(
            json["results"][0]["causes"][0]["certainty"] != "certain",
            "{said}"
        );
        let log = fs::read_to_string("/mnt/log").unwrap();
        assert!(!log.contains("method password"), "{log}");
        let print = sh("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2");
        let print = String::from_utf8(print.stdout).unwrap();
        let (code, json, said) = check(&[&via[..], &["--host-key", print.trim()]].concat());
        assert!(
            code == Some(1) && first(&json) == "key-not-listed",
            "{said}"
        );
    });
}
