//! Log templates as patterns: which cause a line of sshd's log tells of.

use crate::Args;
use crate::template::{Piece, pieces};
use alloc::vec::Vec;

/// Matches the message part of a log line against a template and takes the facts out of it.
/// The match is anchored at both ends, but for what sshd itself adds: a `function: ` prefix and a
/// ` [preauth]` suffix. A fact matches as little as it can, and at least one byte, so that a user
/// name cannot pretend to be the words around it unless it holds all of them.
#[must_use]
pub fn matches(template: &'static str, line: &[u8]) -> Option<Args> {
    let line = line.strip_suffix(b" [preauth]").unwrap_or(line);
    let parts: Vec<Piece<'static>> = pieces(template).collect();
    if let Some(args) = walk(&parts, line) {
        return Some(args);
    }
    let colon = line.windows(2).position(|w| w == b": ")?;
    let function = &line[..colon];
    let is_name = !function.is_empty()
        && function
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_');
    if is_name {
        walk(&parts, &line[colon + 2..])
    } else {
        None
    }
}

fn walk(parts: &[Piece<'static>], mut rest: &[u8]) -> Option<Args> {
    let mut args = Args::new();
    let mut open: Option<&'static str> = None;
    for part in parts {
        match (part, open) {
            (Piece::Text(text), None) => rest = rest.strip_prefix(text.as_bytes())?,
            (Piece::Text(text), Some(name)) => {
                let text = text.as_bytes();
                let at = (1..rest.len()).find(|&i| rest[i..].starts_with(text))?;
                args.set(name, &rest[..at]);
                rest = &rest[at + text.len()..];
                open = None;
            }
            (Piece::Fact(name), None) => open = Some(name),
            (Piece::Fact(_), Some(_)) => return None,
        }
    }
    match open {
        Some(_) if rest.is_empty() => None,
        Some(name) => {
            args.set(name, rest);
            Some(args)
        }
        None => rest.is_empty().then_some(args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "Authentication refused: bad ownership or modes for directory {path}";

    #[test]
    fn a_template_is_anchored_and_yields_its_facts() {
        let args = matches(
            LINE,
            b"Authentication refused: bad ownership or modes for directory /home/a b",
        )
        .unwrap();
        assert_eq!(args.get("path"), Some(&b"/home/a b"[..]));
        assert!(matches(LINE, b"x Authentication refused: bad ownership").is_none());
    }

    #[test]
    fn a_function_prefix_and_the_preauth_suffix_are_sshds_own() {
        let t = "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms";
        let l = b"userauth_pubkey: signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms [preauth]";
        assert_eq!(
            matches(t, l).unwrap().get("algorithm"),
            Some(&b"ssh-rsa"[..])
        );
    }
}
