//! What a client has sent and its program has not read yet.
//!
//! russh (0.65) grants window as data arrives and serves a connection in one loop: were the reader to
//! wait for the program while the program waits for the loop to take its output, neither would go on
//! (`ssh host cat`, with more than fits into every buffer on the way). So what comes is taken at once:
//! a little is kept in memory, and the rest in a file that has no name.

use bytes::Bytes;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Most bytes that wait in memory.
const IN_MEMORY: usize = 4 << 20;
/// Bytes read from the file at a time.
const PIECE: usize = 256 << 10;

/// First in, first out.
#[derive(Default)]
pub(crate) struct Backlog {
    /// The oldest.
    front: VecDeque<Bytes>,
    held: usize,
    /// What came later.
    spill: Option<Spill>,
}

struct Spill {
    file: File,
    read: u64,
    written: u64,
}

impl Backlog {
    /// Takes what came last.
    ///
    /// # Errors
    /// The file cannot be made or written: what was given is lost.
    pub(crate) fn push(&mut self, data: Bytes) -> io::Result<()> {
        if self.spill.is_none() && self.held + data.len() <= IN_MEMORY {
            self.held += data.len();
            self.front.push_back(data);
            return Ok(());
        }
        let spill = match &mut self.spill {
            Some(spill) => spill,
            None => self.spill.insert(Spill {
                file: tempfile::tempfile()?,
                read: 0,
                written: 0,
            }),
        };
        spill.file.write_all_at(&data, spill.written)?;
        spill.written += u64::try_from(data.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// The oldest bytes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn pop(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(data) = self.front.pop_front() {
            self.held -= data.len();
            return Ok(Some(data));
        }
        let Some(spill) = &mut self.spill else {
            return Ok(None);
        };
        let left = usize::try_from(spill.written - spill.read).unwrap_or(usize::MAX);
        let mut piece = vec![0u8; left.min(PIECE)];
        spill.file.read_exact_at(&mut piece, spill.read)?;
        spill.read += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if spill.read == spill.written {
            // The file goes with its last handle.
            self.spill = None;
        }
        Ok(Some(piece.into()))
    }

    /// Forgets all of it, and says how many bytes that were.
    pub(crate) fn clear(&mut self) -> usize {
        let spilled = self.spill.as_ref().map_or(0, |s| s.written - s.read);
        let held = self.held + usize::try_from(spilled).unwrap_or(usize::MAX);
        *self = Backlog::default();
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order_however_much_waits() {
        let mut backlog = Backlog::default();
        let (mut sent, mut got) = (0u32, 0u32);
        let mut give = |backlog: &mut Backlog, words: u32| {
            let bytes: Vec<u8> = (sent..sent + words).flat_map(u32::to_be_bytes).collect();
            sent += words;
            backlog.push(bytes.into()).unwrap();
        };
        let mut take = |backlog: &mut Backlog| -> bool {
            let Some(data) = backlog.pop().unwrap() else {
                return false;
            };
            for word in data.chunks_exact(4) {
                assert_eq!(word, got.to_be_bytes());
                got += 1;
            }
            true
        };
        // Little, then more than memory takes, then both at once.
        for round in 0..40 {
            give(&mut backlog, 1000);
            if round % 3 == 0 {
                assert!(take(&mut backlog));
            }
        }
        while take(&mut backlog) {}
        for _ in 0..600 {
            give(&mut backlog, 8192);
        }
        assert!(backlog.held <= IN_MEMORY && backlog.spill.is_some());
        for _ in 0..100 {
            give(&mut backlog, 8192);
            assert!(take(&mut backlog));
        }
        while take(&mut backlog) {}
        assert!(backlog.spill.is_none());
        assert_eq!(got, sent);
    }
}
