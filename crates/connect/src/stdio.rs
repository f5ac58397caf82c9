//! Standard input, output and error, each on a thread of its own: their descriptors are shared with
//! other programs and stay blocking.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Bytes read at once: what fits in one packet of most servers.
const PIECE: usize = 32 * 1024;
/// Pieces on their way.
const PIECES: usize = 16;

/// What comes from standard input, until its end.
pub(crate) fn input() -> io::Result<Receiver<Vec<u8>>> {
    let mut from = File::from(rustix::io::dup(rustix::stdio::stdin())?);
    let (sender, receiver) = channel(PIECES);
    std::thread::Builder::new()
        .name("stdin".into())
        .spawn(move || {
            let mut room = vec![0; PIECE];
            loop {
                match from.read(&mut room) {
                    Ok(0) => return,
                    Ok(n) => {
                        let piece = room.get(..n).unwrap_or_default().to_vec();
                        if sender.blocking_send(piece).is_err() {
                            return;
                        }
                    }
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => return,
                }
            }
        })?;
    Ok(receiver)
}

/// A way out, and the thread that writes.
pub(crate) struct Output<T> {
    sender: Option<Sender<T>>,
    writer: Option<JoinHandle<io::Result<()>>>,
}

impl<T: AsRef<[u8]> + Send + 'static> Output<T> {
    /// Writes to a copy of `fd`.
    pub(crate) fn to(fd: rustix::fd::BorrowedFd<'_>) -> io::Result<Self> {
        let fd: OwnedFd = rustix::io::dup(fd)?;
        let mut file = File::from(fd);
        let (sender, mut receiver) = channel::<T>(PIECES);
        let writer = std::thread::Builder::new()
            .name("output".into())
            .spawn(move || {
                while let Some(piece) = receiver.blocking_recv() {
                    file.write_all(piece.as_ref())?;
                }
                Ok(())
            })?;
        Ok(Output {
            sender: Some(sender),
            writer: Some(writer),
        })
    }

    /// False: it cannot be written any more.
    pub(crate) async fn write(&self, piece: T) -> bool {
        match &self.sender {
            Some(sender) => sender.send(piece).await.is_ok(),
            None => false,
        }
    }

    /// Waits until all is written.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.sender = None;
        match self.writer.take().map(JoinHandle::join) {
            Some(Ok(done)) => done,
            _ => Ok(()),
        }
    }
}
