//! Content of files, with places for the text of keys.

use crate::material::KeyMaterial;
use crate::words;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// Text with placeholders in braces:
    ///
    /// - `{key NAME}`: the line of `NAME.pub` without its end; `{type NAME}`, `{blob NAME}` and
    ///   `{comment NAME}`: its words; `{blob NAME 0..40}`: characters of the second word, either
    ///   end may be left out. A certificate is named with `-cert`: `{blob alice-cert}`.
    /// - `{cert NAME}`: the line of `NAME-cert.pub`.
    /// - `{include FILE}`: the file's bytes.
    /// - `{hex 0d0a}`: bytes. `{repeat 9000 x}`: a text so many times.
    ///
    /// Any other brace stands for itself.
    Text(Vec<u8>),
}

/// More than this no placeholder may repeat.
const MAX_REPEAT: usize = 16 << 20;

impl Content {
    /// The bytes.
    ///
    /// # Errors
    /// Which placeholder names no key, or is not understood.
    pub fn expand(&self, keys: &dyn KeyMaterial) -> Result<Vec<u8>, String> {
        let text = match self {
            Content::Raw(bytes) => return Ok(bytes.clone()),
            Content::Text(text) => text,
        };
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        while let Some(open) = rest.iter().position(|&b| b == b'{') {
            let (before, from) = rest.split_at(open);
            out.extend_from_slice(before);
            let inside = from.get(1..).unwrap_or_default();
            let end = inside
                .iter()
                .position(|&b| matches!(b, b'}' | b'\n' | b'{'));
            let found = end.filter(|&e| inside.get(e) == Some(&b'}')).and_then(|e| {
                let (word, after) = inside.split_at(e);
                Some((placeholder(word, keys)?, after.get(1..).unwrap_or_default()))
            });
            match found {
                Some((bytes, after)) => {
                    out.extend_from_slice(&bytes?);
                    rest = after;
                }
                None => {
                    out.push(b'{');
                    rest = inside;
                }
            }
        }
        out.extend_from_slice(rest);
        Ok(out)
    }
}

/// `None`: no placeholder, but a brace of the text itself.
fn placeholder(word: &[u8], keys: &dyn KeyMaterial) -> Option<Result<Vec<u8>, String>> {
    let (name, rest) = words::first(word);
    if !matches!(
        name,
        b"key" | b"type" | b"blob" | b"comment" | b"cert" | b"include" | b"hex" | b"repeat"
    ) || rest.is_empty()
    {
        return None;
    }
    let wrong = || format!("{{{}}} is not understood", words::text(word));
    let file = |name: String| {
        keys.file(&name)
            .ok_or_else(|| format!("there is no {name} among the lab's keys"))
    };
    let line = |name: &[u8], suffix: &str| {
        file(format!("{}{suffix}", words::text(name))).map(|f| f.trim_ascii_end().to_vec())
    };
    Some(match name {
        b"key" => line(rest, ".pub"),
        b"cert" => line(rest, "-cert.pub"),
        b"include" => file(words::text(rest)).map(<[u8]>::to_vec),
        b"hex" => words::hex(rest).ok_or_else(wrong),
        b"repeat" => repeat(rest).ok_or_else(wrong),
        _ => {
            let (key, range) = words::first(rest);
            line(key, ".pub").and_then(|line| {
                let mut words = line.splitn(3, |&b| b == b' ');
                let part = match name {
                    b"type" => words.next(),
                    b"blob" => words.nth(1),
                    _ => words.nth(2),
                };
                let part = part.unwrap_or_default();
                if range.is_empty() {
                    return Ok(part.to_vec());
                }
                slice(part, range).map(<[u8]>::to_vec).ok_or_else(wrong)
            })
        }
    })
}

fn slice<'a>(part: &'a [u8], range: &[u8]) -> Option<&'a [u8]> {
    let (from, to) = core::str::from_utf8(range).ok()?.split_once("..")?;
    let from = if from.is_empty() {
        0
    } else {
        from.parse().ok()?
    };
    let to = if to.is_empty() {
        part.len()
    } else {
        to.parse().ok()?
    };
    part.get(from..to)
}

fn repeat(rest: &[u8]) -> Option<Vec<u8>> {
    let (times, text) = words::first(rest);
    let times: usize = words::number(times)?;
    let total = times.checked_mul(text.len()).filter(|t| *t <= MAX_REPEAT)?;
    let mut out = Vec::with_capacity(total);
    for _ in 0..times {
        out.extend_from_slice(text);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::Embedded;

    fn expand(text: &str) -> Result<Vec<u8>, String> {
        Content::Text(text.into()).expand(&Embedded)
    }

    #[test]
    fn placeholders_give_the_words_of_a_key() {
        let line = expand("{key ed25519}").unwrap();
        let parts =
            expand("{type ed25519} {blob ed25519 ..40}{blob ed25519 40..} {comment ed25519}");
        assert_eq!(parts.unwrap(), line);
        assert_eq!(expand("a{hex 0d 0A}{repeat 3 xy}").unwrap(), b"a\r\nxyxyxy");
    }

    #[test]
    fn other_braces_stand_for_themselves() {
        for text in [
            "{", "{}", "{key", "${HOME}", "{keys a}", "{{}", "{key }", "a{b\n}",
        ] {
            assert_eq!(expand(text).unwrap(), text.as_bytes());
        }
        assert!(expand("{key nobody}").is_err());
        assert!(expand("{blob ed25519 40..2}").is_err());
        assert!(expand("{repeat 99999999999 x}").is_err());
    }
}
