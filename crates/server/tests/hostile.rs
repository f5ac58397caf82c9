//! Peers that mean no good, or do not know what they do.
#![allow(missing_docs)]

mod common;

use common::stall::{PLACES, Place, alone, key, many_descriptors, memory, served, stall};
use common::{Stage, have, wide};
use sshwhy_server::{
    Closed, Config, HostKey, Limits, Mode, Source, What, answer_to, answers_under_keys,
};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn connect(stage: &Stage) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", stage.port())).unwrap();
    let patience = Some(Duration::from_secs(30));
    stream.set_read_timeout(patience).unwrap();
    stream.set_write_timeout(patience).unwrap();
    stream
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

/// How many connections of noise: `SSHWHY_NOISE`, or as many as were promised.
fn how_many() -> usize {
    let told = std::env::var("SSHWHY_NOISE").ok();
    told.and_then(|n| n.parse().ok()).unwrap_or(100_000)
}

/// Noise at every place of the way to a login, while a client is served all the while.
fn noise(session: bool) {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    many_descriptors();
    let stage = Stage::new(session, "", wide());
    let key = key(&stage);
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
    let all = how_many();
    let settling = all / 4;
    let stop = AtomicBool::new(false);
    let start = Instant::now();
    let (grown, (times, most)) = std::thread::scope(|scope| {
        let client = scope.spawn(|| served(&stage, session, &stop));
        let mut settled = 0;
        for n in 0..all {
            // Mostly at the start, where it costs nothing to come to; now and then behind the keys.
            let place = match n % 16 {
                0 => PLACES[n / 16 % PLACES.len()],
                n if n % 2 == 0 => Place::Identification,
                _ => Place::Nothing,
            };
            // With sessions there is no stall behind a signature: it is let in.
            let place = if session {
                place.min(Place::Query)
            } else {
                place
            };
            let mut stream = stall(&stage, place, &key);
            // The server may hang up while we are still talking.
            let _ = stream.write_all(&noise(n % 700));
            drop(stream);
            if n == settling {
                settled = memory();
            }
        }
        let grown = memory().saturating_sub(settled);
        stop.store(true, Ordering::Release);
        (grown, client.join().unwrap())
    });
    common::tell(&format!(
        "{}: {all} connections of noise in {:.1?}; {times} served meanwhile, at most {most:?}; \
         {grown} KiB grown behind the first {settling}",
        if session { "sessions" } else { "explaining" },
        start.elapsed(),
    ));
    assert!(most < Duration::from_secs(5), "{most:?}");
    // The log of this test is counted, too: some 200 bytes for each connection.
    assert!(grown < 32 << 10, "{grown} KiB");
}

#[test]
fn noise_is_thrown_out_by_explaining_and_leaves_nothing() {
    noise(false);
}

#[test]
fn noise_is_thrown_out_by_sessions_and_leaves_nothing() {
    noise(true);
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

/// What the server does with these bytes once the client is at `place`: all that it answers.
fn answered(stage: &Stage, place: Place, bytes: &[u8]) -> Vec<u8> {
    let mut stream = stall(stage, place, &key(stage));
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    // Either an end or a reset.
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn a_packet_of_any_wrong_length_ends_its_connection() {
    let _alone = alone();
    let all = (0..64u32).chain([35_001, 262_145, 1 << 24, 1 << 31, u32::MAX]);
    for session in [false, true] {
        let stage = Stage::new(session, "", wide());
        for length in all.clone() {
            let mut wrong = length.to_be_bytes().to_vec();
            wrong.extend_from_slice(&[4; 60]);
            // In the clear, and where it stands for something else, under keys.
            for place in [Place::Identification, Place::NewKeys] {
                let answer = answered(&stage, place, &wrong);
                assert!(
                    answer.len() < 4096,
                    "{place:?} {length}: {} bytes",
                    answer.len()
                );
            }
        }
        let running = stage.running.as_ref().unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while running.connections() > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(running.connections(), 0);
        let events = stage.events.lock().unwrap();
        let decided = events.iter().any(|e| matches!(e.what, What::Attempt(_)));
        assert!(!decided, "noise was taken for a request");
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

/// Requests, well-formed and cut short, in any order: each is answered once, or ends the connection.
#[test]
fn messages_under_keys_are_answered_once_or_end_it() {
    let key = HostKey::generate().unwrap();
    let source = Source::Machine {
        root: None,
        config: b"/dev/null".to_vec(),
        build: None,
        run_commands: false,
        indexes: sshwhy_server::Cache::default(),
    };
    let config = || Config::new(Mode::ExplainOnly, source.clone(), vec![key.clone()]);
    let none = sshwhy_wire::auth::none(b"somebody");
    let service = sshwhy_wire::auth::service_request();
    let password = sshwhy_wire::auth::password(b"somebody", b"secret");
    let asked = [&service[..], &none, &password, &none];
    assert_eq!(answers_under_keys(config(), &asked).unwrap(), asked.len());
    for whole in asked {
        for cut in 0..whole.len() {
            let answered = answers_under_keys(config(), &[&whole[..cut], &none]).unwrap();
            // A method's name that ends early is another method; everything else ends it.
            assert!(answered <= 2, "{}", whole[..cut].escape_ascii());
        }
    }
    for number in 0..=255u8 {
        let answered = answers_under_keys(config(), &[&[number, 0, 0, 0, 9], &none]).unwrap();
        assert!(answered <= 1, "{number}");
    }
}
