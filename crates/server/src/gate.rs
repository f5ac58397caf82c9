//! The stream under a connection: until the login it has a clock and a byte count, and the count of
//! connections goes down when it is dropped.

use crate::limits::Place;
use std::io;
use std::pin::Pin;
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
    /// The login is over.
    open: bool,
    grace: Pin<Box<Sleep>>,
    left: u64,
    _place: Place,
}

impl<S> Gate<S> {
    pub(crate) fn new(stream: S, grace: Duration, place: Place) -> Self {
        Gate {
            stream,
            open: false,
            grace: Box::pin(tokio::time::sleep(grace)),
            left: BYTES_BEFORE_LOGIN,
            _place: place,
        }
    }

    /// Somebody has logged in.
    pub(crate) fn open(&mut self) {
        self.open = true;
    }

    /// Whether the grace time is over without a login.
    fn late(&mut self, cx: &mut Context<'_>) -> bool {
        !self.open && (self.grace.is_elapsed() || self.grace.as_mut().poll(cx).is_ready())
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
        let before = buf.filled().len();
        let answer = Pin::new(&mut self.stream).poll_read(cx, buf);
        if answer.is_ready() && !self.open {
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
