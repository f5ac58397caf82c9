//! `sshwhy check` against real servers on loopback, in name spaces of the test's own, and against
//! servers that mean harm.
#![allow(missing_docs)]

use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const INSIDE: &str = "SSHWHY_TEST_INSIDE";
const BUILT: &str = env!("CARGO_BIN_EXE_sshwhy");
const PROGRAM: &str = "/mnt/sshwhy";

/// Says that something is not tested; on CI that is a failure.
fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
    assert!(std::env::var_os("CI").is_none(), "SKIPPED: {what}");
}

fn sh(command: &str) -> String {
    let done = Command::new("sh").args(["-ec", command]).output().unwrap();
    let text = text(&done);
    assert!(done.status.success(), "{command}: {text}");
    text
}

fn text(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

/// Runs `case` in name spaces of its own: this very test, started once more.
fn machine(name: &str, case: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        furnish();
        return case();
    }
    let apart = ["-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc"];
    let can = fs::metadata("/proc/self").unwrap().uid() == 0
        && Path::new("/usr/sbin/sshd").exists()
        && Command::new("unshare")
            .args(apart)
            .arg("true")
            .status()
            .is_ok_and(|s| s.success());
    if !can {
        return skipped(&format!("{name}: no root, no sshd, or no name spaces"));
    }
    let done = Command::new("unshare")
        .args(apart)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .env_remove("SSH_AUTH_SOCK")
        .env("XDG_STATE_HOME", "/mnt/state")
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", text(&done));
    // What was skipped inside is skipped.
    for line in text(&done).lines().filter(|l| l.starts_with("SKIPPED: ")) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// A machine with alice, who lists /mnt/good.pub and the CA of /mnt/cert.
fn furnish() {
    // The lab's servers, where they stay in sight behind a new /root.
    let var = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let below = || var("XDG_CACHE_HOME").or_else(|| Some(var("HOME")?.join(".cache")));
    let lab = var("SSHWHY_LAB_CACHE").or_else(|| Some(below()?.join("sshwhy/lab")));
    let lab = lab.unwrap_or_default().display().to_string();
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

/// Exit code, verdict, place and the causes that are certain.
fn check(words: &[&str]) -> (i32, String, String, Vec<String>) {
    let out = run(PROGRAM, words);
    let doc: Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&out)));
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

#[test]
fn each_refusal_is_placed_at_its_step() {
    machine("each_refusal_is_placed_at_its_step", || {
        let alice = "alice@127.0.0.1:2222";
        sshd("");
        is(&[alice, "-i", "/mnt/good"], 0, "accept", "accepted", &[]);
        is(&[alice, "-i", "/mnt/bad"], 1, "refuse", "query", &[]);
        is(
            &["nobody-there@127.0.0.1:2222", "-i", "/mnt/good"],
            1,
            "refuse",
            "query",
            &[],
        );
        is(
            &[alice, "-i", "/mnt/none"],
            1,
            "refuse",
            "not-offered",
            &["client-key-missing"],
        );
        is(&[alice], 1, "refuse", "not-offered", &["agent-not-running"]);
        is(
            &[alice, "-i", "/mnt/locked"],
            1,
            "refuse",
            "unsigned",
            &["client-batchmode-passphrase"],
        );
        is(
            &[alice, "-i", "/mnt/locked", "--passphrase-file", "/mnt/word"],
            0,
            "accept",
            "accepted",
            &[],
        );
        is(
            &[
                alice,
                "-i",
                "/mnt/locked",
                "--passphrase-file",
                "/mnt/good.pub",
            ],
            1,
            "refuse",
            "unsigned",
            &["client-passphrase-wrong"],
        );
        is(
            &["alice@127.0.0.1:1", "-i", "/mnt/good"],
            1,
            "refuse",
            "reach",
            &["net-unreachable"],
        );
        fs::copy("/mnt/good.pub", "/mnt/half.pub").unwrap();
        is(
            &[alice, "-i", "/mnt/half.pub"],
            3,
            "undetermined",
            "unsigned",
            &[],
        );
        sshd("PermitRootLogin no\n");
        is(
            &["root@127.0.0.1:2222", "-i", "/mnt/root"],
            1,
            "refuse",
            "signature",
            &["root-login-off"],
        );
        sshd("PermitRootLogin forced-commands-only\n");
        is(
            &["root@127.0.0.1:2222", "-i", "/mnt/root"],
            0,
            "accept",
            "session",
            &["root-login-forced-commands-only"],
        );
        sshd("PubkeyAuthentication no\nPasswordAuthentication yes\n");
        is(
            &[alice, "-i", "/mnt/good"],
            1,
            "refuse",
            "method",
            &["publickey-not-offered"],
        );
        sshd("PasswordAuthentication yes\nAuthenticationMethods publickey,password\n");
        is(
            &[alice, "-i", "/mnt/good"],
            1,
            "refuse",
            "partial",
            &["authentication-methods-need-more"],
        );
        sshd("MaxAuthTries 2\n");
        is(
            &[
                alice,
                "-i",
                "/mnt/bad",
                "-i",
                "/mnt/other",
                "-i",
                "/mnt/good",
            ],
            1,
            "refuse",
            "disconnected",
            &["client-too-many-keys"],
        );
        sshd("Ciphers aes128-cbc\nMACs hmac-sha1\nKexAlgorithms diffie-hellman-group1-sha1\n");
        let (code, _, place, _) = check(&[alice, "-i", "/mnt/good"]);
        assert!(
            matches!(
                (code, place.as_str()),
                (1, "key-exchange") | (0, "accepted")
            ),
            "{code} {place}"
        );
    });
}

#[test]
fn a_changed_host_key_is_asked_nothing() {
    machine("a_changed_host_key_is_asked_nothing", || {
        sshd("");
        let host = fs::read_to_string("/etc/ssh/ssh_host_ed25519_key.pub").unwrap();
        let other = fs::read_to_string("/mnt/other.pub").unwrap();
        fs::write("/mnt/config", "Host *\n UserKnownHostsFile /mnt/known\n").unwrap();
        let words = [
            "-F",
            "/mnt/config",
            "alice@127.0.0.1:2222",
            "-i",
            "/mnt/good",
        ];
        fs::write("/mnt/known", format!("[127.0.0.1]:2222 {host}")).unwrap();
        sh("ssh-keygen -q -H -f /mnt/known >/dev/null 2>&1");
        is(&words, 0, "accept", "accepted", &[]);
        let known = fs::read("/mnt/known").unwrap();
        fs::write("/mnt/known", format!("[127.0.0.1]:2222 {other}")).unwrap();
        fs::write("/mnt/log", "").unwrap();
        let carol = [
            "-F",
            "/mnt/config",
            "carol@127.0.0.1:2222",
            "-i",
            "/mnt/good",
        ];
        is(&carol, 1, "refuse", "host-key", &["host-key-changed"]);
        let log = fs::read_to_string("/mnt/log").unwrap();
        assert!(!log.contains("carol"), "no name was sent: {log}");
        fs::write("/mnt/known", "").unwrap();
        is(&words, 0, "accept", "accepted", &[]);
        assert_eq!(
            fs::read("/mnt/known").unwrap(),
            b"",
            "nothing is written to known_hosts"
        );
        assert!(!known.is_empty());
        let wrong = [
            "alice@127.0.0.1:2222",
            "-i",
            "/mnt/good",
            "--host-key",
            "SHA256:AAAA",
        ];
        is(&wrong, 1, "refuse", "host-key", &["host-key-changed"]);
    });
}

/// What `ssh -v` lists as `Will attempt key`, in its order: fingerprints.
fn ssh_order(more: &[&str]) -> Vec<String> {
    let out = Command::new("ssh")
        .args([
            "-v",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-p",
            "2222",
        ])
        .args(more)
        .args(["nobody@127.0.0.1", "true"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    text(&out)
        .lines()
        .filter_map(|l| l.split("Will attempt key: ").nth(1))
        .filter_map(|l| l.split(' ').find(|w| w.starts_with("SHA256:")))
        .map(str::to_owned)
        .collect()
}

fn our_order(more: &[&str]) -> Vec<String> {
    let mut words = vec!["nobody@127.0.0.1:2222", "--dry-run"];
    words.extend(more);
    let out = run(PROGRAM, &words);
    let doc: Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&out)));
    doc["plan"]["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|k| k["fingerprint"].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn keys_are_offered_in_the_order_of_the_real_client() {
    machine("keys_are_offered_in_the_order_of_the_real_client", || {
        sshd("");
        sh(
            "cd /root/.ssh; for t in rsa ecdsa ed25519; do ssh-keygen -q -t $t -N '' -f id_$t; done
            ssh-keygen -q -s /mnt/other -I me -n nobody id_ecdsa.pub
            cp /mnt/good good; cp /mnt/good.pub good.pub",
        );
        let agent = sh(
            "ssh-agent -s -a /mnt/agent >/dev/null; export SSH_AUTH_SOCK=/mnt/agent
            ssh-add -q /mnt/bad /root/.ssh/id_ed25519 /root/.ssh/id_rsa /mnt/good 2>&1",
        );
        assert_eq!(agent, "");
        let with_config = |text: &str| fs::write("/mnt/config", text).unwrap();
        for socket in [None, Some("/mnt/agent")] {
            match socket {
                None => with_config("Host *\n IdentityAgent none\n"),
                Some(path) => with_config(&format!("Host *\n IdentityAgent {path}\n")),
            }
            let base = fs::read_to_string("/mnt/config").unwrap();
            for (extra, words) in [
                ("", vec![]),
                ("", vec!["-i", "/root/.ssh/good"]),
                (" IdentitiesOnly yes\n", vec![]),
                (" IdentitiesOnly yes\n", vec!["-i", "/root/.ssh/good"]),
                (
                    " IdentityFile ~/.ssh/id_rsa\n IdentityFile ~/.ssh/good\n",
                    vec![],
                ),
                (" CertificateFile ~/.ssh/id_ecdsa-cert.pub\n", vec![]),
            ] {
                with_config(&format!("{base}{extra}"));
                let mut more = vec!["-F", "/mnt/config"];
                more.extend(words);
                let (theirs, ours) = (ssh_order(&more), our_order(&more));
                assert!(!theirs.is_empty(), "{extra} {more:?}");
                assert_eq!(ours, theirs, "{socket:?} {extra:?} {more:?}");
            }
        }
    });
}

#[test]
fn the_agent_causes_are_named() {
    machine("the_agent_causes_are_named", || {
        sshd("");
        let with_agent = |path: &str| {
            fs::write("/mnt/config", format!("Host *\n IdentityAgent {path}\n")).unwrap()
        };
        let words = ["-F", "/mnt/config", "alice@127.0.0.1:2222"];
        with_agent("/mnt/nowhere");
        is(&words, 1, "refuse", "not-offered", &["agent-not-running"]);
        sh(
            "ssh-agent -s -a /mnt/gone > /mnt/env; . /mnt/env >/dev/null; kill -9 $SSH_AGENT_PID; sleep 0.2",
        );
        with_agent("/mnt/gone");
        is(&words, 1, "refuse", "not-offered", &["agent-socket-stale"]);
        sh("ssh-agent -s -a /mnt/agent >/dev/null; export SSH_AUTH_SOCK=/mnt/agent
            for k in 1 2 3 4 5 6; do ssh-keygen -q -t ed25519 -N '' -f /mnt/k$k; ssh-add -q /mnt/k$k 2>/dev/null; done
            ssh-add -q /mnt/good 2>/dev/null");
        with_agent("/mnt/agent");
        // Five wrong keys are as many as one connection hears; the right one comes with the second.
        is(&words, 0, "accept", "accepted", &[]);
        is(
            &[
                "-F",
                "/mnt/config",
                "alice@127.0.0.1:2222",
                "-i",
                "/mnt/good",
            ],
            0,
            "accept",
            "accepted",
            &[],
        );
    });
}

#[test]
fn dropbear_is_asked_as_well() {
    machine("dropbear_is_asked_as_well", || {
        if !Path::new("/usr/sbin/dropbear").exists() {
            return skipped("dropbear is not installed");
        }
        sh(
            "mkdir -p /etc/dropbear; dropbearkey -t ed25519 -f /etc/dropbear/key >/dev/null 2>&1
            dropbear -r /etc/dropbear/key -p 127.0.0.1:2222 -E >/dev/null 2>/mnt/log",
        );
        until(|| TcpStream::connect("127.0.0.1:2222").is_ok());
        is(
            &["alice@127.0.0.1:2222", "-i", "/mnt/good"],
            0,
            "accept",
            "accepted",
            &[],
        );
        is(
            &["alice@127.0.0.1:2222", "-i", "/mnt/bad"],
            1,
            "refuse",
            "query",
            &[],
        );
    });
}

/// A server that reads what comes and answers with `act`.
fn hostile(act: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || act(stream));
        }
    });
    port
}

/// Largest resident set of the children so far, in KiB, from time(1)'s own words.
fn peak(words: &[&str]) -> (Output, u64, Duration) {
    let start = Instant::now();
    let dir = tempfile::tempdir().unwrap();
    let mut child = Command::new(BUILT)
        .arg("check")
        .args(words)
        .args(["--timeout", "2", "--no-wait"])
        .env("XDG_STATE_HOME", dir.path())
        .env_remove("SSH_AUTH_SOCK")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib = line.and_then(|l| l.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(kib.unwrap_or(0));
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it hangs: {words:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    (child.wait_with_output().unwrap(), most, start.elapsed())
}

fn key_file() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&path)
        .status();
    assert!(made.is_ok_and(|s| s.success()));
    (dir, path)
}

#[test]
fn a_hostile_server_neither_hangs_nor_fills_nor_writes_on_the_terminal() {
    let (_dir, key) = key_file();
    type Act = fn(TcpStream);
    let servers: [(&str, Act); 7] = [
        ("says nothing", |mut s| {
            let _ = s.read_to_end(&mut Vec::new());
        }),
        ("an endless banner", |mut s| {
            let line = b"\x1b]0;owned\x07 hello\r\n".repeat(512);
            while s.write_all(&line).is_ok() {}
        }),
        ("a line without an end", |mut s| {
            while s.write_all(&[b'a'; 65536]).is_ok() {}
        }),
        ("a giant packet", |mut s| {
            let _ = s.write_all(b"SSH-2.0-OpenSSH_9.9\r\n");
            let _ = s.write_all(&[0x7f, 0xff, 0xff, 0xff, 4]);
            while s.write_all(&[0; 65536]).is_ok() {}
        }),
        ("control characters in its name", |mut s| {
            let _ = s.write_all(b"SSH-2.0-\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\r\n");
            let _ = s.read_to_end(&mut Vec::new());
        }),
        ("drips", |mut s| {
            while s.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }),
        ("zeros", |mut s| {
            let _ = s.write_all(b"SSH-2.0-x\r\n");
            while s.write_all(&[0; 65536]).is_ok() {}
        }),
    ];
    for (what, act) in servers {
        let port = hostile(act);
        let target = format!("alice@127.0.0.1:{port}");
        let (out, kib, took) = peak(&[&target, "-i", key.to_str().unwrap(), "-F", "none"]);
        assert!(took < Duration::from_secs(20), "{what}: {took:?}");
        assert!(kib < 64 * 1024, "{what}: {kib} KiB");
        assert!(
            matches!(out.status.code(), Some(1 | 3)),
            "{what}: {}",
            text(&out)
        );
        for bytes in [&out.stdout, &out.stderr] {
            let bad = bytes
                .iter()
                .any(|b| (*b < 0x20 && *b != b'\n') || *b == 0x7f);
            assert!(!bad, "{what}: {}", text(&out));
        }
    }
}

#[test]
fn ten_refused_checks_cost_no_penalty_on_a_stock_server() {
    machine(
        "ten_refused_checks_cost_no_penalty_on_a_stock_server",
        || {
            // The suite's own system, with a layer of this test's over it.
            let root = Path::new("/mnt/lab/trixie/root");
            if !root.join("usr/sbin/sshd").exists() {
                return skipped("sshd 10.0: no suite trixie (cargo xtask lab setup)");
            }
            sh(&format!(
            "mkdir /mnt/up /mnt/work /mnt/t; mount -t overlay none -o lowerdir={},upperdir=/mnt/up,workdir=/mnt/work /mnt/t
             mkdir -p /mnt/t/run/sshd /mnt/t/home /mnt/t/etc/ssh /mnt/t/dev; mount --bind /home /mnt/t/home; mount --bind /dev /mnt/t/dev
             cp /etc/passwd /etc/group /etc/shadow /mnt/t/etc/; rm -rf /mnt/t/etc/ssh/sshd_config.d
             grep -q ^sshd: /mnt/t/etc/passwd || echo 'sshd:x:103:65534::/run/sshd:/usr/sbin/nologin' >> /mnt/t/etc/passwd
             cp /etc/ssh/ssh_host_ed25519_key* /mnt/t/etc/ssh/; printf '%s' 'Port 2222
UsePAM no
' > /mnt/t/etc/ssh/sshd_config
             chroot /mnt/t /usr/sbin/sshd -E /dev/null",
            root.display()
        ));
            until(|| TcpStream::connect("127.0.0.1:2222").is_ok());
            let alice = "alice@127.0.0.1:2222";
            let mut refused = 0;
            for _ in 0..10 {
                // It waits where it has to.
                let out = Command::new(PROGRAM)
                    .args(["check", alice, "-i", "/mnt/bad", "--format", "json"])
                    .stdin(Stdio::null())
                    .output()
                    .unwrap();
                let doc: Value = serde_json::from_slice(&out.stdout).unwrap();
                assert_eq!(doc["wire"]["place"], "query", "{}", text(&out));
                refused += usize::from(out.status.code() == Some(1));
            }
            assert_eq!(refused, 10);
            let out = Command::new(PROGRAM)
                .args(["check", alice, "-i", "/mnt/good"])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert_eq!(out.status.code(), Some(0), "{}", text(&out));
        },
    );
}
