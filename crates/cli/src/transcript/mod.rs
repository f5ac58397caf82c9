//! Pasted transcripts of clients: `ssh -v` and PuTTY's event log.
//!
//! Each connection in the text becomes one result: the step at which it stopped, what the text
//! proves, and what is left as possible.

mod attempt;
pub(crate) mod judge;
mod words;

use attempt::Attempt;
use sshwhy_report::Entry;
use words::{Index, bare};

/// Most connections of one text that are told apart.
const MAX: usize = 1_000;

/// Reads a text line by line, and holds what its connections came to.
pub(crate) struct Transcripts<'s> {
    index: Index,
    source: &'s [u8],
    attempts: Vec<Attempt>,
}

impl<'s> Transcripts<'s> {
    pub(crate) fn new(source: &'s [u8]) -> Self {
        Transcripts {
            index: Index::new(),
            source,
            attempts: Vec::new(),
        }
    }

    /// Takes a line in; `true`: it is a client's.
    pub(crate) fn line(&mut self, n: u64, raw: &[u8]) -> bool {
        let text = bare(raw);
        let Some((word, args)) = self.index.word(text) else {
            return false;
        };
        if self.attempts.last().is_none_or(|a| a.ends_before(word)) {
            if self.attempts.len() >= MAX {
                return true;
            }
            self.attempts.push(Attempt::default());
        }
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.hear(word, &args, n, text);
        }
        true
    }

    /// The last line that was a client's stands in the transcript of one that named itself.
    pub(crate) fn speak(&self) -> bool {
        self.attempts.last().is_some_and(|a| a.family.is_some())
    }

    /// Some line is a client's own, which no server logs.
    pub(crate) fn any(&self) -> bool {
        self.attempts.iter().any(Attempt::is_of_a_client)
    }

    /// One entry for each connection that says anything.
    pub(crate) fn finish(self) -> Vec<Entry> {
        let source = self.source;
        self.attempts
            .into_iter()
            .filter(Attempt::is_of_a_client)
            .map(|a| judge::entry(a, source))
            .collect()
    }
}

#[cfg(test)]
mod tests;
