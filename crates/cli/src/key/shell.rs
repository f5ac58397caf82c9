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

/// A text with the words `FILE` and `NEW…` replaced by the path of a file and by a name beside it,
/// as a shell takes them; as it is where that name cannot be pasted.
pub(super) fn naming(text: &str, path: &[u8]) -> String {
    let own = match path {
        b"" | b"standard input" => None,
        [b'-', ..] => word(&[b"./", path].concat()),
        _ => word(path),
    };
    let new = match path {
        [b'-', ..] => word(&[b"./", path, b".new"].concat()),
        _ => word(&[path, b".new"].concat()),
    };
    let (Some(own), Some(new)) = (own, new) else {
        return text.to_owned();
    };
    let words = text.split(' ').map(|w| {
        let bare = w.trim_end_matches([')', ',', ':', ';', '`']);
        let rest = w.get(bare.len()..).unwrap_or_default();
        match bare {
            "FILE" => format!("{own}{rest}"),
            "NEW" => format!("{new}{rest}"),
            "NEW.ppk" => match word(&[path, b".ppk"].concat()) {
                Some(ppk) if !path.starts_with(b"-") => format!("{ppk}{rest}"),
                _ => format!("{new}{rest}"),
            },
            _ => w.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_help_names_the_file() {
        let text = "sshwhy key convert FILE --to ppk --output NEW.ppk, or: FILE";
        assert_eq!(
            naming(text, b"my key"),
            "sshwhy key convert 'my key' --to ppk --output 'my key.ppk', or: 'my key'"
        );
        assert_eq!(naming("x FILE", b"-k"), "x ./-k");
        assert_eq!(naming("x FILE", b"standard input"), "x FILE");
    }

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
