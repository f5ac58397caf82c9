//! The stream under a connection: until the login it has a clock and a byte count, behind it it is read
//! at the pace of its programs, and the count of connections goes down when it is dropped.

use crate::limits::Place;
use crate::pace::Pace;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Most bytes that a peer may send before it has logged in: key exchange, and a few hundred keys
/// and signatures.
const BYTES_BEFORE_LOGIN: u64 = 1 << 20;

/// A stream that ends by itself when nobody logs in.
pub(crate) struct Gate<S> {
    stream: S,
    /// Set by whoever accepts the login.
    open: Arc<AtomicBool>,
    grace: Pin<Box<Sleep>>,
    left: u64,
    pace: Arc<Pace>,
    /// Set while the stream is not read.
    again: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl<S> Gate<S> {
    pub(crate) fn new(
        stream: S,
        open: Arc<AtomicBool>,
        grace: Duration,
        pace: Arc<Pace>,
        place: Place,
    ) -> Self {
        Gate {
            stream,
            open,
            grace: Box::pin(tokio::time::sleep(grace)),
            left: BYTES_BEFORE_LOGIN,
            pace,
            again: None,
            _place: place,
        }
    }

    /// Waits for the programs of the connection.
    fn paced(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.pace.poll(cx).is_ready() {
                self.again = None;
                return Poll::Ready(());
            }
            let again = self
                .again
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(Pace::AGAIN)));
            if again.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.again = None;
        }
    }

    /// Whether the grace time is over without a login.
    fn late(&mut self, cx: &mut Context<'_>) -> bool {
        !self.open.load(Ordering::Acquire)
            && !self.grace.is_elapsed()
            && self.grace.as_mut().poll(cx).is_ready()
            || !self.open.load(Ordering::Acquire) && self.grace.is_elapsed()
    }
}

fn too_late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no login within the grace time")
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.late(cx) {
            return Poll::Ready(Err(too_late()));
        }
        if self.open.load(Ordering::Acquire) && self.paced(cx).is_pending() {
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let answer = Pin::new(&mut self.stream).poll_read(cx, buf);
        if answer.is_ready() && !self.open.load(Ordering::Acquire) {
            let read = buf.filled().len().saturating_sub(before);
            let read = u64::try_from(read).unwrap_or(u64::MAX);
            match self.left.checked_sub(read) {
                Some(left) => self.left = left,
                None => {
                    let why = "too much was sent before the login";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)));
                }
            }
        }
        answer
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.late(cx) {
            return Poll::Ready(Err(too_late()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.late(cx) {
            return Poll::Ready(Err(too_late()));
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
