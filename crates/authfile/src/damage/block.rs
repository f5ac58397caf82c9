//! Key blocks of other formats pasted into the file: RFC 4716, PEM, private keys, PPK.

use super::diagnose::marker;
use super::{Damage, DamageKind as K, Wanted};
use crate::span::Span;
use alloc::vec::Vec;
use memchr::memmem;
use sshwhy_keys::base64;

/// Most lines of one block.
const MAX_LINES: usize = 400;

/// A block of another format.
pub(super) struct Block {
    /// Which, with its first line as the span.
    pub(super) damage: Damage,
    /// How many lines it takes.
    pub(super) used: usize,
    encoded: Vec<u8>,
}

/// The block that begins with the first of these lines.
pub(super) fn read(lines: &[&[u8]]) -> Option<Block> {
    let (&first, rest) = lines.split_first()?;
    let begin = first.trim_ascii_start();
    let kind = marker(begin)?;
    if !begin.starts_with(b"PuTTY")
        && memmem::find(begin, b" BEGIN ").is_none()
        && !begin.starts_with(b"-----BEGIN")
    {
        return None;
    }
    let body = || rest.iter().take(MAX_LINES).map(|l| l.trim_ascii());
    let (used, encoded) = match kind {
        K::Ppk => ppk(body()),
        K::Rfc4716 | K::Pem | K::PrivateKey => dashed(body()),
        _ => return None,
    };
    let span = Span::new(0, first.trim_ascii_end().len());
    Some(Block {
        damage: Damage::new(kind, span),
        used,
        encoded,
    })
}

/// What a block has to do with the wanted key, and how many lines it takes.
pub(super) fn examine(lines: &[&[u8]], wanted: &Wanted<'_>) -> Option<(Damage, usize)> {
    let Block {
        damage: mut d,
        used,
        encoded,
    } = read(lines)?;
    let kind = d.kind;
    let blob = base64::decode(&encoded).unwrap_or_default();
    let here = match kind {
        // The public half lies in both as it is on the wire.
        K::Rfc4716 | K::Ppk => blob == wanted.blob,
        // Numbers in DER, or the blob inside an OpenSSH private key.
        _ => {
            let essence = wanted.essence();
            essence.len() >= 32 && memmem::find(&blob, essence).is_some()
        }
    };
    if here {
        d = d.proven(Some(wanted.line(b"", wanted.comment.unwrap_or(b""))));
    } else {
        d.score = if blob.is_empty() { 20 } else { 5 };
        d.other_blob = (matches!(kind, K::Rfc4716 | K::Ppk) && !blob.is_empty()).then_some(blob);
    }
    Some((d, used))
}

/// Base64 between the first line and one that begins with dashes; headers (with `:`) and their continuation
/// lines left out.
fn dashed<'a>(lines: impl Iterator<Item = &'a [u8]>) -> (usize, Vec<u8>) {
    let mut encoded = Vec::new();
    let mut used = 1;
    let mut continued = false;
    for line in lines {
        used += 1;
        if line.starts_with(b"----") {
            return (used, encoded);
        }
        if continued || line.contains(&b':') {
            continued = line.ends_with(b"\\");
            continue;
        }
        encoded.extend_from_slice(line);
    }
    (used, encoded)
}

/// The `Public-Lines` of a PPK; the block ends with its MAC.
fn ppk<'a>(lines: impl Iterator<Item = &'a [u8]>) -> (usize, Vec<u8>) {
    let mut encoded = Vec::new();
    let mut used = 1;
    let mut public = 0usize;
    for line in lines {
        used += 1;
        if public > 0 {
            encoded.extend_from_slice(line);
            public -= 1;
        } else if let Some(n) = line.strip_prefix(b"Public-Lines:") {
            public = core::str::from_utf8(n.trim_ascii())
                .ok()
                .and_then(|n| n.parse().ok())
                .unwrap_or(0)
                .min(MAX_LINES);
        } else if line.starts_with(b"Private-MAC:") || line.starts_with(b"Private-Hash:") {
            return (used, encoded);
        }
    }
    (used, encoded)
}
