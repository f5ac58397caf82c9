//! Files of public keys: what sshd would skip in them, and why.

use super::diagnose::Diagnosis;
use super::no_key::{broken_private, no_key};
use super::problem::Problem;
use super::text;
use sshwhy_authfile::Rules;
use sshwhy_authfile::damage::{Damage, DamageKind as D, survey};
use sshwhy_keys::{Format, Note};

/// The sshd that lines are held against: current, and with DSA, whose end is told elsewhere.
pub(super) fn rules() -> Rules {
    Rules::openssh(9, 9)
}

/// Whether a line of this kind is what such a file is for.
fn belongs(kind: D, format: Option<&Format>, name: &[u8]) -> bool {
    match kind {
        D::Certificate => {
            matches!(format, Some(Format::CertificateLine)) || name.ends_with(b"-cert.pub")
        }
        D::KnownHosts => matches!(format, Some(Format::KnownHostsLine)),
        D::Rfc4716 | D::Pem | D::Ssh1 | D::CommentedOut => true,
        D::MarkedCertAuthority | D::OptionPrincipalsOnPlain => true,
        _ => false,
    }
}

/// Looks a file without a private key through.
pub(super) fn diagnose(out: &mut Diagnosis, data: &[u8], name: &[u8]) {
    let format = out.format.clone();
    match &format {
        Some(Format::Krl) => return,
        Some(Format::Rfc4716) => {
            out.problems.push(
                Problem::note(
                    "key-line-rfc4716",
                    "sshd does not read this format in authorized_keys: it wants one line",
                )
                .at_line(1)
                .helped("get that line: sshwhy key line FILE"),
            );
            match sshwhy_keys::load_public(data) {
                Err(e) => out.problems.push(broken(&e)),
                Ok(key) if key.notes.contains(&Note::Unterminated) => out.problems.push(
                    Problem::bad(
                        "key-file-truncated",
                        "the last line is missing: ---- END SSH2 PUBLIC KEY ----",
                    )
                    .at_line(text::lines(data).count())
                    .helped("the key itself is whole: sshwhy key line FILE"),
                ),
                Ok(_) => {}
            }
            return;
        }
        Some(Format::Ssh1Line) => {
            out.problems.push(
                Problem::bad(
                    "key-line-ssh1",
                    "a key of SSH protocol 1, which no current server understands",
                )
                .at_line(1),
            );
            return;
        }
        _ => {}
    }
    if matches!(format, None | Some(Format::BareBase64))
        && let Some(problem) = broken_private(data)
    {
        out.public = None;
        out.format = None;
        out.problems.push(problem);
        return;
    }
    let rules = rules();
    survey(data, &rules, |d| {
        if !belongs(d.kind, format.as_ref(), name) {
            out.problems.push(of_damage(&d, data));
        }
        // A file of a million broken lines is told by its first thousand.
        out.problems.len() < 1000
    });
    if out.public.is_none() && out.problems.is_empty() {
        let problem = match sshwhy_keys::load_public(data) {
            Err(e) if e.format.is_some() => broken(&e),
            _ => no_key(data),
        };
        out.problems.push(problem);
    }
}

pub(super) fn broken(e: &sshwhy_keys::LoadError) -> Problem {
    let words = e.to_string();
    let why = words.split_once(": ").map_or(words.as_str(), |(_, w)| w);
    Problem::bad("key-file-structure", format!("the key is damaged: {why}")).at_line(e.line)
}

/// A line of authorized_keys that sshd passes over, in words.
pub(super) fn of_damage(d: &Damage, data: &[u8]) -> Problem {
    let line = usize::try_from(d.line).unwrap_or(usize::MAX);
    let raw = text::lines(data).nth(line.saturating_sub(1));
    let (start, end) = match raw {
        Some(l) => (d.span.start.min(l.text.len()), d.span.end.min(l.text.len())),
        None => (0, 0),
    };
    let mut place = text::span(data, line, start, end);
    if d.kind == D::Utf16 {
        place.text = None;
    }
    let mut p = Problem::bad(d.kind.id(), title(d)).at(place);
    if d.last_line > d.line {
        p = p.noting(format!(
            "lines {} to {} belong together",
            d.line, d.last_line
        ));
    }
    if let Some(expected) = d.expected {
        p = p.noting(format!("the key itself is of type {expected}"));
    }
    if let Some(reason) = d.reason {
        p = p.says("sshd", reason);
    } else {
        p = p.noting("sshd passes over it without a word in its log");
    }
    if d.repaired.is_some() {
        p = p.helped("restore it: sshwhy key repair FILE --output NEW");
    }
    p
}

/// One sentence for each kind.
fn title(d: &Damage) -> &'static str {
    match d.kind {
        D::Wrapped => "one key line was broken into several",
        D::Truncated => "the key is cut off",
        D::TrailingJunk => "something stands glued to the end of the key",
        D::Damaged => "characters of the key are damaged",
        D::Glued => "two lines ran into one",
        D::TypeMissing => "the key type is missing before the key",
        D::TypeAlone => "the key type stands alone on its line",
        D::TypeMismatch => "the key type named is not that of the key",
        D::TypeDamaged => "the key type lost or changed letters",
        D::TypeCase => "the key type is written in upper case",
        D::Bom => "an invisible byte order mark stands before the line",
        D::Utf16 => "the file is UTF-16",
        D::Nbsp => "a blank that is no ordinary space stands in the line",
        D::CrOnly => "the lines end in CR alone",
        D::Quoted => "the line stands in quotes",
        D::LeadingJunk => "text stands before the key that is no option",
        D::Rfc4716 => "an RFC 4716 block, which sshd does not read here",
        D::Pem => "a PEM block, which sshd does not read here",
        D::PrivateKey => "a private key stands where a public one belongs",
        D::Ppk => "a PuTTY private key stands where a public key belongs",
        D::Certificate => "a certificate stands where a plain key belongs",
        D::KnownHosts => "a line of known_hosts stands among the keys",
        D::CommentedOut => "the line is commented out",
        D::Ssh1 => "a key of SSH protocol 1",
        D::Tab => "a tab where a space belongs",
        D::Blanks => "more blanks than belong there",
        D::TooLong => "the line is too long to be read",
        D::OptionUnknown => "an option that sshd does not know",
        D::OptionUnquoted => "the value of an option lacks its double quotes",
        D::OptionUnterminatedQuote => "a double quote is not closed",
        D::OptionSpaceInList => "a blank stands within the list of options",
        D::OptionNoSpaceBeforeKey => "no blank stands between the options and the key",
        D::OptionDuplicate => "an option stands there twice",
        D::OptionBadValue => "an option has a value that it does not take",
        D::OptionPrincipalsOnPlain => "principals= on a line that is no CA's",
        D::MarkedCertAuthority => "cert-authority on the line of a plain key",
    }
}
