//! Cutting lines: `load_server_config`, `strdelim`, `argv_split`.

use alloc::vec::Vec;

/// An argument as sshd sees it, with its place in the line's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Quotes and escapes removed.
    pub bytes: Vec<u8>,
    /// Offset of the first byte (a quote counts) in the line.
    pub start: u32,
    /// Offset one past the last byte.
    pub end: u32,
}

/// One line as the daemon keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line<'t> {
    /// Leading blanks and everything from a NUL on removed. More than one piece where a NUL swallowed a line end.
    pub(crate) text: alloc::borrow::Cow<'t, [u8]>,
    /// Line of the file, from 1.
    pub(crate) number: u32,
    /// Line as sshd counts them (differs after a NUL).
    pub(crate) sshd_number: u32,
    /// Bytes before `text`.
    pub(crate) indent: u32,
    /// Length of the raw line, its end included.
    pub(crate) raw_length: usize,
}

/// Small saturating conversion: places beyond 4 GiB are not told apart.
pub(crate) fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// `load_server_config`: leading `" \t\r"` goes, a NUL hides the rest of its line and its line end too.
/// With `comments_cut` (8.6 and older) the first `#` ends a line, wherever it stands: in a word, in quotes.
pub(crate) fn lines(text: &[u8], comments_cut: bool) -> Vec<Line<'_>> {
    let mut out: Vec<Line<'_>> = Vec::new();
    let mut glue = false;
    let mut sshd_number = 0u32;
    for (index, raw) in text.split_inclusive(|&b| b == b'\n').enumerate() {
        let body = raw.strip_suffix(b"\n").unwrap_or(raw);
        let end = |b: &u8| *b == 0 || comments_cut && *b == b'#';
        let body = match body.iter().position(end) {
            // What stands before the NUL is all that C sees; a `#` becomes the line's end.
            Some(at) if body.get(at) == Some(&b'#') => body.get(..at).unwrap_or_default(),
            _ => body,
        };
        let indent = body
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'\r'))
            .count();
        let stripped = body.get(indent..).unwrap_or_default();
        let nul = stripped.iter().position(|&b| b == 0);
        let kept = stripped
            .get(..nul.unwrap_or(stripped.len()))
            .unwrap_or_default();
        match out.last_mut() {
            Some(last) if glue => last.text.to_mut().extend_from_slice(kept),
            _ => {
                sshd_number = sshd_number.saturating_add(1);
                out.push(Line {
                    text: alloc::borrow::Cow::Borrowed(kept),
                    number: offset(index).saturating_add(1),
                    sshd_number,
                    indent: offset(indent),
                    raw_length: raw.len(),
                });
            }
        }
        glue = nul.is_some();
    }
    out
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

/// Trailing `" \t\r\n\f"` goes, but never the first byte (`process_server_config_line_depth`).
pub(crate) fn trim_end(text: &[u8]) -> &[u8] {
    let mut end = text.len();
    while end > 1 && text.get(end - 1).is_some_and(|&b| is_space(b) || b == 0x0c) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A reader that cuts words from the front as `strdelim` does.
#[derive(Clone, Debug)]
pub(crate) struct Strdelim<'t> {
    text: &'t [u8],
    /// Offset of the rest; `None` once the last word was taken (`*s == NULL`).
    at: Option<usize>,
    split_equals: bool,
}

/// What `strdelim` returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delim {
    /// A word, maybe empty.
    Word(Word),
    /// NULL: nothing left.
    End,
    /// NULL: a double quote is not closed.
    Unclosed,
}

impl<'t> Strdelim<'t> {
    pub(crate) fn new(text: &'t [u8], at: usize, split_equals: bool) -> Self {
        Strdelim {
            text,
            at: Some(at),
            split_equals,
        }
    }

    fn skip(&self, mut at: usize) -> usize {
        while self.text.get(at).is_some_and(|&b| is_space(b)) {
            at += 1;
        }
        at
    }

    /// Offset of what is left: `None` is C's NULL.
    pub(crate) fn rest(&self) -> Option<usize> {
        self.at
    }

    /// Is anything left?
    pub(crate) fn exhausted(&self) -> bool {
        self.at.is_none_or(|at| at >= self.text.len())
    }

    pub(crate) fn next(&mut self) -> Delim {
        let Some(start) = self.at else {
            return Delim::End;
        };
        let rest = self.text.get(start..).unwrap_or_default();
        let stop = rest
            .iter()
            .position(|&b| is_space(b) || b == b'"' || self.split_equals && b == b'=');
        let Some(stop) = stop else {
            self.at = None;
            return Delim::Word(Word {
                bytes: rest.to_vec(),
                start: offset(start),
                end: offset(self.text.len()),
            });
        };
        let stop = start + stop;
        let mut bytes = self.text.get(start..stop).unwrap_or_default().to_vec();
        if self.text.get(stop) == Some(&b'"') {
            let inside = self.text.get(stop + 1..).unwrap_or_default();
            let Some(length) = inside.iter().position(|&b| b == b'"') else {
                self.at = None;
                return Delim::Unclosed;
            };
            bytes.extend_from_slice(inside.get(..length).unwrap_or_default());
            let end = stop + 1 + length + 1;
            self.at = Some(self.skip(end));
            return Delim::Word(Word {
                bytes,
                start: offset(start),
                end: offset(end),
            });
        }
        let was_equals = self.text.get(stop) == Some(&b'=');
        let mut next = self.skip(stop + 1);
        if self.split_equals && !was_equals && self.text.get(next) == Some(&b'=') {
            next = self.skip(next + 1);
        }
        self.at = Some(next);
        Delim::Word(Word {
            bytes,
            start: offset(start),
            end: offset(stop),
        })
    }
}

/// `argv_split(…, terminate_on_comment = 1)` from `at` on. `Err` is the offset of the quote that is not closed.
pub(crate) fn argv_split(text: &[u8], at: usize) -> Result<Vec<Word>, usize> {
    let mut words = Vec::new();
    let mut i = at;
    while let Some(&first) = text.get(i) {
        if matches!(first, b' ' | b'\t') {
            i += 1;
            continue;
        }
        if first == b'#' {
            break;
        }
        let start = i;
        let mut bytes = Vec::new();
        let mut quote: Option<(u8, usize)> = None;
        while let Some(&c) = text.get(i) {
            match (c, quote) {
                (b'\\', _) => match text.get(i + 1) {
                    Some(&next @ (b'\'' | b'"' | b'\\')) => {
                        bytes.push(next);
                        i += 1;
                    }
                    Some(b' ') if quote.is_none() => {
                        bytes.push(b' ');
                        i += 1;
                    }
                    _ => bytes.push(b'\\'),
                },
                (b' ' | b'\t', None) => break,
                (b'"' | b'\'', None) => quote = Some((c, i)),
                (_, Some((open, _))) if c == open => quote = None,
                _ => bytes.push(c),
            }
            i += 1;
        }
        if let Some((_, open)) = quote {
            return Err(open);
        }
        words.push(Word {
            bytes,
            start: offset(start),
            end: offset(i),
        });
    }
    Ok(words)
}

/// Everything `strdelim` yields until an empty word, an end or an unclosed quote.
pub(crate) fn strdelim_all(
    text: &[u8],
    at: Option<usize>,
    split_equals: bool,
) -> (Vec<Word>, bool) {
    let mut words = Vec::new();
    let Some(at) = at else { return (words, false) };
    let mut reader = Strdelim::new(text, at, split_equals);
    loop {
        match reader.next() {
            Delim::Word(word) => {
                // An empty last word is what a blank at the end leaves.
                let empty = word.bytes.is_empty();
                if empty && reader.exhausted() && word.end == word.start {
                    return (words, false);
                }
                words.push(word);
            }
            Delim::End => return (words, false),
            Delim::Unclosed => return (words, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<alloc::string::String> {
        argv_split(text.as_bytes(), 0)
            .unwrap()
            .into_iter()
            .map(|w| alloc::string::String::from_utf8(w.bytes).unwrap())
            .collect()
    }

    #[test]
    fn quotes_glue_and_comments_need_a_word_start() {
        assert_eq!(split(r#"a"b c"'d e' # x"#), ["ab cd e"]);
        assert_eq!(split("no#x /a#b"), ["no#x", "/a#b"]);
        assert_eq!(split(r"a\ b \x \\ \' \"), ["a b", r"\x", r"\", "'", r"\"]);
        assert_eq!(argv_split(b"a 'b", 0), Err(2));
    }

    #[test]
    fn keyword_takes_one_equals() {
        let text = b"Key == val";
        let mut reader = Strdelim::new(text, 0, true);
        assert!(matches!(reader.next(), Delim::Word(w) if w.bytes == b"Key"));
        assert_eq!(reader.rest(), Some(5));
    }

    #[test]
    fn an_old_sshd_cuts_a_line_at_the_first_hash() {
        let lines = lines(b"Banner \"/a#b\" # x\nA b#c\0d\n#\nE f\0#\ng\n", true);
        let texts: Vec<&[u8]> = lines.iter().map(|l| &*l.text).collect();
        assert_eq!(texts, [&b"Banner \"/a"[..], b"A b", b"", b"E fg"]);
    }

    #[test]
    fn nul_swallows_the_line_end() {
        let lines = lines(b"a 1\0junk\nb 2\nc 3\n", false);
        assert_eq!(lines.len(), 2);
        assert_eq!(&*lines[0].text, b"a 1b 2");
        assert_eq!((lines[1].number, lines[1].sshd_number), (3, 2));
    }
}
