//! One line of an AuthorizedPrincipalsFile (`auth_process_principals`, `auth_check_principals_line`).

use crate::options::{OptionError, Options};
use crate::rules::Rules;
use crate::span::Span;
use alloc::boxed::Box;

/// A principals line, taken apart without loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalsLine<'a> {
    /// The line as given, at most one final newline removed.
    pub raw: &'a [u8],
    /// What it names; `None` for a blank line or a comment.
    pub entry: Option<PrincipalsEntry>,
}

/// The parts of a line that names a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalsEntry {
    /// The text before the last run of blanks, taken for options.
    pub options: Option<Span>,
    /// The principal: compared byte by byte, a trailing CR included.
    pub name: Span,
    /// The options, or what is wrong with them (`bad principals options: …`).
    pub parsed: Result<Options, OptionError>,
}

/// What a line says to the principals of a certificate, before `auth_authorise_keyopts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalsAnswer {
    /// Blank or comment.
    Nothing,
    /// The options before the name cannot be read: the line is ignored.
    BadOptions(OptionError),
    /// None of the certificate's principals.
    OtherName,
    /// Marked `cert-authority`, which no principals line may be: ignored.
    CertAuthorityInvalidHere,
    /// One of them; expiry and from come next.
    Match(Box<Options>),
}

impl<'a> PrincipalsLine<'a> {
    /// Read one line.
    pub fn read(bytes: &'a [u8], rules: &Rules) -> Self {
        let raw = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        Self {
            raw,
            entry: entry(raw, rules),
        }
    }

    /// The principal's bytes.
    pub fn name(&self) -> Option<&'a [u8]> {
        self.entry.as_ref().map(|e| e.name.of(self.raw))
    }

    /// True when the name ends in CR, so that it equals no principal anyone meant.
    pub fn has_trailing_cr(&self) -> bool {
        self.name().is_some_and(|n| n.ends_with(b"\r"))
    }

    /// What the line says to a certificate with these principals.
    pub fn answer<'p>(&self, principals: impl IntoIterator<Item = &'p [u8]>) -> PrincipalsAnswer {
        let Some(e) = &self.entry else {
            return PrincipalsAnswer::Nothing;
        };
        let options = match &e.parsed {
            Err(error) => return PrincipalsAnswer::BadOptions(*error),
            Ok(o) => o,
        };
        let name = e.name.of(self.raw);
        if !principals.into_iter().any(|p| p == name) {
            return PrincipalsAnswer::OtherName;
        }
        if options.cert_authority {
            return PrincipalsAnswer::CertAuthorityInvalidHere;
        }
        PrincipalsAnswer::Match(Box::new(options.clone()))
    }
}

fn entry(raw: &[u8], rules: &Rules) -> Option<PrincipalsEntry> {
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let text = raw.split(|&b| b == 0).next().unwrap_or(&[]);
    if let Some(limit) = rules.max_line
        && raw.len() > limit
    {
        return None;
    }
    let start = text.iter().position(|b| !blank(b))?;
    let end = text.iter().position(|&b| b == b'#').unwrap_or(text.len());
    let body = text.get(start..end)?;
    // The first byte is never trimmed.
    let kept = body
        .iter()
        .rposition(|b| !blank(b))
        .map_or(usize::from(!body.is_empty()), |i| i + 1);
    let body = body.get(..kept)?;
    if body.is_empty() {
        return None;
    }
    let last = body
        .iter()
        .rposition(|&b| b == b' ')
        .or_else(|| body.iter().rposition(|&b| b == b'\t'));
    let Some(last) = last else {
        return Some(PrincipalsEntry {
            options: None,
            name: Span::new(start, start + body.len()),
            parsed: Ok(Options::default()),
        });
    };
    let name_at = last + body.get(last..)?.iter().take_while(|b| blank(b)).count();
    // Options end at their first blank, but sshd hands over the whole line: an open quote reads on.
    let (options, result) = Options::parse_at(body, start, rules);
    Some(PrincipalsEntry {
        options: Some(Span::new(start, start + last)),
        name: Span::new(start + name_at, start + body.len()),
        parsed: result.map(|()| options),
    })
}
