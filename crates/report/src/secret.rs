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
    if let Some(r) = broken_option(text) {
        at = r.end;
        out.push(r);
    }
    while at < text.len() {
        let rest = &text[at..];
        let keyword = ends_with_keyword(&text[..at]);
        if let Some(r) = environment(rest).filter(|_| !keyword) {
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

/// Whether the word `Environment` that follows is the end of `PermitUserEnvironment`, which holds no
/// secret.
fn ends_with_keyword(before: &[u8]) -> bool {
    const HEAD: &[u8] = b"PermitUser";
    before
        .last_chunk::<{ HEAD.len() }>()
        .is_some_and(|l| l.eq_ignore_ascii_case(HEAD))
}

/// The value in `environment="NAME=value"`, where the text starts with that: with or without quotes,
/// and as people misspell it (`environ=`, `env:`, blanks around the `=`), since a line that sshd
/// ignores holds the secret all the same.
fn environment(text: &[u8]) -> Option<Range<usize>> {
    const NAME: &[u8] = b"env";
    /// Longest misspelling of the word that is looked for.
    const WORD: usize = 24;
    if !text.get(..NAME.len())?.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let is_blank = |b: &u8| matches!(b, b' ' | b'\t');
    let word = text
        .iter()
        .take(WORD)
        .take_while(|b| !is_blank(b) && !matches!(b, b'=' | b':' | b'"' | b',' | b'/' | b'\n'))
        .count();
    let blanks = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        rest.iter().take_while(|b| is_blank(b)).count()
    };
    let mut at = word + blanks(word);
    let separated = matches!(text.get(at), Some(b'=' | b':'));
    if separated {
        at += 1;
        let spaces = blanks(at);
        if text.get(at + spaces) == Some(&b'"') {
            at += spaces;
        }
    } else if text.get(at) != Some(&b'"') {
        return None;
    }
    let quoted = text.get(at) == Some(&b'"');
    if !quoted && text.get(at - 1) != Some(&b'=') {
        return None;
    }
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

/// What stands before the first quote of a text that only closes one: the rest of a line that was
/// broken inside an option, which may have been `environment=`.
fn broken_option(text: &[u8]) -> Option<Range<usize>> {
    let quote = text.iter().position(|b| *b == b'"')?;
    let head = text.get(..quote)?;
    let follows = text.get(quote + 1);
    let closes = matches!(follows, None | Some(b' ' | b'\t' | b','));
    let opens = head.is_empty() || head.iter().any(|b| matches!(b, b' ' | b'\t' | b'=' | b':'));
    (closes && !opens).then_some(0..quote)
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

    #[test]
    fn a_misspelt_or_broken_environment_hides_its_value_too() {
        let m = |t: &[u8]| String::from_utf8(masked(t).into_owned()).unwrap();
        assert_eq!(m(br#"environment = "A=s" k"#), r#"environment = "A=***" k"#);
        assert_eq!(m(br#"environ="A=s" k"#), r#"environ="A=***" k"#);
        assert_eq!(m(br#"setenv="A=s" k"#), r#"setenv="A=***" k"#);
        assert_eq!(m(br#"environment:"A=s" k"#), r#"environment:"A=***" k"#);
        assert_eq!(m(br#"environment "A=s" k"#), r#"environment "A=***" k"#);
        assert_eq!(m(b"env\0ironment=\"A=s\" k"), "env\0ironment=\"A=***\" k");
        assert_eq!(m(br#"secret" ssh-rsa AAAA"#), r#"***" ssh-rsa AAAA"#);
        assert_eq!(
            m(br#"from="1.2.3.4" ssh-rsa A"#),
            r#"from="1.2.3.4" ssh-rsa A"#
        );
        assert_eq!(
            m(b"environment: see the manual"),
            "environment: see the manual"
        );
        assert_eq!(m(b"PermitUserEnvironment=no"), "PermitUserEnvironment=no");
        assert_eq!(m(b"/usr/bin/env bash"), "/usr/bin/env bash");
    }
}
