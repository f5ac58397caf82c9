//! A thousand connections that stall at each message of the way to a login: others are served as if
//! they were not there, memory stays bounded, and the grace time ends them.
#![allow(missing_docs)]

mod common;

use common::stall::{PLACES, Place, alone, key, many_descriptors, memory, served, stall};
use common::{Stage, have, wide};
use sshwhy_server::Limits;
use std::io::Read;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Stalled connections at each place.
const MANY: usize = 1000;

fn stalls(session: bool, places: &[Place]) {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    many_descriptors();
    let stage = Stage::new(session, "", wide());
    let key = key(&stage);
    for place in places {
        let before = memory();
        let stop = AtomicBool::new(false);
        let (stalled, (times, most)) = std::thread::scope(|scope| {
            let client = scope.spawn(|| served(&stage, session, &stop));
            let stalled: Vec<TcpStream> = (0..MANY).map(|_| stall(&stage, *place, &key)).collect();
            std::thread::sleep(Duration::from_millis(500));
            stop.store(true, Ordering::Release);
            (stalled, client.join().unwrap())
        });
        let grown = memory().saturating_sub(before);
        common::tell(&format!(
            "{} at {place:?}: {times} served meanwhile, at most {most:?}; {grown} KiB for {MANY}",
            if session { "sessions" } else { "explaining" },
        ));
        assert!(most < Duration::from_secs(5), "{place:?}: {most:?}");
        assert!(grown < 1000 * 96, "{place:?}: {grown} KiB");
        drop(stalled);
        let running = stage.running.as_ref().unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while running.connections() > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(running.connections(), 0, "{place:?}");
    }
}

#[test]
fn explaining_goes_on_beside_a_thousand_that_stall_at_any_message() {
    stalls(false, &PLACES);
}

#[test]
fn sessions_go_on_beside_a_thousand_that_stall_at_any_message() {
    // A signature is answered with the login: no stall.
    stalls(true, &PLACES[..PLACES.len() - 1]);
}

#[test]
fn the_grace_time_ends_whoever_stalls_wherever() {
    let _alone = alone();
    if !have(&["ssh-keygen"]) {
        return;
    }
    for session in [false, true] {
        let limits = Limits {
            grace: Duration::from_secs(3),
            ..wide()
        };
        let stage = Stage::new(session, "", limits);
        let key = key(&stage);
        let places = &PLACES[..PLACES.len() - usize::from(session)];
        let start = Instant::now();
        let stalled: Vec<TcpStream> = places.iter().map(|p| stall(&stage, *p, &key)).collect();
        for (mut stream, place) in stalled.into_iter().zip(places) {
            let mut rest = Vec::new();
            // Either an end or a reset.
            let _ = stream.read_to_end(&mut rest);
            assert!(start.elapsed() < Duration::from_secs(10), "{place:?}");
        }
        assert!(start.elapsed() >= Duration::from_secs(2));
    }
}
