//! TrustedUserCAKeys, read by `sshkey_in_file`: lines of bare keys, and the first one that cannot be read ends it.

use crate::blob::{self, BlobError};
use crate::line::{Dead, DeadWhy, Line, LineKind};
use crate::rules::Rules;

/// One line of such a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaLine {
    /// Blank or comment.
    Skipped,
    /// A key.
    Key(alloc::vec::Vec<u8>),
    /// A key too short to be one; passed over (7.9 and later).
    TooShort {
        /// Bits of its modulus.
        bits: u32,
    },
    /// Not a bare key: the scan stops here, and no later line is looked at.
    Stops(CaStop),
}

/// Why the scan stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaStop {
    /// Options stand before the key (`cert-authority ssh-ed25519 …`).
    Options,
    /// A line that ends in CR and is blank otherwise.
    BlankWithCr,
    /// No key can be read.
    Dead(Dead),
}

impl CaLine {
    /// Read one line.
    pub fn read(bytes: &[u8], rules: &Rules) -> Self {
        let line = Line::read(bytes, rules);
        match line.kind {
            LineKind::Blank | LineKind::Comment => Self::Skipped,
            LineKind::Candidate(c) if c.options.is_none() => Self::Key(c.blob),
            LineKind::Candidate(_) => Self::Stops(CaStop::Options),
            LineKind::Dead(Dead {
                why: DeadWhy::Blob(BlobError::RsaTooShort { bits }),
                options: None,
                ..
            }) => Self::TooShort { bits },
            LineKind::Dead(_) if line.raw.trim_ascii().is_empty() => {
                Self::Stops(CaStop::BlankWithCr)
            }
            LineKind::Dead(d) => Self::Stops(CaStop::Dead(d)),
        }
    }
}

/// One line with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaEntry {
    /// Counted from 1.
    pub number: u64,
    /// What it is.
    pub line: CaLine,
}

/// A whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaFile {
    /// Every line, those after the stop included.
    pub lines: alloc::vec::Vec<CaEntry>,
    /// Number of the line that ends the scan, unless the wanted key stands before it.
    pub stops_at: Option<u64>,
}

impl CaFile {
    /// Read a whole file.
    pub fn read(text: &[u8], rules: &Rules) -> Self {
        let mut lines = alloc::vec::Vec::new();
        let mut stops_at = None;
        for (i, raw) in text.split_inclusive(|&b| b == b'\n').enumerate() {
            let number = (i as u64).saturating_add(1);
            let line = CaLine::read(raw, rules);
            if matches!(line, CaLine::Stops(_)) && stops_at.is_none() {
                stops_at = Some(number);
            }
            lines.push(CaEntry { number, line });
        }
        Self { lines, stops_at }
    }

    /// The line with this key, whether sshd gets to it or not: compare with `stops_at`.
    pub fn find(&self, key: &[u8]) -> Option<u64> {
        self.lines
            .iter()
            .find(|e| matches!(&e.line, CaLine::Key(k) if blob::same_key(k, key)))
            .map(|e| e.number)
    }

    /// True when sshd finds the key: it stands before the line that stops the scan.
    pub fn trusts(&self, key: &[u8]) -> bool {
        self.find(key)
            .is_some_and(|n| self.stops_at.is_none_or(|stop| n < stop))
    }
}
