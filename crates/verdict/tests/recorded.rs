//! The verdicts that ten real sshds gave on 125 worlds, each one change away from a login that
//! works. `vectors/recorded/` holds the worlds and the verdicts as they were recorded.

use flate2::read::GzDecoder;
use serde_json::Value;
use sshwhy_keys::SigAlg;
use sshwhy_verdict::{Server, Verdict, judge};
use sshwhy_world::{
    Account, Attempt, Build, Group, Kind, Local, MemWorld, Node, OfferedKey, Peer, Shadow,
};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

/// What every recording began with; scenario lines came before it.
const BASE_CONFIG: &str = "LogLevel INFO\nHostKey /etc/ssh/hk\nUsePAM no\nPasswordAuthentication no\n\
ChallengeResponseAuthentication no\nPidFile none\nUseDNS no\nLogLevel DEBUG3\n";

const BASE_PASSWD: &[&str] = &[
    "root:x:0:0:root:/root:/bin/bash",
    "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin",
    "alice:x:2000:2000::/home/alice:/bin/sh",
    "bob:x:2001:2001::/home/bob:/bin/sh",
];

fn unpack(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../vectors/recorded")
        .join(name);
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn profile(build: &str) -> Build {
    let name = match build {
        "8.4p1-deb11" => "debian-11".to_owned(),
        "9.2p1-deb12" => "debian-12".to_owned(),
        "10.0p1-deb13" => "debian-13".to_owned(),
        "10.6p1-sid" => "debian-sid".to_owned(),
        up => format!("openssh-{}", up.strip_suffix("-up").unwrap()),
    };
    Build::profile(&name).unwrap()
}

/// The blobs of the three keys that the recordings logged in with, by their type.
fn keys(scenarios: &BTreeMap<String, Value>) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let text = scenarios["ok-ed25519"]["files"][2]["content"]
        .as_str()
        .unwrap();
    for line in text.lines() {
        let mut words = line.split(' ');
        let name = words.next().unwrap().to_owned();
        let blob = sshwhy_keys::base64::decode(words.next().unwrap().as_bytes()).unwrap();
        out.insert(name, blob);
    }
    out
}

fn lines<'v>(s: &'v Value, key: &str, default: &[&'v str]) -> Vec<&'v str> {
    match s.get(key) {
        Some(v) => v
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l.as_str().unwrap())
            .collect(),
        None => default.to_vec(),
    }
}

fn world(build: Build, s: &Value) -> MemWorld {
    let mut w = MemWorld::new(build);
    let mut passwd = BASE_PASSWD.to_vec();
    for line in lines(s, "passwd", &[]) {
        let name = line.split(':').next().unwrap();
        passwd.retain(|l| l.split(':').next() != Some(name));
        passwd.push(line);
    }
    w.accounts = passwd
        .iter()
        .map(|l| Account::from_line(l.as_bytes()).unwrap())
        .collect();
    w.groups = [
        "root:x:0:",
        "alice:x:2000:",
        "bob:x:2001:",
        "wheel:x:2100:alice",
        "staff2:x:2200:alice,bob",
    ]
    .iter()
    .map(|l| Group::from_line(l.as_bytes()).unwrap())
    .collect();
    let mut shadow = vec!["root:*:19000:0:99999:7:::", "bob:*:19000:0:99999:7:::"];
    shadow.extend(lines(s, "shadow", &["alice:*:19000:0:99999:7:::"]));
    w.shadow = Some(
        shadow
            .iter()
            .filter_map(|l| Shadow::from_line(l.as_bytes()))
            .collect(),
    );
    for shell in ["/bin/sh", "/bin/bash", "/bin/false", "/usr/sbin/nologin"] {
        w.file(shell, 0o755, 0, 0, b"\x7fELF");
    }
    w.file("/etc/hosts", 0o644, 0, 0, b"127.0.0.1 localhost\n");
    w.dir("/home", 0o755, 0, 0);
    w.dir("/root", 0o700, 0, 0);
    w.file(
        "/etc/pam.d/sshd",
        0o644,
        0,
        0,
        b"@include common-auth\naccount required pam_nologin.so\n@include common-account\n",
    );
    w.file(
        "/etc/pam.d/common-auth",
        0o644,
        0,
        0,
        b"auth required pam_unix.so\n",
    );
    w.file(
        "/etc/pam.d/common-account",
        0o644,
        0,
        0,
        b"account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n",
    );
    if let Some(text) = s.get("nologin").and_then(Value::as_str) {
        w.file("/etc/nologin", 0o644, 0, 0, text.as_bytes());
    }
    let config = match s.get("raw_config").and_then(Value::as_str) {
        Some(raw) => raw.to_owned(),
        None => format!("{}{BASE_CONFIG}", s["config"].as_str().unwrap()),
    };
    w.file("/etc/ssh/sshd_config", 0o644, 0, 0, config.as_bytes());
    for f in s["files"].as_array().unwrap() {
        let path = f["path"].as_str().unwrap();
        let uid = f.get("uid").and_then(Value::as_u64).unwrap_or(2000) as u32;
        let gid = f
            .get("gid")
            .and_then(Value::as_u64)
            .unwrap_or(u64::from(uid)) as u32;
        let mode = f.get("mode").and_then(Value::as_u64).map(|m| m as u32);
        let (kind, default) = match f.get("type").and_then(Value::as_str) {
            Some("dir") => (Kind::Dir, 0o755),
            Some("fifo") => (Kind::Fifo, 0o600),
            Some("symlink") => (
                Kind::Link(f["target"].as_str().unwrap().as_bytes().to_vec()),
                0o777,
            ),
            _ => (Kind::File, 0o600),
        };
        let content = match f.get("b64").and_then(Value::as_str) {
            Some(b64) => sshwhy_keys::base64::decode(b64.as_bytes()).unwrap(),
            None => f
                .get("content")
                .and_then(Value::as_str)
                .unwrap_or("")
                .as_bytes()
                .to_vec(),
        };
        w.put(
            path,
            Node::new(kind, mode.unwrap_or(default), uid, gid),
            &content,
        );
    }
    w
}

#[test]
fn the_engine_agrees_with_every_recorded_verdict() {
    let scenarios: BTreeMap<String, Value> =
        serde_json::from_str(&unpack("recorded-scenarios.json.gz")).unwrap();
    let keys = keys(&scenarios);
    let (mut judged, mut wrong) = (0, Vec::new());
    for row in unpack("recorded-verdicts.jsonl.gz").lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let (id, build) = (row["id"].as_str().unwrap(), row["build"].as_str().unwrap());
        let s = &scenarios[id];
        let w = world(profile(build), s);
        let key_type = match s.get("key").and_then(Value::as_str) {
            Some("k_rsa") => "ssh-rsa",
            Some("k_ec") => "ecdsa-sha2-nistp256",
            _ => "ssh-ed25519",
        };
        let mut key = OfferedKey::new(keys[key_type].clone(), b"key".to_vec());
        if let Some(alg) = s.get("alg").and_then(Value::as_str) {
            key.algorithms = vec![SigAlg::from_name(alg.as_bytes())];
        }
        let addr = |key: &str, default: &str| {
            s.get(key)
                .and_then(Value::as_str)
                .unwrap_or(default)
                .parse()
                .unwrap()
        };
        let attempt = Attempt {
            user: s
                .get("user")
                .and_then(Value::as_str)
                .unwrap_or("alice")
                .as_bytes()
                .to_vec(),
            key: Some(key),
            from: Peer {
                addr: addr("src", "127.0.0.1"),
                host: None,
            },
            to: Local {
                addr: addr("dst", "127.0.0.1"),
                port: 22,
            },
        };
        let server = Server::read(&w, b"/etc/ssh/sshd_config");
        let judgement = judge(&server, &w, &attempt);
        let truth = match row["truth"].as_str().unwrap() {
            "accepted" => Verdict::Accept,
            "refused" | "disconnect" | "partial" => Verdict::Refuse,
            other => panic!("unknown truth {other}"),
        };
        judged += 1;
        if judgement.verdict != truth {
            wrong.push(format!(
                "{id} on {build}: sshd {truth:?}, engine {:?} {:?} {:?}",
                judgement.verdict,
                judgement.first().map(|f| f.cause.id),
                judgement.gaps
            ));
        }
    }
    assert_eq!(judged, 1245);
    assert!(
        wrong.is_empty(),
        "{} of {judged} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
