//! How fast a connection is read: as its programs read, but never so that both sides wait.
//!
//! russh grants window as data arrives, so nothing but the stream itself holds a client back. While
//! programs have enough to read, the stream is not read. There are two ways out of the wait that this
//! would come to: a program that is waiting for its own output to go (the client's window for it comes
//! by the same stream), and one that reads nothing for a while (the client's other messages do). Then
//! what comes is kept ([`crate::backlog`]), up to a limit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// From so many bytes on that wait for programs, the stream is not read.
const ENOUGH: usize = 1 << 20;
/// Nor is it for any reason from so many bytes on.
const MOST: usize = 2 << 30;
/// A program that reads nothing for so long may go on doing so.
const PATIENCE: Duration = Duration::from_secs(2);

/// Of one connection, all its channels together.
#[derive(Default)]
pub(crate) struct Pace(Mutex<State>);

#[derive(Default)]
struct State {
    /// Bytes that wait.
    held: usize,
    /// Programs whose output does not go.
    stuck: usize,
    /// When a program read last.
    moved: Option<Instant>,
    /// Who reads the stream.
    reader: Option<Waker>,
}

impl Pace {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client sent so much.
    fn came(&self, bytes: usize) {
        let mut state = self.state();
        if state.held == 0 {
            state.moved = Some(Instant::now());
        }
        state.held = state.held.saturating_add(bytes);
    }

    /// A program read so much, or it is thrown away.
    fn went(&self, bytes: usize) {
        let mut state = self.state();
        state.held = state.held.saturating_sub(bytes);
        state.moved = Some(Instant::now());
        if state.held < ENOUGH
            && let Some(reader) = state.reader.take()
        {
            reader.wake();
        }
    }

    /// The output of a program does not go, or goes again.
    pub(crate) fn stuck(&self, stuck: bool) {
        let mut state = self.state();
        state.stuck = if stuck {
            state.stuck.saturating_add(1)
        } else {
            state.stuck.saturating_sub(1)
        };
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }

    /// Whether the stream may be read now. Who is told to wait asks again when woken, and after
    /// [`Pace::AGAIN`].
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        let idle = state.moved.is_none_or(|m| m.elapsed() > PATIENCE);
        let open = state.held < ENOUGH || (state.stuck > 0 || idle) && state.held < MOST;
        if open {
            return Poll::Ready(());
        }
        state.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    /// How long to wait at most before asking again.
    pub(crate) const AGAIN: Duration = Duration::from_millis(500);
}

/// What of a connection's waiting bytes is one program's; given back on drop.
pub(crate) struct Share {
    pace: Arc<Pace>,
    held: AtomicUsize,
}

impl Share {
    pub(crate) fn new(pace: Arc<Pace>) -> Share {
        Share {
            pace,
            held: AtomicUsize::new(0),
        }
    }

    pub(crate) fn came(&self, bytes: usize) {
        self.held.fetch_add(bytes, Ordering::AcqRel);
        self.pace.came(bytes);
    }

    pub(crate) fn went(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::AcqRel);
        self.pace.went(bytes);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.pace.went(self.held.load(Ordering::Acquire));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_waits_for_its_programs_but_not_when_they_wait_for_it() {
        let pace = Pace::default();
        let cx = Context::from_waker(Waker::noop());
        assert!(pace.poll(&cx).is_ready());
        pace.came(ENOUGH);
        assert!(pace.poll(&cx).is_pending());
        pace.stuck(true);
        assert!(pace.poll(&cx).is_ready());
        pace.stuck(false);
        assert!(pace.poll(&cx).is_pending());
        pace.went(1);
        assert!(pace.poll(&cx).is_ready());
        pace.came(MOST);
        pace.stuck(true);
        assert!(pace.poll(&cx).is_pending());
    }

    #[test]
    fn a_program_that_is_gone_holds_nothing_up() {
        let pace = Arc::new(Pace::default());
        let share = Share::new(pace.clone());
        let cx = Context::from_waker(Waker::noop());
        share.came(2 * ENOUGH);
        share.went(1);
        assert!(pace.poll(&cx).is_pending());
        drop(share);
        assert!(pace.poll(&cx).is_ready());
    }
}
