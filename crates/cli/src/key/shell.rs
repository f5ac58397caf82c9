//! Commands that can be pasted into a POSIX shell.

/// Words, each quoted where it has to be. `None` where a word holds what cannot be pasted safely.
pub(super) fn words(words: &[&[u8]]) -> Option<String> {
    let mut out = String::new();
    for (n, w) in words.iter().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        out.push_str(&word(w)?);
    }
    Some(out)
}

/// One word: quoted where it is not `[A-Za-z0-9_./@%+=:,-]`.
pub(super) fn word(word: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(word)
        .ok()
        .filter(|t| !t.chars().any(sshwhy_report::safe::hidden))?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./@%+=:,-".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        return Some(text.to_owned());
    }
    Some(format!("'{}'", text.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_is_quoted() {
        assert_eq!(
            words(&[b"a b", b"it's", b"x", b""]).as_deref(),
            Some("'a b' 'it'\\''s' x ''")
        );
        assert_eq!(word(b"a\x1b[31m"), None);
        assert_eq!(word(b"\xff"), None);
    }
}
