//! One line that holds the wanted key's whole base64, or the key in another shape, and on which sshd does not find it.

use super::diagnose::{marker, option_damage};
use super::text::{self, concat};
use super::{Damage, DamageKind as K, Wanted, prefix};
use crate::label::{LABELS, Label};
use crate::line::{Answer, DeadWhy, Line, LineKind};
use crate::options::{OptionName, Options};
use crate::rules::{Flavour, Rules};
use crate::span::Span;
use alloc::vec::Vec;
use memchr::memmem;
use sshwhy_keys::PublicKey;

pub(super) enum Outcome {
    /// sshd finds the key here.
    Intact,
    Damage(Damage),
    Nothing,
}

/// What is wrong with a line that holds the wanted key in whole. `None`: it is not there, or nothing is wrong.
pub fn on_line(line: &Line<'_>, wanted: &Wanted<'_>) -> Option<Damage> {
    match examine(line, wanted, line.rules()) {
        Outcome::Damage(damage) => Some(damage),
        Outcome::Intact | Outcome::Nothing => None,
    }
}

pub(super) fn examine(line: &Line<'_>, wanted: &Wanted<'_>, rules: &Rules) -> Outcome {
    match line.candidate_for(&wanted.offered()) {
        Answer::Match(o) => {
            let item = o.items.iter().find(|i| i.name == OptionName::Principals);
            return match item {
                Some(item) if !o.cert_authority => {
                    Outcome::Damage(Damage::new(K::OptionPrincipalsOnPlain, item.span).proven(None))
                }
                _ => Outcome::Intact,
            };
        }
        Answer::WrongMark(o) => {
            let item = o.items.iter().find(|i| i.name == OptionName::CertAuthority);
            let span = item.map_or(Span::new(0, 0), |i| i.span);
            return Outcome::Damage(Damage::new(K::MarkedCertAuthority, span).proven(None));
        }
        Answer::BadOptions(e) => {
            let d = option_damage(line, &e);
            let (list, rest) = split_options(line);
            let repaired = match d.kind {
                K::OptionUnquoted => {
                    prefix::quote_values(list, rules).map(|l| concat(&[&l, b" ", rest]))
                }
                K::Bom => Some(concat(&[
                    list.get(text::BOM.len()..).unwrap_or(&[]),
                    b" ",
                    rest,
                ])),
                K::LeadingJunk if prefix::names_an_option(list) => None,
                K::LeadingJunk | K::KnownHosts => Some(rest.to_vec()),
                _ => None,
            };
            return Outcome::Damage(d.proven(repaired.filter(|l| wanted.is_on(l, rules))));
        }
        Answer::NoKeyHere(_) | Answer::OtherKey { .. } => {}
    }
    if let LineKind::Candidate(c) = &line.kind
        && c.label.cert
        && c.label.kind == wanted.label.kind
        && PublicKey::from_blob(&c.blob).is_ok_and(|k| k.plain_blob() == wanted.blob)
    {
        let options = c.options.map_or(&[][..], |s| s.of(line.raw));
        let plain = wanted.line(options, c.comment.of(line.raw));
        return Outcome::Damage(Damage::new(K::Certificate, c.key_type).proven(Some(plain)));
    }
    let Some(at) = memmem::find(line.raw, &wanted.base64) else {
        return Outcome::Nothing;
    };
    let d = super::whole::cr_only(line.raw, wanted, rules)
        .unwrap_or_else(|| whole_text(line, at, wanted, rules));
    // Fingerprint of the key that took the line.
    match &line.kind {
        LineKind::Candidate(c) if c.blob != wanted.blob => Outcome::Damage(Damage {
            other_blob: Some(c.blob.clone()),
            ..d
        }),
        _ => Outcome::Damage(d),
    }
}

/// The option list and the rest of a line sshd finds a key on.
fn split_options<'a>(line: &Line<'a>) -> (&'a [u8], &'a [u8]) {
    match &line.kind {
        LineKind::Candidate(c) => (
            c.options.map_or(&[][..], |s| s.of(line.raw)),
            line.raw.get(c.key_type.start..).unwrap_or(&[]),
        ),
        _ => (&[], line.raw),
    }
}

/// The base64 stands at `at`, whole.
fn whole_text(line: &Line<'_>, at: usize, wanted: &Wanted<'_>, rules: &Rules) -> Damage {
    let raw = line.raw;
    let end = at + wanted.base64.len();
    let (before, after) = (raw.get(..at).unwrap_or(&[]), raw.get(end..).unwrap_or(&[]));
    let start = raw
        .iter()
        .position(|b| !matches!(b, b' ' | b'\t'))
        .unwrap_or(0);
    let body = raw.get(start..).unwrap_or(&[]);
    let good = |text: Vec<u8>| wanted.is_on(&text, rules).then_some(text);
    if let LineKind::Dead(d) = &line.kind
        && let DeadWhy::TooLong { limit, len } = d.why
    {
        return Damage::new(K::TooLong, Span::new(limit, len)).proven(None);
    }
    if body.starts_with(text::BOM) {
        let clean = body.get(3..).unwrap_or(&[]).to_vec();
        return Damage::new(K::Bom, Span::new(start, start + 3)).proven(good(clean));
    }
    if body.first() == Some(&b'#') {
        let skip = body
            .iter()
            .take_while(|b| matches!(b, b'#' | b' ' | b'\t'))
            .count();
        let clean = body.get(skip..).unwrap_or(&[]).to_vec();
        return Damage::new(K::CommentedOut, Span::new(start, start + skip)).proven(good(clean));
    }
    if let Some((clean, first, n)) = text::without_odd_blanks(raw)
        && let Some(clean) = good(clean)
    {
        return Damage::new(K::Nbsp, Span::new(first, first + n))
            .proven(Some(clean.trim_ascii_start().to_vec()));
    }
    if !rules.tab_separates && raw.contains(&b'\t') {
        let clean: Vec<u8> = raw
            .iter()
            .map(|&b| if b == b'\t' { b' ' } else { b })
            .collect();
        let first = raw.iter().position(|&b| b == b'\t').unwrap_or(0);
        let clean = single_blanks(&clean, at);
        if let Some(clean) = good(clean) {
            return Damage::new(K::Tab, Span::new(first, first + 1)).proven(Some(clean));
        }
    }
    if rules.flavour == Flavour::Dropbear || !rules.tab_separates {
        let clean = single_blanks(raw, at);
        if clean != raw
            && let Some(clean) = good(clean)
        {
            let two = memmem::find(raw, b"  ").unwrap_or(0);
            let span = if start > 0 {
                Span::new(0, start)
            } else {
                Span::new(two, two + 2)
            };
            return Damage::new(K::Blanks, span).proven(Some(clean));
        }
    }
    if let Some(d) = quoted(body, start, wanted, rules) {
        return d;
    }
    if let Some(d) = junk_after(before, after, end, wanted, rules) {
        return d;
    }
    before_blob(before, after, wanted, rules)
}

/// Leading blanks removed, and blanks outside of quotes before the base64 at `at` made one SPACE.
fn single_blanks(raw: &[u8], at: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut quoted = false;
    for (i, &b) in raw.iter().enumerate() {
        if i <= at {
            if b == b'"' {
                quoted = !quoted;
            }
            if b == b' ' && !quoted && matches!(out.last(), None | Some(b' ')) {
                continue;
            }
        }
        out.push(b);
    }
    out
}

fn quoted(body: &[u8], start: usize, wanted: &Wanted<'_>, rules: &Rules) -> Option<Damage> {
    let open = text::quote(body)?;
    let mut inner = body.get(open..)?.trim_ascii();
    if let Some(rest) = inner
        .strip_suffix(b",")
        .or_else(|| inner.strip_suffix(b";"))
    {
        inner = rest;
    }
    let shut = text::quote_at_end(inner).unwrap_or(0);
    let bare = inner.get(..inner.len().saturating_sub(shut))?.trim_ascii();
    // `"ssh-ed25519" AAAA…`: quotes around the words.
    let bare_words = bare
        .iter()
        .copied()
        .filter(|b| !matches!(b, b'"' | b'\'' | b'`'))
        .collect();
    let candidates = [bare.to_vec(), bare_words];
    let clean = candidates.into_iter().find(|c| wanted.is_on(c, rules))?;
    Some(Damage::new(K::Quoted, Span::new(start, start + open)).proven(Some(clean)))
}

/// Something right behind the base64.
fn junk_after(
    before: &[u8],
    after: &[u8],
    end: usize,
    wanted: &Wanted<'_>,
    rules: &Rules,
) -> Option<Damage> {
    let junk = after
        .iter()
        .position(|b| matches!(b, b' ' | b'\t'))
        .unwrap_or(after.len());
    let word = after.get(..junk)?;
    if word.trim_ascii().is_empty() {
        return None;
    }
    let rest = after.get(junk..)?;
    let span = Span::new(end, end + junk.max(1));
    if label_in(word).is_some() {
        let first = concat(&[before, &wanted.base64]);
        let both = concat(&[&first, b"\n", after]);
        let repaired = wanted.is_on(&first, rules).then_some(both);
        return Some(Damage::new(K::Glued, span).proven(repaired));
    }
    let clean = concat(&[before, &wanted.base64, rest]);
    if wanted.is_on(&clean, rules) {
        return Some(Damage::new(K::TrailingJunk, span).proven(Some(clean)));
    }
    None
}

/// A label at the start of a word.
fn label_in(word: &[u8]) -> Option<&'static Label> {
    LABELS
        .iter()
        .filter(|l| word.starts_with(l.name.as_bytes()))
        .max_by_key(|l| l.name.len())
}

/// What stands before the base64 keeps sshd from it.
fn before_blob(before: &[u8], after: &[u8], wanted: &Wanted<'_>, rules: &Rules) -> Damage {
    let kept = before.trim_ascii_end();
    let tail = after
        .get(
            after
                .iter()
                .position(|b| matches!(b, b' ' | b'\t'))
                .unwrap_or(after.len())..,
        )
        .unwrap_or(&[]);
    let good = |text: Vec<u8>| wanted.is_on(&text, rules).then_some(text);
    let rebuilt = |options: &[u8]| good(wanted.line(options.trim_ascii(), tail));
    let word_at = text::last_word(kept);
    let word = kept.get(word_at..).unwrap_or(&[]);
    let pre = kept.get(..word_at).unwrap_or(&[]);
    let word_span = Span::new(word_at, kept.len());
    let label = wanted.label.name.as_bytes();
    let is_options = |t: &[u8]| is_option_list(t.trim_ascii(), rules);

    if word.is_empty() {
        return Damage::new(K::TypeMissing, Span::new(before.len(), before.len() + 1))
            .proven(rebuilt(b""));
    }
    if word == label || word.ends_with(label) && kept.len() == before.len() {
        // The type is right: blanks, or what stands before it.
        let junk = word.get(..word.len() - label.len()).unwrap_or(&[]);
        if kept.len() == before.len() && junk.is_empty() && pre.trim_ascii().is_empty() {
            // The first characters of the key make it readable in words.
            let span = Span::new(word_at, kept.len() + 4);
            return Damage::new(K::TypeDamaged, span).proven(rebuilt(b""));
        }
        if kept.len() == before.len() && (junk.is_empty() || is_options(junk)) {
            return Damage::new(K::TypeDamaged, word_span).proven(rebuilt(&concat(&[pre, junk])));
        }
        return prefixed(pre, after, tail, wanted, rules);
    }
    if word.eq_ignore_ascii_case(label) {
        return Damage::new(K::TypeCase, word_span).proven(rebuilt(pre));
    }
    if LABELS.iter().any(|l| l.name.as_bytes() == word) {
        return Damage::new(K::TypeMismatch, word_span).proven(rebuilt(pre));
    }
    if let Some(junk) = word.strip_suffix(label) {
        let list = concat(&[pre, junk]);
        let span = Span::new(word_at + junk.len(), word_at + junk.len() + 1);
        let options = before_key_type(&list);
        if is_options(options) {
            return Damage::new(K::OptionNoSpaceBeforeKey, span).proven(rebuilt(options));
        }
        if has_key(&list) {
            return glued(&list, after, wanted, rules, span);
        }
        let (kind, span) = prefix::classify(&list, rules);
        let repaired = if kind == K::LeadingJunk && !prefix::names_an_option(&list) {
            rebuilt(b"")
        } else {
            None
        };
        return Damage::new(kind, span).proven(repaired);
    }
    // `ssh- rsa`: a blank inside the word.
    if let Some(head) = label.strip_suffix(word)
        && let Some(options) = pre.trim_ascii_end().strip_suffix(head)
    {
        let span = Span::new(options.len(), kept.len());
        return Damage::new(K::TypeDamaged, span).proven(rebuilt(options));
    }
    if word.len() >= 4 && text::distance(word, label, 3).is_some_and(|d| d < word.len() / 2)
        || (word.len() >= 4 && label.ends_with(word))
    {
        return Damage::new(K::TypeDamaged, word_span).proven(rebuilt(pre));
    }
    if is_options(kept) {
        return Damage::new(K::TypeMissing, Span::new(before.len(), before.len() + 1))
            .proven(rebuilt(kept));
    }
    if has_key(kept) {
        return glued(kept, after, wanted, rules, word_span);
    }
    if let Some(kind) = marker(kept) {
        return Damage::new(kind, Span::new(0, kept.len())).proven(rebuilt(b""));
    }
    // `ssh-ed25519 "AAAA…"`
    if text::quote(word) == Some(word.len())
        && let Some(options) = pre.trim_ascii_end().strip_suffix(label)
    {
        return Damage::new(K::Quoted, word_span).proven(rebuilt(options));
    }
    let repaired = if prefix::names_an_option(kept) {
        None
    } else {
        rebuilt(b"")
    };
    Damage::new(K::TypeMissing, word_span).proven(repaired)
}

/// The type is right and stands alone; `pre` is what keeps sshd from it.
fn prefixed(pre: &[u8], after: &[u8], tail: &[u8], wanted: &Wanted<'_>, rules: &Rules) -> Damage {
    let rebuilt = |options: &[u8]| {
        let text = wanted.line(options.trim_ascii(), tail);
        wanted.is_on(&text, rules).then_some(text)
    };
    if has_key(pre) {
        let at = pre.len();
        return glued(
            pre,
            after,
            wanted,
            rules,
            Span::new(at, at + wanted.label.name.len()),
        );
    }
    if pre.trim_ascii().is_empty() {
        return Damage::new(K::LeadingJunk, Span::new(0, pre.len())).proven(rebuilt(b""));
    }
    let (kind, span) = prefix::classify(pre, rules);
    let repaired = match kind {
        K::OptionSpaceInList => prefix::join(pre, rules).and_then(|l| rebuilt(&l)),
        K::OptionUnquoted => prefix::quote_values(pre, rules).and_then(|l| rebuilt(&l)),
        K::LeadingJunk if prefix::names_an_option(pre) => None,
        K::LeadingJunk | K::KnownHosts => rebuilt(b""),
        _ => None,
    };
    Damage::new(kind, span).proven(repaired)
}

fn glued(first: &[u8], after: &[u8], wanted: &Wanted<'_>, rules: &Rules, span: Span) -> Damage {
    let own = concat(&[wanted.label.name.as_bytes(), b" ", &wanted.base64, after]);
    // What stands between the two keys may be the second one's options, run into a comment.
    let repaired = (wanted.is_on(&own, rules) && !prefix::may_hold_options(behind_key(first)))
        .then(|| concat(&[first.trim_ascii_end(), b"\n", &own]));
    Damage::new(K::Glued, span).proven(repaired)
}

/// What follows the first key of a text; all of it, if it has none.
fn behind_key(text: &[u8]) -> &[u8] {
    let key = text.get(memmem::find(text, b"AAAA").unwrap_or(0)..);
    let key = key.unwrap_or(text);
    let end = key.iter().position(u8::is_ascii_whitespace);
    end.and_then(|end| key.get(end..)).unwrap_or_default()
}

/// True when the text holds a whole key line of its own.
fn has_key(text: &[u8]) -> bool {
    memmem::find(text, b"AAAA").is_some_and(|at| {
        let before = text.get(..at).unwrap_or(&[]).trim_ascii_end();
        LABELS.iter().any(|l| before.ends_with(l.name.as_bytes()))
    })
}

/// The options of a text that runs into the key type, without the comma that stands where a blank should.
pub(super) fn before_key_type(text: &[u8]) -> &[u8] {
    text.strip_suffix(b",").unwrap_or(text)
}

/// True for a list of options that sshd reads, with no blank in it.
pub(super) fn is_option_list(text: &[u8], rules: &Rules) -> bool {
    let mut quoted = false;
    let blank = text.iter().any(|&b| {
        if b == b'"' {
            quoted = !quoted;
        }
        !quoted && matches!(b, b' ' | b'\t')
    });
    let (o, result) = Options::parse(text, rules);
    !blank && !quoted && result.is_ok() && !o.items.is_empty()
}
