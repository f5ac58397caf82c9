//! `glob(3)` for one path component, as sshd calls it (no flags: no braces, no tilde).

/// Does the pattern of one path component match a name?
///
/// `*`, `?`, `[...]` with ranges, `!` or `^` for "not", named classes; `\` takes the next byte literally; a leading
/// dot must be written. An unclosed `[` is literal.
#[must_use]
pub fn glob_match(pattern: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && !matches!(pattern, [b'.', ..] | [b'\\', b'.', ..]) {
        return false;
    }
    let (mut p, mut n) = (0usize, 0usize);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let rest = pattern.get(p..).unwrap_or_default();
        match (rest.first(), name.get(n)) {
            (Some(b'*'), _) => {
                retry = Some((p, n));
                p += 1;
                continue;
            }
            (None, None) => return true,
            (Some(_), Some(&byte)) => {
                if let Some(length) = one(rest, byte) {
                    p += length;
                    n += 1;
                    continue;
                }
            }
            _ => {}
        }
        match retry {
            Some((star, from)) if from < name.len() => {
                retry = Some((star, from + 1));
                n = from + 1;
                p = star + 1;
            }
            _ => return false,
        }
    }
}

/// Matches one byte with the first element of `pattern`; gives the element's length.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', literal, ..] => (*literal == byte).then_some(2),
        [b'[', ..] => match bracket(pattern, byte) {
            Some((true, length)) => Some(length),
            Some((false, _)) => None,
            None => (byte == b'[').then_some(1),
        },
        [literal, ..] => (*literal == byte).then_some(1),
        [] => None,
    }
}

/// Is `byte` in the bracket expression at the start of `pattern`? `None` if it is not closed.
fn bracket(pattern: &[u8], byte: u8) -> Option<(bool, usize)> {
    let mut at = 1;
    let negated = matches!(pattern.get(at), Some(b'!' | b'^'));
    if negated {
        at += 1;
    }
    let first = at;
    let mut hit = false;
    loop {
        let c = *pattern.get(at)?;
        if c == b']' && at > first {
            return Some((hit != negated, at + 1));
        }
        if c == b'[' && pattern.get(at + 1) == Some(&b':') {
            let body = pattern.get(at + 2..)?;
            if let Some(end) = body.windows(2).position(|pair| pair == b":]") {
                hit |= in_class(body.get(..end)?, byte);
                at += end + 4;
                continue;
            }
        }
        let (low, next) = literal(pattern, at)?;
        if pattern.get(next) == Some(&b'-') && pattern.get(next + 1).is_some_and(|&c| c != b']') {
            let (high, after) = literal(pattern, next + 1)?;
            hit |= low <= byte && byte <= high;
            at = after;
        } else {
            hit |= low == byte;
            at = next;
        }
    }
}

fn literal(pattern: &[u8], at: usize) -> Option<(u8, usize)> {
    match *pattern.get(at)? {
        b'\\' => Some((*pattern.get(at + 1)?, at + 2)),
        c => Some((c, at + 1)),
    }
}

fn in_class(name: &[u8], byte: u8) -> bool {
    match name {
        b"alpha" => byte.is_ascii_alphabetic(),
        b"digit" => byte.is_ascii_digit(),
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"lower" => byte.is_ascii_lowercase(),
        b"upper" => byte.is_ascii_uppercase(),
        b"space" => byte.is_ascii_whitespace() || byte == 0x0b,
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"punct" => byte.is_ascii_punctuation(),
        b"print" => (0x20..0x7f).contains(&byte),
        b"graph" => byte.is_ascii_graphic(),
        b"cntrl" => byte.is_ascii_control(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Has the pattern anything that `glob(3)` treats specially? Without, the path itself is the only candidate.
#[must_use]
pub fn has_glob_magic(pattern: &[u8]) -> bool {
    pattern
        .iter()
        .any(|b| matches!(b, b'*' | b'?' | b'[' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components() {
        assert!(glob_match(b"*.conf", b"50-cloud.conf"));
        assert!(!glob_match(b"*.conf", b".hidden.conf"));
        assert!(glob_match(b".*", b".hidden"));
        assert!(glob_match(b"[0-9]?-*", b"50-x"));
        assert!(!glob_match(b"[!5]*", b"50-x"));
        assert!(glob_match(b"a\\*b", b"a*b"));
        assert!(!glob_match(b"a\\*b", b"axb"));
        assert!(!glob_match(b"{a,b}", b"a"));
        assert!(glob_match(b"a[b", b"a[b"));
        assert!(glob_match(b"[]a]x", b"]x"));
        assert!(glob_match(b"[[:digit:]x]", b"7"));
    }
}
