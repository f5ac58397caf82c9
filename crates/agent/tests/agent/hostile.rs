//! Programs that mean the agent harm.

use crate::harness::{blob_of, is_root, start, start_with, text};
use sshwhy_agent::protocol::framed;
use sshwhy_agent::{MAX_MESSAGE, Request, Settings};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

fn ended(mut stream: &UnixStream) -> bool {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(e) => e.kind() == ErrorKind::ConnectionReset,
    }
}

#[test]
fn a_length_beyond_the_limit_ends_that_connection_and_no_other() {
    let agent = start();
    let mut other = agent.client();
    for len in [0, u32::try_from(MAX_MESSAGE).unwrap() + 1, u32::MAX] {
        let mut bad = agent.stream();
        bad.write_all(&len.to_be_bytes()).unwrap();
        assert!(ended(&bad), "{len}");
        other.identities().unwrap();
    }
}

#[test]
fn an_endless_message_ends_with_its_length() {
    let agent = start();
    let mut bad = agent.stream();
    bad.write_all(&u32::try_from(MAX_MESSAGE).unwrap().to_be_bytes())
        .unwrap();
    // As long as it says: an unknown message, answered. The bytes after it are the next length.
    let bytes = [0xff; 4096];
    let mut sent = 0;
    while sent < MAX_MESSAGE + 8192 {
        match bad.write(&bytes) {
            Ok(n) => sent += n,
            Err(_) => break,
        }
    }
    assert!(ended(&bad));
    agent.client().identities().unwrap();
}

#[test]
fn a_malformed_request_is_answered_and_ends_that_connection() {
    let agent = start();
    let mut other = agent.client();
    let mut bad = agent.stream();
    // A signature request whose key is longer than the message.
    bad.write_all(&framed(&[13, 0xff, 0xff, 0xff, 0xff]))
        .unwrap();
    let mut answer = Vec::new();
    bad.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, [0, 0, 0, 1, 5]);
    other.identities().unwrap();
}

#[test]
fn a_client_that_sends_byte_by_byte_keeps_nobody_waiting() {
    let agent = start();
    let key = agent.key("ed25519", "256", "");
    agent.add(&key);
    let blob = blob_of(&key);
    let slow: Vec<UnixStream> = (0..50).map(|_| agent.stream()).collect();
    let wire = framed(&Request::Identities.write());
    let mut worst = Duration::ZERO;
    for byte in wire.iter() {
        for mut stream in &slow {
            stream.write_all(&[*byte]).unwrap();
        }
        let start = Instant::now();
        agent.client().sign(&blob, b"data", 0).unwrap();
        worst = worst.max(start.elapsed());
    }
    assert!(worst < Duration::from_secs(1), "{worst:?}");
    // They are answered all the same.
    for mut stream in &slow {
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
    }
}

#[test]
fn a_client_that_never_reads_is_not_written_for_without_end() {
    let agent = start();
    for n in 0..20 {
        let path = agent.key("ed25519", "256", &"x".repeat(5 + n));
        let file = std::fs::read(path).unwrap();
        agent.client().add_encrypted(&file, &[]).unwrap();
    }
    let mut deaf = agent.stream();
    deaf.set_write_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let wire = framed(&Request::Identities.write());
    let many: Vec<u8> = wire
        .iter()
        .copied()
        .cycle()
        .take(wire.len() * 10_000)
        .collect();
    let mut stuck = false;
    for _ in 0..100 {
        if deaf.write_all(&many).is_err() {
            stuck = true;
            break;
        }
    }
    assert!(stuck, "the agent takes requests whose answers nobody reads");
    agent.client().identities().unwrap();
}

#[test]
fn ten_thousand_connections_opened_and_abandoned_harm_nothing() {
    // The agent's limit is below what is opened: room is made by dropping those that say nothing.
    let agent = start_with(Settings::default(), 264);
    let key = agent.key("ed25519", "256", "");
    agent.add(&key);
    let mut used = agent.client();
    used.identities().unwrap();
    let mut held = std::collections::VecDeque::new();
    for n in 0..10_000u32 {
        let mut stream = UnixStream::connect(&agent.path).unwrap();
        if n % 3 == 0 {
            let _ = stream.write_all(&[0, 0]);
        }
        held.push_back(stream);
        if held.len() > 400 {
            held.pop_front();
        }
    }
    used.sign(&blob_of(&key), b"data", 0).unwrap();
    agent.client().sign(&blob_of(&key), b"data", 0).unwrap();
}

#[test]
fn requests_sent_together_are_answered_in_their_order() {
    let agent = start();
    let key = agent.key("rsa", "2048", "");
    agent.add(&key);
    let mut stream = agent.stream();
    let sign = Request::Sign {
        blob: blob_of(&key),
        data: b"data".to_vec(),
        flags: 4,
    };
    let mut wire = framed(&sign.write()).to_vec();
    wire.extend_from_slice(&framed(&Request::Identities.write()));
    wire.extend_from_slice(&framed(&[200]));
    stream.write_all(&wire).unwrap();
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        stream.read_exact(&mut body).unwrap();
        kinds.push(body[0]);
    }
    assert_eq!(kinds, [14, 12, 5]);
}

#[test]
fn another_users_process_is_not_served() {
    if !is_root() {
        eprintln!("SKIPPED: not root, so nobody else can be played");
        return;
    }
    let agent = start();
    // The directory and the socket opened up: the peer's uid is what is left.
    for path in [agent.dir.path(), agent.path.parent().unwrap(), &agent.path] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let mine = agent.run("ssh-add", &["-l"]);
    assert_eq!(mine.status.code(), Some(1));
    let theirs = Command::new("setpriv")
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "ssh-add",
            "-l",
        ])
        .env("SSH_AUTH_SOCK", &agent.path)
        .output()
        .unwrap();
    assert!(
        !text(&theirs).contains("The agent has no identities"),
        "{theirs:?}"
    );
    assert!(!theirs.status.success());
}
