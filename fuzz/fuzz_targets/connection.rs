//! Any messages of the connection protocol, with any doings of the programs between them: never a
//! panic; a channel never holds more than its window, and never sends more than the client's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sshwhy_wire::connection::{Connection, ConnectionEvent, Exit, WINDOW};
use sshwhy_wire::data::{Reader, msg};
use std::collections::HashMap;

/// Most sessions of one connection.
const MOST: usize = 3;

#[derive(Default)]
struct Seen {
    /// Bytes that came and were not taken.
    held: u64,
    /// What the client may hear.
    room: u64,
}

fuzz_target!(|data: &[u8]| {
    let mut all = Connection::new(MOST);
    let mut seen: HashMap<u32, Seen> = HashMap::new();
    let mut r = Reader::new(data);
    while let Some(what) = r.u8() {
        let channel = u32::from(what >> 5);
        match what & 31 {
            0 => {
                let bytes = r.u32().unwrap_or_default();
                if let Some(one) = seen.get_mut(&channel) {
                    one.held = one.held.saturating_sub(u64::from(bytes));
                }
                all.taken(channel, usize::try_from(bytes).unwrap_or(usize::MAX));
            }
            1 => {
                let size = r.u8().unwrap_or_default();
                let bytes = vec![0; usize::from(size) << 8];
                let there = seen.get_mut(&channel);
                let fits = all.data(channel, size & 1 == 0, &bytes);
                if let Some(one) = there
                    && fits
                {
                    let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    one.room = one.room.checked_sub(bytes).expect("more than there was room for");
                }
            }
            2 => all.answer(channel, what & 64 == 0),
            3 => all.end(channel, &Exit::Status(u32::from(what))),
            4 => all.end(channel, &Exit::Signal("KILL", true)),
            5 => all.alive(),
            _ => {
                // The message itself: of any length up to 64 KiB, with a number that fits more often.
                let length = usize::from(u16::from_be_bytes([
                    r.u8().unwrap_or_default(),
                    r.u8().unwrap_or_default(),
                ]));
                let body = r.bytes(length.min(r.rest().len())).unwrap_or_default();
                let message = [&[msg::GLOBAL_REQUEST + (what & 31)], body].concat();
                let ended = all.message(&message).is_err();
                if ended {
                    return;
                }
            }
        }
        while let Some(event) = all.next_event() {
            match event {
                ConnectionEvent::Opened {
                    channel, window, ..
                } => {
                    let fresh = Seen {
                        room: u64::from(window),
                        ..Seen::default()
                    };
                    assert!(seen.insert(channel, fresh).is_none(), "opened twice");
                    assert!(seen.len() <= 2 * MOST, "too many channels");
                }
                ConnectionEvent::Data { channel, bytes } => {
                    let one = seen.get_mut(&channel).expect("data of no channel");
                    one.held += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    assert!(one.held <= u64::from(WINDOW), "held beyond the window");
                }
                ConnectionEvent::Room { channel, more } => {
                    seen.get_mut(&channel).expect("room of no channel").room += u64::from(more);
                }
                ConnectionEvent::Closed(channel) => {
                    assert!(seen.remove(&channel).is_some(), "closed twice");
                }
                _ => {}
            }
        }
        while let Some(message) = all.next_output() {
            assert!(message.len() < 70_000, "{} bytes", message.len());
        }
    }
});
