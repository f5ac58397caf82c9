//! What is never quoted: the values of `environment=` options and private key material.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in the place of a secret.
pub(crate) const MASK: &[u8] = b"***";

/// The first bytes of an OpenSSH private key in base64 ("openssh-key-v1").
const OPENSSH_PRIVATE: &[u8] = b"b3BlbnNzaC1rZXktdjE";

/// The ranges of a text that hold a secret, in order, not touching.
pub(crate) fn ranges(text: &[u8]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if let Some(r) = environment(rest) {
            if !r.is_empty() {
                out.push(at + r.start..at + r.end);
            }
            at += r.end;
        } else if rest.starts_with(OPENSSH_PRIVATE) {
            let len = rest.iter().take_while(|b| is_base64(**b)).count();
            out.push(at..at + len);
            at += len;
        } else {
            at += 1;
        }
    }
    out
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

/// The value in `environment="NAME=value"` (or without quotes), where the text starts with that.
fn environment(text: &[u8]) -> Option<Range<usize>> {
    const NAME: &[u8] = b"environment=";
    let head = text.get(..NAME.len())?;
    if !head.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let mut at = NAME.len();
    let quoted = text.get(at) == Some(&b'"');
    at += usize::from(quoted);
    let mut end = at;
    while let Some(b) = text.get(end) {
        match b {
            b'\\' if quoted && text.get(end + 1) == Some(&b'"') => end += 1,
            b'"' if quoted => break,
            b' ' | b'\t' | b',' if !quoted => break,
            _ => {}
        }
        end += 1;
    }
    let end = end.min(text.len());
    let name = text
        .get(at..end)?
        .iter()
        .position(|b| *b == b'=')
        .map_or(0, |n| n + 1);
    Some(at + name..end)
}

/// A text with its secrets taken out.
pub(crate) fn masked(text: &[u8]) -> Cow<'_, [u8]> {
    let secrets = ranges(text);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for r in secrets {
        out.extend_from_slice(&text[at..r.start]);
        out.extend_from_slice(MASK);
        at = r.end;
    }
    out.extend_from_slice(&text[at..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_values_and_private_keys_are_taken_out() {
        let m = |t: &[u8]| String::from_utf8(masked(t).into_owned()).unwrap();
        assert_eq!(
            m(br#"no-pty,Environment="A=p\"w d",command="x" ssh-rsa AAAA"#),
            r#"no-pty,Environment="A=***",command="x" ssh-rsa AAAA"#
        );
        assert_eq!(m(b"environment=A=b ssh-rsa"), "environment=A=*** ssh-rsa");
        assert_eq!(m(b"environment=\"secret"), "environment=\"***");
        assert_eq!(m(b"environment=\"A=x\\"), "environment=\"A=***");
        assert_eq!(m(b"x b3BlbnNzaC1rZXktdjEAAAAA y"), "x *** y");
        assert_eq!(m(b"environment="), "environment=");
    }
}
