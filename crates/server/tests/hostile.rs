//! Peers that mean no good, or do not know what they do.
#![allow(missing_docs)]

mod common;

use common::{Stage, have, wide};
use sshwhy_server::{Closed, Config, HostKey, Limits, Mode, Source, What, answer_to};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Memory is that of the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(stage: &Stage) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", stage.port())).unwrap();
    let patience = Some(Duration::from_secs(30));
    stream.set_read_timeout(patience).unwrap();
    stream.set_write_timeout(patience).unwrap();
    stream
}

/// Resident memory of this process, the server in it, in KiB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn still_serves(stage: &Stage) {
    let start = Instant::now();
    let out = stage.ssh("listed", &stage.user, &["echo", "served"]);
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "served");
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

/// A key exchange message with empty lists, in the clear (RFC 4253 §6, §7.1).
fn kexinit() -> Vec<u8> {
    let mut payload = vec![20u8];
    payload.extend_from_slice(&[7; 16]);
    for list in [
        "curve25519-sha256",
        "ssh-ed25519",
        "aes128-ctr",
        "aes128-ctr",
        "hmac-sha2-256-etm@openssh.com",
        "hmac-sha2-256-etm@openssh.com",
        "none",
        "none",
        "",
        "",
    ] {
        payload.extend_from_slice(&u32::try_from(list.len()).unwrap().to_be_bytes());
        payload.extend_from_slice(list.as_bytes());
    }
    payload.extend_from_slice(&[0; 5]);
    packet(&payload)
}

fn packet(payload: &[u8]) -> Vec<u8> {
    let padding = 8 - (payload.len() + 5) % 8;
    let padding = if padding < 4 { padding + 8 } else { padding };
    let length = u32::try_from(payload.len() + padding + 1).unwrap();
    let mut out = length.to_be_bytes().to_vec();
    out.push(u8::try_from(padding).unwrap());
    out.extend_from_slice(payload);
    out.extend(std::iter::repeat_n(0, padding));
    out
}

#[test]
fn connections_that_stall_are_ended_and_others_are_served() {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let limits = Limits {
        grace: Duration::from_secs(8),
        ..wide()
    };
    let stage = Stage::new(true, "", limits);
    let before = memory();
    let steps: [Vec<u8>; 4] = [
        Vec::new(),
        b"SSH-2.0-st".to_vec(),
        b"SSH-2.0-stall\r\n".to_vec(),
        [b"SSH-2.0-stall\r\n".to_vec(), kexinit()].concat(),
    ];
    let mut stalled = Vec::new();
    for n in 0..400 {
        let mut stream = connect(&stage);
        stream.write_all(&steps[n % steps.len()]).unwrap();
        stalled.push(stream);
    }
    still_serves(&stage);
    let grown = memory().saturating_sub(before);
    assert!(grown < 400 * 128, "{grown} KiB for 400 connections");
    let until = Instant::now() + Duration::from_secs(40);
    while stage.running.as_ref().unwrap().connections() > 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(stage.running.as_ref().unwrap().connections(), 0);
}

#[test]
fn garbage_is_thrown_out_and_leaves_nothing() {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let mut seed = 88_172_645_463_325_252_u64;
    let mut noise = |n: usize| -> Vec<u8> {
        (0..n)
            .map(|_| {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                seed as u8
            })
            .collect()
    };
    let mut settled = 0;
    for n in 0..2000 {
        let mut stream = connect(&stage);
        let mut bytes = if n % 2 == 0 {
            b"SSH-2.0-noise\r\n".to_vec()
        } else {
            Vec::new()
        };
        bytes.extend(noise(n % 700));
        // The server may hang up while we are still talking.
        let _ = stream.write_all(&bytes);
        drop(stream);
        if n == 500 {
            settled = memory();
        }
    }
    still_serves(&stage);
    let grown = memory().saturating_sub(settled);
    assert!(grown < 16 << 10, "{grown} KiB grown over 1500 connections");
}

#[test]
fn any_bytes_are_answered_and_ended_as_the_peer_ends() {
    let greeting = b"SSH-2.0-cut\r\n";
    let whole = [greeting.as_slice(), &kexinit()].concat();
    let key = HostKey::generate().unwrap();
    let source = Source::Machine {
        root: None,
        config: b"/dev/null".to_vec(),
        build: None,
        run_commands: false,
        indexes: sshwhy_server::Cache::default(),
    };
    for cut in (0..whole.len()).step_by(7) {
        let config = Config::new(Mode::ExplainOnly, source.clone(), vec![key.clone()]);
        let answer = answer_to(config, &whole[..cut]).unwrap();
        assert!(answer.starts_with(b"SSH-2.0-sshwhy_"), "{cut}");
        assert!(answer.len() < 4096, "{cut}");
    }
}

#[test]
fn a_packet_of_any_wrong_length_ends_its_connection() {
    let _alone = alone();
    let stage = Stage::new(false, "", wide());
    for length in [
        0u32,
        1,
        4,
        5,
        11,
        13,
        35_001,
        262_145,
        1 << 24,
        1 << 31,
        u32::MAX,
    ] {
        let mut stream = connect(&stage);
        stream.write_all(b"SSH-2.0-length\r\n").unwrap();
        let mut wrong = length.to_be_bytes().to_vec();
        wrong.extend_from_slice(&[4; 60]);
        let _ = stream.write_all(&wrong);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        // Either an end or a reset: no answer to a key exchange that never was.
        let _ = stream.read_to_end(&mut answer);
        let words = String::from_utf8_lossy(&answer);
        assert!(words.starts_with("SSH-2.0-sshwhy_"), "{length}: {words}");
        assert!(answer.len() < 4096, "{length}: {} bytes", answer.len());
    }
}

#[test]
fn a_source_that_proves_nothing_has_to_wait() {
    let _alone = alone();
    let limits = Limits {
        penalty: Duration::from_secs(30),
        ..Limits::default()
    };
    let stage = Stage::new(false, "", limits);
    for _ in 0..12 {
        let mut stream = connect(&stage);
        let mut all = Vec::new();
        let _ = stream.write_all(b"GET / HTTP/1.0\r\n\r\n");
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut all);
        std::thread::sleep(Duration::from_millis(20));
    }
    let events = stage.events.lock().unwrap();
    let waits = events
        .iter()
        .any(|e| matches!(e.what, What::Closed(Closed::Waits)));
    assert!(waits, "nobody had to wait");
}
