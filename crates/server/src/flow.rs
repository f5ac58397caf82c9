//! How much is on the way in a channel: what the client takes of a program's output, and what it has
//! sent that the program has not read.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What the client still takes of a channel's output.
pub(crate) struct Room {
    bytes: Mutex<u32>,
    more: Notify,
    /// In one message.
    most: usize,
}

impl Room {
    pub(crate) fn new(window: u32, most: u32) -> Room {
        Room {
            bytes: Mutex::new(window),
            more: Notify::new(),
            most: usize::try_from(most).unwrap_or(usize::MAX),
        }
    }

    fn bytes(&self) -> MutexGuard<'_, u32> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client takes so many more.
    pub(crate) fn add(&self, more: u32) {
        {
            let mut bytes = self.bytes();
            *bytes = bytes.saturating_add(more);
        }
        self.more.notify_waiters();
    }

    /// Takes room for one message of at most so many bytes, as soon as there is any.
    pub(crate) async fn take(&self, wanted: usize) -> usize {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            // From here on no call of `add` is missed.
            more.as_mut().enable();
            {
                let mut bytes = self.bytes();
                let there = usize::try_from(*bytes).unwrap_or(usize::MAX);
                let taken = wanted.min(self.most).min(there);
                if taken > 0 {
                    *bytes -= u32::try_from(taken).unwrap_or(*bytes);
                    return taken;
                }
            }
            more.await;
        }
    }
}

/// What a client has sent and its program has not read: no more than the channel's window, in however
/// many pieces it came.
#[derive(Default)]
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    more: Notify,
}

/// Most bytes of it that are given to the program before window is granted for them.
const SERVING: usize = 64 * 1024;

#[derive(Default)]
struct Waiting {
    bytes: VecDeque<u8>,
    /// No more will come.
    ended: bool,
    /// Nobody will take any.
    deaf: bool,
}

impl Inbox {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `false`: nobody will take them.
    pub(crate) fn push(&self, bytes: &[u8]) -> bool {
        {
            let mut waiting = self.waiting();
            if waiting.deaf {
                return false;
            }
            waiting.bytes.extend(bytes);
        }
        self.more.notify_one();
        true
    }

    pub(crate) fn end(&self) {
        self.waiting().ended = true;
        self.more.notify_one();
    }

    /// From now on nobody takes anything; gives back how much was waiting.
    pub(crate) fn deafen(&self) -> usize {
        let mut waiting = self.waiting();
        waiting.deaf = true;
        std::mem::take(&mut waiting.bytes).len()
    }

    /// The oldest of what waits, as soon as there is any; `None` at the end.
    pub(crate) async fn next(&self) -> Option<Vec<u8>> {
        loop {
            {
                let mut waiting = self.waiting();
                let (oldest, _) = waiting.bytes.as_slices();
                let piece = oldest.get(..SERVING).unwrap_or(oldest).to_vec();
                if !piece.is_empty() {
                    waiting.bytes.drain(..piece.len());
                    return Some(piece);
                }
                if waiting.ended {
                    return None;
                }
            }
            self.more.notified().await;
        }
    }
}
