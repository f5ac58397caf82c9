//! What became of a key that should be in a file and is not found there.
//!
//! Nothing here is a guess dressed up as a fact: `proven` says that the wanted blob itself was found in or restored
//! from the text.

mod block;
mod diagnose;
mod joined;
mod kind;
mod partial;
mod prefix;
mod single;
mod text;
mod wanted;
mod whole;

pub use diagnose::{diagnose_line, option_damage};
pub use kind::DamageKind;
pub use single::on_line;
pub use wanted::Wanted;

use crate::blob;
use crate::line::Line;
use crate::rules::Rules;
use crate::span::Span;
use alloc::vec::Vec;
use sshwhy_keys::{base64, fingerprint};

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What happened.
    pub kind: DamageKind,
    /// Number of the line it begins on, counted from 1.
    pub line: u64,
    /// Number of the last line it covers.
    pub last_line: u64,
    /// Column in bytes, counted from 1, of the first byte of `span`.
    pub column: usize,
    /// The bytes of the first line that show it.
    pub span: Span,
    /// The line as it should be, every option kept. `None` when that would be a guess. May hold a newline where
    /// two lines had run into one.
    pub repaired: Option<Vec<u8>>,
    /// The wanted blob was found whole, or the repaired line decodes to it from the text alone.
    pub proven: bool,
    /// Closeness to the wanted key, 0 to 1000. Without a wanted key 0.
    pub score: u32,
    /// Offsets in the base64 text where characters differ, for [`DamageKind::Damaged`].
    pub positions: Vec<usize>,
    /// The key that stands there instead, as a blob.
    pub other_blob: Option<Vec<u8>>,
    /// What sshd says of the options, where it comes to read them.
    pub reason: Option<&'static str>,
    /// The key type that belongs there, where the line alone tells.
    pub expected: Option<&'static str>,
}

impl Damage {
    pub(crate) const fn new(kind: DamageKind, span: Span) -> Self {
        Self {
            kind,
            line: 1,
            last_line: 1,
            column: span.start + 1,
            span,
            repaired: None,
            proven: false,
            score: 0,
            positions: Vec::new(),
            other_blob: None,
            reason: None,
            expected: None,
        }
    }

    pub(crate) const fn expecting(mut self, name: &'static str) -> Self {
        self.expected = Some(name);
        self
    }

    pub(crate) fn proven(mut self, repaired: Option<Vec<u8>>) -> Self {
        self.repaired = repaired;
        self.proven = true;
        self.score = 1000;
        self
    }

    pub(crate) const fn at(mut self, line: u64, lines: u64) -> Self {
        self.line = line;
        self.last_line = line.saturating_add(lines.saturating_sub(1));
        self
    }

    /// `SHA256:…` of the key that stands there instead.
    pub fn other_fingerprint(&self) -> Option<alloc::string::String> {
        self.other_blob.as_deref().map(fingerprint::sha256)
    }
}

/// What a whole file says about one key.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Findings {
    /// Damage, closest first.
    pub damage: Vec<Damage>,
    /// Numbers of lines on which sshd finds the key: nothing happened to those.
    pub intact: Vec<u64>,
    /// Numbers of lines with another key and the wanted key's comment.
    pub same_comment: Vec<u64>,
}

/// True for base64 text that begins as the blob of a key type does: what stands there is a public key.
pub fn begins_as_public_key(text: &[u8]) -> bool {
    // The longest name of a type, with its length.
    const LONGEST: usize = 60;
    let len = text.len().min(LONGEST) / 4 * 4;
    base64::decode(text.get(..len).unwrap_or(&[]))
        .is_ok_and(|head| blob::inner_label(&head).is_some())
}

/// What is wrong with the lines of a file whoever's they are, in their order. The lines that make one broken key, and
/// those of a key block of another format, are one finding. `on` says whether to go on.
pub fn survey(file: &[u8], rules: &Rules, mut on: impl FnMut(Damage) -> bool) {
    if whole::is_utf16(file) {
        on(Damage::new(DamageKind::Utf16, Span::new(0, 2)));
        return;
    }
    let lines: Vec<&[u8]> = file.split(|&b| b == b'\n').collect();
    let mut i = 0;
    while let Some(&raw) = lines.get(i) {
        let rest = lines.get(i..).unwrap_or(&[]);
        let found = match block::read(rest) {
            Some(block) => Some((block.damage, block.used.max(1))),
            None => diagnose_line(&Line::read(raw, rules)).map(|damage| match damage.kind {
                DamageKind::Truncated | DamageKind::TypeAlone | DamageKind::Damaged => {
                    joined::any_key(rest, rules).unwrap_or((damage, 1))
                }
                _ => (damage, 1),
            }),
        };
        let (damage, used) = match found {
            Some((damage, used)) => (Some(damage), used),
            None => (None, 1),
        };
        let number = (i as u64).saturating_add(1);
        if let Some(damage) = damage
            && !on(damage.at(number, used as u64))
        {
            return;
        }
        i += used;
    }
}

/// Look through a whole file for what became of the wanted key.
pub fn find(file: &[u8], wanted: &Wanted<'_>, rules: &Rules) -> Findings {
    let mut out = Findings::default();
    if let Some(d) = whole::utf16(file, wanted, rules) {
        out.damage.push(d);
        return out;
    }
    let lines: Vec<&[u8]> = file.split(|&b| b == b'\n').collect();
    let mut i = 0;
    while let Some(&raw) = lines.get(i) {
        let number = (i as u64).saturating_add(1);
        let rest = lines.get(i..).unwrap_or(&[]);
        if let Some((d, used)) = block::examine(rest, wanted) {
            out.damage.push(d.at(number, used as u64));
            i += used.max(1);
            continue;
        }
        let line = Line::read(raw, rules);
        match single::examine(&line, wanted, rules) {
            single::Outcome::Intact => out.intact.push(number),
            single::Outcome::Damage(d) => out.damage.push(d.at(number, 1)),
            single::Outcome::Nothing => {
                if let Some((d, used)) = joined::examine(rest, wanted, rules) {
                    out.damage.push(d.at(number, used as u64));
                    i += used.max(1);
                    continue;
                }
                if let Some(d) = partial::examine(&line, wanted) {
                    out.damage.push(d.at(number, 1));
                } else if let (Some(c), Some(comment)) = (line.candidate(), wanted.comment)
                    && !comment.is_empty()
                    && c.comment.of(line.text()).trim_ascii() == comment.trim_ascii()
                {
                    out.same_comment.push(number);
                }
            }
        }
        i += 1;
    }
    out.damage.sort_by_key(|d| core::cmp::Reverse(d.score));
    out
}
