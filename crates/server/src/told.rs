//! What a peer is told. **Every word that an explaining server sends about a decision comes from
//! [`told`]**; nothing else in this crate may put a finding on the wire.
//!
//! The peer has proven that it holds a key. It is told about that key under the name it gave, and
//! nothing besides: no path, no pattern, no other key, no other account, and not whether the name
//! exists. Whatever is not about the proven key is one and the same text.

use sshwhy_causes::{Finding, Stage};
use sshwhy_keys::base64;
use sshwhy_verdict::{Judgement, Verdict};

/// Bits of a key's own random part that a damaged line must still show before its holder hears of
/// it.
pub const BITS_OF_PROOF: usize = 128;

/// Most lines that a wrapped key is read over.
const MOST_LINES: u64 = 16;

/// Shortest run of equal characters that counts: shorter ones agree by chance.
const SHORTEST_RUN: usize = 8;

/// What the holder of a proven key is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// sshd would let this key in.
    Accepted,
    /// The text for everything that is not about the proven key.
    NotAccepted,
    /// Its line has expired.
    Expired,
    /// Its line does not allow this address.
    From,
    /// The options on its line are none that the server reads.
    Options,
    /// It is revoked.
    Revoked,
    /// Its type or signature algorithm is not accepted here, and it is listed.
    Algorithm,
    /// Its line is damaged, and enough of the key is left to know it by.
    Damaged,
}

impl Told {
    const ALL: [Told; 8] = [
        Told::Accepted,
        Told::NotAccepted,
        Told::Expired,
        Told::From,
        Told::Options,
        Told::Revoked,
        Told::Algorithm,
        Told::Damaged,
    ];

    /// Its number between two processes.
    pub(crate) fn number(self) -> u8 {
        let at = Told::ALL.iter().position(|t| *t == self);
        at.and_then(|n| u8::try_from(n).ok()).unwrap_or(u8::MAX)
    }

    pub(crate) fn by_number(number: u8) -> Option<Told> {
        Told::ALL.get(usize::from(number)).copied()
    }

    /// The sentence. It names neither the user nor the key: who sends it does, the same for all.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Told::Accepted => "accepted: sshd would let this key in",
            Told::NotAccepted => "not accepted for this name",
            Told::Expired => "listed for this name, but its line has expired",
            Told::From => "listed for this name, but not from your address",
            Told::Options => {
                "listed for this name, but the server cannot read the options before it"
            }
            Told::Revoked => "listed for this name, but revoked",
            Told::Algorithm => {
                "listed for this name, but this server does not accept its type or signature algorithm"
            }
            Told::Damaged => "a line for this name holds this key, but damaged",
        }
    }
}

/// Reads one line (from 1) of a file.
pub type LineOf<'a> = &'a mut dyn FnMut(&[u8], u64) -> Option<Vec<u8>>;

/// Decides what the holder of `blob` is told about `judgement`.
///
/// `line_of` reads the line that a piece of evidence names, as it stands in the file; it is asked
/// for damaged lines alone.
#[must_use]
pub fn told(judgement: &Judgement, blob: &[u8], line_of: LineOf<'_>) -> Told {
    match judgement.verdict {
        Verdict::Accept => return Told::Accepted,
        // What the operator lacks is no business of the peer's.
        Verdict::Undetermined => return Told::NotAccepted,
        Verdict::Refuse => {}
    }
    let Some(first) = judgement.first() else {
        return Told::NotAccepted;
    };
    if let Some(own) = of_its_own_line(first.cause.id) {
        // The server found this very key on a line.
        return own;
    }
    let behind = &judgement.causes;
    match first.cause.stage {
        // These stand before the search for the key: only a key that is listed behind them is
        // told, or an unknown name would answer otherwise than a known one.
        Stage::Revocation if first.cause.id == "key-revoked" && listed_behind(behind) => {
            Told::Revoked
        }
        Stage::Algorithm if listed_behind(behind) => Told::Algorithm,
        Stage::AuthorizedKeys if is_damage(first.cause.id) && shows(first, blob, line_of) => {
            Told::Damaged
        }
        _ => Told::NotAccepted,
    }
}

/// Causes that are found on a line which holds exactly the proven key.
fn of_its_own_line(id: &str) -> Option<Told> {
    Some(match id {
        "key-expired" => Told::Expired,
        "from-mismatch" | "from-invalid" | "from-only-negated" | "from-space-after-comma" => {
            Told::From
        }
        "key-option-bad-value"
        | "key-option-duplicate"
        | "key-option-principals-on-plain"
        | "key-option-unknown" => Told::Options,
        _ => return None,
    })
}

/// Causes that are found on a line which holds something like the proven key.
fn is_damage(id: &str) -> bool {
    id.starts_with("key-line-")
        || id.starts_with("key-lines-")
        || id.starts_with("key-type-")
        || matches!(
            id,
            "key-option-no-space-before-key"
                | "key-option-space-in-list"
                | "key-option-unquoted"
                | "key-option-unterminated-quote"
        )
}

/// Whether mending what is in the way was seen to lead to acceptance or to a line of this key.
fn listed_behind(causes: &[Finding]) -> bool {
    let Some((last, before)) = causes.split_last() else {
        return false;
    };
    let tellable = |f: &Finding| {
        matches!(f.cause.stage, Stage::Revocation | Stage::Algorithm)
            || of_its_own_line(f.cause.id).is_some()
    };
    // With no mend known the walk ended there, and what is behind was not looked at.
    let proven = !last.mend.is_empty() || of_its_own_line(last.cause.id).is_some();
    proven && tellable(last) && before.iter().all(tellable)
}

/// Whether the line that the finding points at, with those a wrap put behind it, holds enough of
/// the key.
fn shows(finding: &Finding, blob: &[u8], line_of: LineOf<'_>) -> bool {
    let letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    finding.evidence.iter().any(|e| {
        let (Some(path), Some(line)) = (&e.path, e.line) else {
            return false;
        };
        let Some(mut text) = line_of(path, line) else {
            return false;
        };
        for after in 1..MOST_LINES {
            if holds_enough(&text, blob) {
                return true;
            }
            // What follows a wrap begins with the rest of the key.
            let next = line_of(path, line.saturating_add(after)).unwrap_or_default();
            let rest = next.trim_ascii_start();
            let word = rest.iter().take_while(|b| letter(b)).count();
            if word < SHORTEST_RUN {
                return false;
            }
            text.truncate(text.trim_ascii_end().len());
            text.extend_from_slice(rest.get(..word).unwrap_or_default());
        }
        false
    })
}

/// Whether `text` shows at least [`BITS_OF_PROOF`] bits of the random part of the key `blob`, three
/// quarters of it for RSA, in base64, at one alignment. Comment, key type, prefix and length count for nothing.
#[must_use]
pub fn holds_enough(text: &[u8], blob: &[u8]) -> bool {
    let Some((random, enough)) = random_part(blob) else {
        return false;
    };
    let enough = enough.div_ceil(6);
    let key = base64::encode_unpadded(blob).into_bytes();
    // Characters that hold bits of the random part alone.
    let from = (random.start * 8).div_ceil(6);
    let to = random.end * 8 / 6;
    let Some(key) = key.get(from..to) else {
        return false;
    };
    // A character lost or doubled shifts the rest: the best of all alignments counts.
    let most = text.len().min(1 << 16);
    let text = text.get(..most).unwrap_or(text);
    let shifts = (0..text.len())
        .map(|s| (s, 0))
        .chain((1..key.len()).map(|s| (0, s)));
    for (text_from, key_from) in shifts {
        let pairs = text.iter().skip(text_from).zip(key.iter().skip(key_from));
        let (mut run, mut sum) = (0usize, 0usize);
        for (a, b) in pairs {
            if a == b {
                run += 1;
                if run == SHORTEST_RUN {
                    sum += SHORTEST_RUN;
                } else if run > SHORTEST_RUN {
                    sum += 1;
                }
                if sum >= enough {
                    return true;
                }
            } else {
                run = 0;
            }
        }
    }
    false
}

/// The bytes of a plain key's blob that its owner did not choose and nobody can guess: the point,
/// the modulus (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4); and how many bits of them prove that a
/// text shows this very key. `None` for other blobs.
///
/// A modulus needs more than [`BITS_OF_PROOF`]: up to two thirds of one can be chosen beforehand
/// (Joye, "RSA moduli with a predetermined portion", 2008), so that whoever knows a public key can
/// make a pair of their own which shares half of it.
fn random_part(blob: &[u8]) -> Option<(core::ops::Range<usize>, usize)> {
    let (kind, at) = string(blob, 0)?;
    let kind = blob.get(kind)?;
    let (before, skip) = match kind {
        b"ssh-ed25519" | b"sk-ssh-ed25519@openssh.com" => (0, 0),
        // The exponent stands before the modulus, the curve before the point; the point begins
        // with a byte that says how it is written, the modulus with a zero.
        b"ssh-rsa" => (1, 2),
        b"ecdsa-sha2-nistp256"
        | b"ecdsa-sha2-nistp384"
        | b"ecdsa-sha2-nistp521"
        | b"sk-ecdsa-sha2-nistp256@openssh.com" => (1, 1),
        _ => return None,
    };
    let mut at = at;
    for _ in 0..before {
        at = string(blob, at)?.1;
    }
    let (place, _) = string(blob, at)?;
    let start = place.start.checked_add(skip)?;
    let bits = place.end.checked_sub(start)?.checked_mul(8)?;
    let enough = match kind {
        b"ssh-rsa" => BITS_OF_PROOF.max(bits / 4 * 3),
        _ => BITS_OF_PROOF,
    };
    (bits > 0).then_some((start..place.end, enough))
}

/// The place of the SSH string at `at`, and where the next one begins (RFC 4251 §5).
fn string(blob: &[u8], at: usize) -> Option<(core::ops::Range<usize>, usize)> {
    let head: [u8; 4] = blob.get(at..at.checked_add(4)?)?.try_into().ok()?;
    let start = at.checked_add(4)?;
    let end = start.checked_add(usize::try_from(u32::from_be_bytes(head)).ok()?)?;
    (end <= blob.len()).then_some((start..end, end))
}

#[cfg(test)]
mod tests;
