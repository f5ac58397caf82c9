//! What is this text? Key material in every shape people put into key files.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use zeroize::Zeroizing;

use crate::krl;
use crate::types::KeyType;
use crate::veil::veiled_name;

/// The shape of a piece of key material.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `keytype base64 comment`, sshd(8)
    PublicLine,
    /// The same with a certificate.
    CertificateLine,
    /// Options, then a key.
    OptionsLine,
    /// Host patterns or a `@marker`, then a key: a known_hosts line.
    KnownHostsLine,
    /// Only the base64 of a key, without its type.
    BareBase64,
    /// `---- BEGIN SSH2 PUBLIC KEY ----` (RFC 4716)
    Rfc4716,
    /// PuTTY's own private key file.
    Ppk {
        /// 1, 2 or 3 are known.
        version: u32,
        /// Whether a passphrase protects the private half.
        encrypted: bool,
    },
    /// `-----BEGIN OPENSSH PRIVATE KEY-----`; whether it is encrypted stands inside.
    OpensshPrivate,
    /// Another PEM block.
    Pem {
        /// Its label: `RSA PRIVATE KEY`.
        label: Vec<u8>,
        /// Whether a passphrase protects it, as far as its text says.
        encrypted: bool,
    },
    /// `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----` of ssh.com (it may be unencrypted).
    SshCom,
    /// `1024 65537 1234…`: an SSH protocol 1 public key.
    Ssh1Line,
    /// An SSH protocol 1 private key file.
    Ssh1Private,
    /// A key revocation list.
    Krl,
}

impl Format {
    /// Whether the block holds a private key.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match self {
            Format::Ppk { .. } | Format::OpensshPrivate | Format::SshCom | Format::Ssh1Private => {
                true
            }
            Format::Pem { label, .. } => label.ends_with(b"PRIVATE KEY"),
            _ => false,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::PublicLine => "an OpenSSH public key line",
            Format::CertificateLine => "an OpenSSH certificate line",
            Format::OptionsLine => "an authorized_keys line with options",
            Format::KnownHostsLine => "a known_hosts line",
            Format::BareBase64 => "the base64 of a key without its type",
            Format::Rfc4716 => "an RFC 4716 public key",
            Format::Ppk { version, .. } => {
                return write!(f, "a PuTTY private key, version {version}");
            }
            Format::OpensshPrivate => "an OpenSSH private key",
            Format::Pem { label, .. } => {
                return write!(f, "PEM \"{}\"", veiled_name(label).escape_ascii());
            }
            Format::SshCom => "an ssh.com private key",
            Format::Ssh1Line => "an SSH protocol 1 public key",
            Format::Ssh1Private => "an SSH protocol 1 private key",
            Format::Krl => "a key revocation list",
        })
    }
}

/// How the characters of a file are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Bytes, ASCII where it matters.
    Bytes,
    /// A UTF-8 byte order mark (EF BB BF) in front.
    Utf8Bom,
    /// UTF-16, little endian, as PowerShell's `>` writes it.
    Utf16Le {
        /// With a byte order mark (FF FE).
        bom: bool,
    },
    /// UTF-16, big endian.
    Utf16Be {
        /// With a byte order mark (FE FF).
        bom: bool,
    },
}

impl Encoding {
    /// Tells by the byte order mark, else by where the NUL bytes stand.
    #[must_use]
    pub fn detect(data: &[u8]) -> Encoding {
        match data {
            [0xef, 0xbb, 0xbf, ..] => return Encoding::Utf8Bom,
            [0xff, 0xfe, ..] => return Encoding::Utf16Le { bom: true },
            [0xfe, 0xff, ..] => return Encoding::Utf16Be { bom: true },
            _ => {}
        }
        // ASCII text in UTF-16 has a NUL in every pair.
        let pairs = || data.chunks_exact(2).take(32);
        if pairs().count() < 4 {
            Encoding::Bytes
        } else if pairs().all(|p| matches!(p, [c, 0] if *c != 0)) {
            Encoding::Utf16Le { bom: false }
        } else if pairs().all(|p| matches!(p, [0, c] if *c != 0)) {
            Encoding::Utf16Be { bom: false }
        } else {
            Encoding::Bytes
        }
    }
}

/// A piece of key material and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its shape.
    pub format: Format,
    /// Its first line, from 1.
    pub line: usize,
    /// Its bytes in the data as given, from the first line's start to the last line's end.
    pub span: Range<usize>,
    /// Its lines carry mail quotes (`> `), which were passed over.
    pub quoted: bool,
    /// It stands among HTML tags, which were passed over.
    pub html: bool,
    /// Its end was not found (a block format without its end line).
    pub unterminated: bool,
    pub(crate) lines: Range<usize>,
}

/// Everything that was recognised in some data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sniffed {
    /// The encoding of the whole.
    pub encoding: Encoding,
    /// The key material found, in order. Other lines are passed over.
    pub blocks: Vec<Block>,
}

/// One line of the text, cleaned of encoding, quotes and tags.
pub(crate) struct Line {
    /// Offset in the data as given.
    pub(crate) offset: usize,
    pub(crate) end: usize,
    text: Range<usize>,
    pub(crate) quoted: bool,
    pub(crate) html: bool,
}

/// The data as lines of plain bytes. It may hold private keys: wiped on drop.
pub(crate) struct Text {
    buf: Zeroizing<Vec<u8>>,
    pub(crate) lines: Vec<Line>,
    pub(crate) encoding: Encoding,
}

impl Text {
    pub(crate) fn new(data: &[u8]) -> Text {
        let encoding = Encoding::detect(data);
        let (skip, wide) = match encoding {
            Encoding::Bytes => (0, false),
            Encoding::Utf8Bom => (3, false),
            Encoding::Utf16Le { bom } | Encoding::Utf16Be { bom } => {
                (usize::from(bom).saturating_mul(2), true)
            }
        };
        let body = data.get(skip..).unwrap_or_default();
        let mut plain = Zeroizing::new(Vec::with_capacity(body.len()));
        if wide {
            // One byte a code unit keeps offsets; no key format needs more than ASCII.
            let big = matches!(encoding, Encoding::Utf16Be { .. });
            plain.extend(body.chunks_exact(2).map(|pair| match pair {
                [0, c] if big => *c,
                [c, 0] if !big => *c,
                _ => b'?',
            }));
        } else {
            plain.extend_from_slice(body);
        }
        let scale = if wide { 2 } else { 1 };
        let mut buf = Zeroizing::new(Vec::with_capacity(plain.len()));
        let mut lines = Vec::new();
        let mut at = 0usize;
        for raw in plain.split_inclusive(|&b| b == b'\n') {
            let offset = at.saturating_mul(scale).saturating_add(skip);
            at = at.saturating_add(raw.len());
            let end = at.saturating_mul(scale).saturating_add(skip);
            let line = trim(raw);
            let (line, quoted) = unquote(line);
            let start = buf.len();
            let html = push_without_tags(line, &mut buf);
            lines.push(Line {
                offset,
                end,
                text: start..buf.len(),
                quoted,
                html,
            });
        }
        Text {
            buf,
            lines,
            encoding,
        }
    }

    pub(crate) fn get(&self, line: usize) -> Option<&[u8]> {
        self.buf.get(self.lines.get(line)?.text.clone())
    }

    /// Lines `from..to`, cleaned.
    pub(crate) fn range(&self, lines: Range<usize>) -> impl Iterator<Item = &[u8]> {
        lines.map_while(|l| self.get(l))
    }

    pub(crate) fn offset(&self, line: usize) -> usize {
        self.lines.get(line).map_or(0, |l| l.offset)
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut found = Vec::new();
        let mut at = 0usize;
        while let Some(text) = self.get(at) {
            let (format, len, unterminated) = match self.block_at(at, text) {
                Some(b) => b,
                None => match one_line(text) {
                    Some(format) => (format, 1, false),
                    None => {
                        at = at.saturating_add(1);
                        continue;
                    }
                },
            };
            let end = at.saturating_add(len.max(1)).min(self.lines.len());
            let inside = self.lines.get(at..end).unwrap_or_default();
            found.push(Block {
                format,
                line: at.saturating_add(1),
                span: self.offset(at)..inside.last().map_or(0, |l| l.end),
                quoted: inside.iter().any(|l| l.quoted),
                html: inside.iter().any(|l| l.html),
                unterminated,
                lines: at..end,
            });
            at = end;
        }
        found
    }

    /// A format of several lines that begins here: itself, its length, whether its end is missing.
    fn block_at(&self, at: usize, text: &[u8]) -> Option<(Format, usize, bool)> {
        let after = at.saturating_add(1);
        let until = |is_end: &dyn Fn(&[u8]) -> bool| match self
            .range(after..self.lines.len())
            .position(is_end)
        {
            Some(n) => (n.saturating_add(2), false),
            None => (self.lines.len().saturating_sub(at), true),
        };
        if let Some(label) = text
            .strip_prefix(b"-----BEGIN ")
            .and_then(|l| l.strip_suffix(b"-----"))
            // More than a label: a whole key on one line, whose content is no label to print.
            .filter(|l| !l.contains(&b'-'))
        {
            let (len, open) = until(&|l| l.starts_with(b"-----END "));
            if label == b"OPENSSH PRIVATE KEY" {
                return Some((Format::OpensshPrivate, len, open));
            }
            let told = self.range(after..at.saturating_add(len)).take(4);
            let encrypted = label == b"ENCRYPTED PRIVATE KEY"
                || told
                    .into_iter()
                    .any(|l| l.starts_with(b"Proc-Type:") && l.ends_with(b"ENCRYPTED"));
            return Some((
                Format::Pem {
                    label: label.to_owned(),
                    encrypted,
                },
                len,
                open,
            ));
        }
        if text.starts_with(b"---- BEGIN SSH2 ") {
            let (len, open) = until(&|l| l.starts_with(b"---- END SSH2 "));
            let public = text.starts_with(b"---- BEGIN SSH2 PUBLIC");
            return Some((
                if public {
                    Format::Rfc4716
                } else {
                    Format::SshCom
                },
                len,
                open,
            ));
        }
        if let Some(rest) = text.strip_prefix(b"PuTTY-User-Key-File-") {
            let digits = rest.split(|&b| b == b':').next().unwrap_or_default();
            let version = core::str::from_utf8(digits).ok()?.parse().ok()?;
            let (len, open) =
                until(&|l| l.starts_with(b"Private-MAC:") || l.starts_with(b"Private-Hash:"));
            let encrypted = self
                .range(after..at.saturating_add(len))
                .filter_map(|l| l.strip_prefix(b"Encryption:"))
                .any(|v| trim(v) != b"none");
            return Some((Format::Ppk { version, encrypted }, len, open));
        }
        if at == 0 && text.starts_with(b"SSH PRIVATE KEY FILE FORMAT 1.1") {
            return Some((Format::Ssh1Private, self.lines.len(), false));
        }
        None
    }
}

/// Recognises key material of every known shape in `data`.
#[must_use]
pub fn sniff(data: &[u8]) -> Sniffed {
    if krl::is_krl(data) {
        let block = Block {
            format: Format::Krl,
            line: 1,
            span: 0..data.len(),
            quoted: false,
            html: false,
            unterminated: false,
            lines: 0..0,
        };
        return Sniffed {
            encoding: Encoding::Bytes,
            blocks: alloc::vec![block],
        };
    }
    let text = Text::new(data);
    Sniffed {
        encoding: text.encoding,
        blocks: text.blocks(),
    }
}

/// The format of a line that is complete in itself.
fn one_line(text: &[u8]) -> Option<Format> {
    if text.starts_with(b"#") {
        return None;
    }
    let mut previous: Option<&[u8]> = None;
    for (n, word) in words(text).enumerate() {
        let label = previous.map(KeyType::from_label);
        let label = label.filter(|l| !matches!(l, KeyType::Other(_)) && word.starts_with(b"AAAA"));
        if let Some(label) = label {
            return Some(match n {
                1 if label.is_cert() => Format::CertificateLine,
                1 => Format::PublicLine,
                _ if is_known_hosts(text, n) => Format::KnownHostsLine,
                _ => Format::OptionsLine,
            });
        }
        previous = Some(word);
    }
    let first = words(text).next()?;
    let numeric = |w: &[u8]| !w.is_empty() && w.iter().all(u8::is_ascii_digit);
    let mut numbers = words(text).take_while(|w| numeric(w)).skip(2);
    if numbers.next().is_some_and(|modulus| modulus.len() > 60) {
        return Some(Format::Ssh1Line);
    }
    let is_base64 = first.len() >= 40
        && first.starts_with(b"AAAA")
        && first
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    is_base64.then_some(Format::BareBase64)
}

/// Whether what stands before the key type (word `n - 1`) are host patterns.
fn is_known_hosts(text: &[u8], n: usize) -> bool {
    if text.starts_with(b"@") {
        return true;
    }
    let Some(first) = words(text).next().filter(|_| n == 2) else {
        return false;
    };
    let options: [&[u8]; 7] = [
        b"restrict",
        b"cert-authority",
        b"no-",
        b"permit-",
        b"verify-required",
        b"pty",
        b"user-rc",
    ];
    let lower = first.to_ascii_lowercase();
    let is_option = lower.contains(&b'=')
        || lower.ends_with(b"-forwarding")
        || options.iter().any(|o| lower.starts_with(o));
    first.starts_with(b"|1|") || !is_option
}

pub(crate) fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| matches!(b, b' ' | b'\t'))
        .filter(|w| !w.is_empty())
}

pub(crate) fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

/// Takes `> `, `>> `, `| ` of mails away.
pub(crate) fn unquote(line: &[u8]) -> (&[u8], bool) {
    let quotes = line.iter().take_while(|b| matches!(b, b'>' | b' ')).count();
    match line.get(quotes..) {
        Some(rest) if line.starts_with(b">") => (rest, true),
        _ => (line, false),
    }
}

/// Copies a line without `<tags>`; true when there were any.
pub(crate) fn push_without_tags(line: &[u8], out: &mut Vec<u8>) -> bool {
    let mut rest = line;
    let mut any = false;
    while let Some(open) = rest.iter().position(|&b| b == b'<') {
        let (before, tag) = rest.split_at_checked(open).unwrap_or((rest, &[]));
        let named = tag
            .get(1)
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!'));
        let close = tag.iter().position(|&b| b == b'>').filter(|_| named);
        let Some(close) = close else { break };
        // An address in angle brackets is no tag.
        if tag.get(..close).unwrap_or_default().contains(&b'@') {
            break;
        }
        out.extend_from_slice(before);
        rest = tag.get(close.saturating_add(1)..).unwrap_or_default();
        any = true;
    }
    out.extend_from_slice(rest);
    any
}
