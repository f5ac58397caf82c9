//! Words with facts in them: `{name}` stands for the fact of that name.
//!
//! `{{` and `}}` are braces. In a command every fact is quoted for POSIX sh; in a sentence it
//! comes out as the bytes it is, and whoever prints it escapes it for the terminal.

use crate::Args;
use alloc::vec::Vec;

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text as it stands.
    Text(&'t str),
    /// A fact's name.
    Fact(&'t str),
}

/// Takes a template apart.
pub fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let at = rest.find(['{', '}']).unwrap_or(rest.len());
        if at > 0 {
            let (text, after) = rest.split_at(at);
            rest = after;
            return Some(Piece::Text(text));
        }
        if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            let brace = &rest[..1];
            rest = after;
            return Some(Piece::Text(brace));
        }
        if let Some((name, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            rest = after;
            return Some(Piece::Fact(name));
        }
        let (text, after) = rest.split_at(1);
        rest = after;
        Some(Piece::Text(text))
    })
}

/// Fills a sentence. `None`: it names a fact that is not there.
#[must_use]
pub fn sentence(template: &str, args: &Args) -> Option<Vec<u8>> {
    fill(template, args, |out, fact| {
        out.extend_from_slice(fact);
        Some(())
    })
}

/// Fills a command; each fact is one word. `None`: a fact is not there, or holds a control
/// character, so that no command can be given.
#[must_use]
pub fn command(template: &str, args: &Args) -> Option<Vec<u8>> {
    fill(template, args, |out, fact| {
        out.extend_from_slice(&quote(fact)?);
        Some(())
    })
}

fn fill(
    template: &str,
    args: &Args,
    mut put: impl FnMut(&mut Vec<u8>, &[u8]) -> Option<()>,
) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(template.len() + 32);
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
            Piece::Fact(name) => put(&mut out, args.get(name)?)?,
        }
    }
    Some(out)
}

/// Quotes a word for POSIX sh where it needs it. `None`: it holds a control character.
#[must_use]
pub fn quote(word: &[u8]) -> Option<Vec<u8>> {
    if word.iter().any(|b| b.is_ascii_control()) {
        return None;
    }
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_./@%+=:,-".contains(b);
    if !word.is_empty() && word.iter().all(plain) {
        return Some(word.to_vec());
    }
    let mut out = Vec::with_capacity(word.len() + 2);
    out.push(b'\'');
    for &b in word {
        if b == b'\'' {
            out.extend_from_slice(b"'\\''");
        } else {
            out.push(b);
        }
    }
    out.push(b'\'');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_quoted_in_commands_only() {
        let mut args = Args::new();
        args.set("path", &b"/home/o'neil"[..]);
        assert_eq!(sentence("see {path}", &args).unwrap(), b"see /home/o'neil");
        assert_eq!(
            command("ls -- {path}", &args).unwrap(),
            b"ls -- '/home/o'\\''neil'"
        );
        assert!(sentence("{user}", &args).is_none());
        args.set("path", &b"a\nb"[..]);
        assert!(command("ls -- {path}", &args).is_none());
        assert_eq!(sentence("{{x}} }", &args).unwrap(), b"{x} }");
    }
}
