//! Bytes from outside, made safe for a terminal and for JSON.

use unicode_width::UnicodeWidthChar;

/// One piece of shown text and the bytes it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glyph {
    /// What is printed.
    pub(crate) text: String,
    /// Its columns.
    pub(crate) width: usize,
    /// First byte.
    pub(crate) start: usize,
    /// After the last byte.
    pub(crate) end: usize,
}

/// Whether a character could not be seen for what it is: controls, bidirectional overrides,
/// characters without width, and blanks that are not the ASCII one.
#[must_use]
pub fn hidden(c: char) -> bool {
    c.is_control()
        || (c != ' ' && c.is_whitespace())
        || c.width().is_none_or(|w| w == 0)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// A hidden character in visible form.
fn escaped(c: char) -> String {
    match c {
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        c if u32::from(c) < 0x80 => format!("\\x{:02x}", u32::from(c)),
        c => format!("\\u{{{:x}}}", u32::from(c)),
    }
}

/// Takes bytes apart into what is printed for them.
pub(crate) fn glyphs(bytes: &[u8]) -> Vec<Glyph> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0usize;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let end = at + c.len_utf8();
            let (text, width) = if hidden(c) {
                let text = escaped(c);
                let width = text.len();
                (text, width)
            } else {
                (c.to_string(), c.width().unwrap_or(1))
            };
            out.push(Glyph {
                text,
                width,
                start: at,
                end,
            });
            at = end;
        }
        for b in chunk.invalid() {
            out.push(Glyph {
                text: format!("\\x{b:02x}"),
                width: 4,
                start: at,
                end: at + 1,
            });
            at += 1;
        }
    }
    out
}

/// Bytes as text for a terminal: what cannot be seen is escaped.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    // Nearly all text is plain.
    if bytes.iter().all(|b| matches!(b, b' '..=b'~'))
        && let Ok(text) = str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if hidden(c) {
                out.push_str(&escaped(c))
            } else {
                out.push(c)
            }
        }
        for b in chunk.invalid() {
            out.push_str(&format!("\\x{b:02x}"));
        }
    }
    out
}

/// Whether [`shown`] leaves the bytes as they are.
#[must_use]
pub fn is_plain(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|s| !s.chars().any(hidden))
}

/// Bytes as a string for JSON: UTF-8 as it is, every other byte as `\xNN`.
#[must_use]
pub fn json(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for b in chunk.invalid() {
            out.push_str(&format!("\\x{b:02x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_or_the_reading_order_is_escaped() {
        assert_eq!(shown(b"a\x1b[31mb\x07"), "a\\x1b[31mb\\x07");
        assert_eq!(
            shown("x\u{202e}y\u{9b}z\u{feff}".as_bytes()),
            "x\\u{202e}y\\u{9b}z\\u{feff}"
        );
        assert_eq!(shown(b"a\xff\xc3b\tc"), "a\\xff\\xc3b\\tc");
        assert_eq!(shown("größe 鍵".as_bytes()), "größe 鍵");
        assert!(!is_plain("a\u{a0}b".as_bytes()));
    }

    #[test]
    fn glyphs_cover_every_byte_once() {
        let bytes = "a\tü\u{202e}鍵"
            .bytes()
            .chain([0xff, 0])
            .collect::<Vec<u8>>();
        let all = glyphs(&bytes);
        assert_eq!(all.first().map(|g| g.start), Some(0));
        assert_eq!(all.last().map(|g| g.end), Some(bytes.len()));
        assert!(all.windows(2).all(|w| w[0].end == w[1].start));
    }
}
