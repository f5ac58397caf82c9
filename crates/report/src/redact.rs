//! `--redact`: what tells who and where, replaced by stable placeholders.
//!
//! The facts are replaced before any words are made of them, so that text and JSON agree. The
//! same name becomes the same placeholder everywhere in one output: `user-1`, `addr-1`, `host-1`,
//! `comment-1`, `key-1` (a fingerprint), `blob-1` (a key), `path-1` (a name below a home).

use crate::document::Document;
use sshwhy_causes::{Args, Evidence, EvidenceKind, Finding};
use sshwhy_world::Gap;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;

/// Names that only the caller can know.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Accounts of people, each with its home directory.
    pub accounts: Vec<(Vec<u8>, Vec<u8>)>,
    /// Names of this host and of clients.
    pub hosts: Vec<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    User,
    Addr,
    Host,
    Comment,
    Key,
    Blob,
    Path,
    File,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Addr => "addr",
            Kind::Host => "host",
            Kind::Comment => "comment",
            Kind::Key => "key",
            Kind::Blob => "blob",
            Kind::Path => "path",
            Kind::File => "file",
        }
    }
}

/// Names below a home that every home has.
const ORDINARY: [&[u8]; 10] = [
    b".ssh",
    b"authorized_keys",
    b"authorized_keys2",
    b"authorized_principals",
    b"rc",
    b"environment",
    b".hushlogin",
    b".k5login",
    b".",
    b"..",
];

struct Redactor {
    numbers: BTreeMap<(Kind, Vec<u8>), usize>,
    counts: BTreeMap<Kind, usize>,
    /// Words to replace wherever they stand alone, longest first.
    terms: Vec<(Vec<u8>, Kind)>,
    /// Homes, longest first, and whose they are.
    homes: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Redacts a whole document.
pub fn redact(doc: &mut Document, known: &Known) {
    let mut r = Redactor::new(doc, known);
    if let Some(server) = &mut doc.server {
        server.config = r.replace(&server.config);
    }
    for entry in &mut doc.results {
        let s = &mut entry.subject;
        if let Some(user) = &mut s.user {
            *user = r.user(user);
        }
        if let Some(key) = &mut s.key {
            key.fingerprint = r.number(Kind::Key, key.fingerprint.as_bytes());
            key.source = r.source(&key.source);
            if !key.comment.is_empty() {
                key.comment = r.number(Kind::Comment, &key.comment).into_bytes();
            }
            key.key_type = r.replace(&key.key_type);
        }
        let from = s.from.map(|a| r.addr(a, &a.to_string()));
        let to =
            s.to.map(|a| format!("{}:{}", r.addr(a.ip(), &a.ip().to_string()), a.port()));
        s.hidden = Some((from, to));
        if let Some(host) = &mut s.from_host {
            *host = r.number(Kind::Host, host).into_bytes();
        }
        let j = &mut entry.judgement;
        for f in j
            .causes
            .iter_mut()
            .chain(&mut j.after_login)
            .chain(&mut j.notes)
        {
            r.finding(f);
        }
        for step in &mut j.trace {
            step.detail = r.replace(&step.detail);
        }
        for gap in &mut j.gaps {
            r.gap(gap);
        }
    }
}

impl Redactor {
    fn new(doc: &Document, known: &Known) -> Self {
        let mut r = Redactor {
            numbers: BTreeMap::new(),
            counts: BTreeMap::new(),
            terms: Vec::new(),
            homes: Vec::new(),
        };
        for (name, home) in &known.accounts {
            r.term(name, Kind::User);
            if home.len() > 1 && home.starts_with(b"/") && !name.is_empty() {
                let home = home.strip_suffix(b"/").unwrap_or(home);
                r.homes.push((home.to_vec(), name.clone()));
            }
        }
        for host in &known.hosts {
            r.term(host, Kind::Host);
        }
        for entry in &doc.results {
            if let Some(user) = &entry.subject.user {
                r.term(user, Kind::User);
            }
            if let Some(key) = &entry.subject.key {
                r.term(&key.comment, Kind::Comment);
            }
            if let Some(host) = &entry.subject.from_host {
                r.term(host, Kind::Host);
            }
            let j = &entry.judgement;
            for f in j.causes.iter().chain(&j.after_login).chain(&j.notes) {
                r.terms_of(&f.args);
            }
        }
        r.terms.sort_by_key(|(t, _)| std::cmp::Reverse(t.len()));
        r.homes.sort_by_key(|(h, _)| std::cmp::Reverse(h.len()));
        r
    }

    fn terms_of(&mut self, args: &Args) {
        for (name, value) in args.iter() {
            match name {
                "user" | "other_user" | "account" => self.term(value, Kind::User),
                "comment" | "key_id" => self.term(value, Kind::Comment),
                "principals" => {
                    for name in value.split(|b| matches!(b, b',' | b' ')) {
                        // The word between the last two is ours.
                        if name != b"and" {
                            self.term(name, Kind::User);
                        }
                    }
                }
                "host" => self.term(value, Kind::Host),
                _ => {}
            }
        }
        if let (Some(user), Some(home)) = (args.get("user"), args.get("home"))
            && home.len() > 1
            && home.starts_with(b"/")
        {
            let home = home.strip_suffix(b"/").unwrap_or(home).to_vec();
            if !self.homes.iter().any(|(h, _)| *h == home) {
                self.homes.push((home, user.to_vec()));
            }
        }
    }

    fn term(&mut self, word: &[u8], kind: Kind) {
        if !word.is_empty() && word != b"root" && !self.terms.iter().any(|(t, _)| t == word) {
            self.terms.push((word.to_vec(), kind));
        }
    }

    fn number(&mut self, kind: Kind, value: &[u8]) -> String {
        let key = (kind, value.to_vec());
        let n = match self.numbers.get(&key) {
            Some(n) => *n,
            None => {
                let count = self.counts.entry(kind).or_insert(0);
                *count += 1;
                let n = *count;
                self.numbers.insert(key, n);
                n
            }
        };
        format!("{}-{n}", kind.word())
    }

    fn user(&mut self, name: &[u8]) -> Vec<u8> {
        if name == b"root" || name.is_empty() {
            return name.to_vec();
        }
        self.number(Kind::User, name).into_bytes()
    }

    /// Loopback and the unspecified address tell nothing.
    fn addr(&mut self, addr: IpAddr, text: &str) -> String {
        if addr.is_loopback() || addr.is_unspecified() {
            return text.to_owned();
        }
        self.number(Kind::Addr, addr.to_string().as_bytes())
    }

    /// A `--key` as it was given: a path tells names, anything else is redacted as text.
    fn source(&mut self, source: &[u8]) -> Vec<u8> {
        let line = source.rsplit(|b| *b == b':').next().is_some_and(|w| {
            w.len() < source.len() && !w.is_empty() && w.iter().all(u8::is_ascii_digit)
        });
        if line || source.starts_with(b"SHA256:") || source.starts_with(b"MD5:") {
            return self.replace(source);
        }
        if matches!(source, b"standard input" | b"command line") {
            return source.to_vec();
        }
        self.number(Kind::File, source).into_bytes()
    }

    fn finding(&mut self, f: &mut Finding) {
        let mut args = Args::new();
        for (name, value) in f.args.iter() {
            let value = match name {
                "user" | "other_user" | "account" => self.user(value),
                "comment" if !value.is_empty() => self.number(Kind::Comment, value).into_bytes(),
                "host" => self.number(Kind::Host, value).into_bytes(),
                _ => self.replace(value),
            };
            args.set(name, value);
        }
        f.args = args;
        for e in &mut f.evidence {
            self.evidence(e);
        }
        if let Some(gap) = &mut f.gap {
            self.gap(gap);
        }
    }

    fn evidence(&mut self, e: &mut Evidence) {
        let old_len = e.text.as_ref().map_or(0, Vec::len);
        if let Some(text) = e.text.take() {
            let span = crate::quote::span_of(e, old_len);
            let mut moves = Vec::new();
            let new = self.replace_line(&text, &mut moves);
            if let Some(span) = span {
                let first = e.text_column.max(1);
                let column = |at: usize| first.saturating_add(at as u64);
                e.column = Some(column(moved(&moves, span.start, false)));
                if e.end_column.is_some() {
                    e.end_column = Some(column(moved(&moves, span.end, true)));
                }
            }
            e.text = Some(new);
        }
        let log = e.kind == EvidenceKind::Log;
        for field in [
            &mut e.path,
            &mut e.owner,
            &mut e.group,
            &mut e.value,
            &mut e.origin,
        ]
        .into_iter()
        .flatten()
        {
            *field = self.replace(field);
        }
        if let Some(detail) = &mut e.detail {
            if log {
                self.names_in_log(detail);
            }
            *detail = self.replace(detail);
        }
    }

    /// Log lines name users whom no account list knows.
    fn names_in_log(&mut self, line: &[u8]) {
        let words: Vec<&[u8]> = line.split(|b| *b == b' ').collect();
        for pair in words.windows(2) {
            if let [b"user" | b"for" | b"User", name] = pair
                && !matches!(
                    *name,
                    b"invalid" | b"user" | b"illegal" | b"directory" | b"root"
                )
            {
                self.term(name, Kind::User);
            }
        }
        self.terms.sort_by_key(|(t, _)| std::cmp::Reverse(t.len()));
    }

    fn gap(&mut self, gap: &mut Gap) {
        for field in [&mut gap.what, &mut gap.why, &mut gap.get] {
            *field = String::from_utf8_lossy(&self.replace(field.as_bytes())).into_owned();
        }
    }

    /// A line of a file: what follows a key is a comment.
    fn replace_line(&mut self, text: &[u8], moves: &mut Vec<Move>) -> Vec<u8> {
        let Some((_, end)) = blob_at(text) else {
            return self.replace_noting(text, moves);
        };
        let mut out = self.replace_noting(text.get(..end).unwrap_or_default(), moves);
        let tail = text.get(end..).unwrap_or_default();
        let comment = self.comment(tail);
        moves.push(Move {
            old: end..text.len(),
            new: out.len()..out.len().saturating_add(comment.len()),
        });
        out.extend_from_slice(&comment);
        out
    }

    /// Blanks, then a comment.
    fn comment(&mut self, text: &[u8]) -> Vec<u8> {
        let bare = text.trim_ascii();
        if bare.is_empty() {
            return text.to_vec();
        }
        let blanks = text.len() - text.trim_ascii_start().len();
        let mut out = text.get(..blanks).unwrap_or_default().to_vec();
        out.extend_from_slice(self.number(Kind::Comment, bare).as_bytes());
        out
    }

    /// Any text from outside.
    fn replace(&mut self, text: &[u8]) -> Vec<u8> {
        self.replace_noting(text, &mut Vec::new())
    }

    /// The same, noting what went where.
    fn replace_noting(&mut self, text: &[u8], moves: &mut Vec<Move>) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(&b) = text.get(at) {
            let rest = text.get(at..).unwrap_or_default();
            let fresh = at == 0 || !text.get(at - 1).is_some_and(u8::is_ascii_alphanumeric);
            let taken = if fresh {
                self.token(rest, text.get(..at).unwrap_or_default())
            } else {
                None
            };
            match taken {
                Some((len, word)) if len > 0 => {
                    moves.push(Move {
                        old: at..at + len,
                        new: out.len()..out.len() + word.len(),
                    });
                    out.extend_from_slice(&word);
                    at += len;
                }
                _ => {
                    out.push(b);
                    at += 1;
                }
            }
        }
        out
    }

    /// What starts here and has to be replaced: its length and its placeholder.
    fn token(&mut self, rest: &[u8], before: &[u8]) -> Option<(usize, Vec<u8>)> {
        if let Some(hit) = self.home_path(rest) {
            return Some(hit);
        }
        if let Some(len) = fingerprint_len(rest) {
            let word = self.number(Kind::Key, rest.get(..len)?).into_bytes();
            return Some((len, word));
        }
        if let Some((0, len)) = blob_at(rest) {
            let word = self.number(Kind::Blob, rest.get(..len)?).into_bytes();
            return Some((len, word));
        }
        let term = self.terms.iter().find(|(t, _)| {
            rest.starts_with(t) && !rest.get(t.len()).is_some_and(u8::is_ascii_alphanumeric)
        });
        if let Some((term, kind)) = term.cloned() {
            let word = self.number(kind, &term).into_bytes();
            return Some((term.len(), word));
        }
        if let Some(hit) = self.address(rest) {
            return Some(hit);
        }
        self.host(rest, before)
    }

    /// A path at or below a home.
    fn home_path(&mut self, rest: &[u8]) -> Option<(usize, Vec<u8>)> {
        if rest.first() != Some(&b'/') {
            return None;
        }
        let boundary = |len: usize| {
            rest.get(len)
                .is_none_or(|b| !(b.is_ascii_alphanumeric() || b"._-".contains(b)))
        };
        let known = self
            .homes
            .iter()
            .find(|(h, _)| rest.starts_with(h) && boundary(h.len()));
        let (len, user) = match known.cloned() {
            Some((home, user)) => (home.len(), user),
            None => {
                let base: &[u8] = [&b"/home/"[..], b"/Users/"]
                    .into_iter()
                    .find(|b| rest.starts_with(b))?;
                let name = rest.get(base.len()..)?;
                let n = name.iter().take_while(|b| in_path(**b)).count();
                (base.len() + n, name.get(..n)?.to_vec())
            }
        };
        let mut word = if user == b"root" {
            rest.get(..len)?.to_vec()
        } else {
            [b"/home/".as_slice(), &self.user(&user)].concat()
        };
        let mut at = len;
        while rest.get(at) == Some(&b'/') {
            word.push(b'/');
            at += 1;
            let n = rest.get(at..)?.iter().take_while(|b| in_path(**b)).count();
            let name = rest.get(at..at + n)?.to_vec();
            if name.is_empty() {
                break;
            }
            // A sentence's full stop or the colon of a line number is no part of the name.
            if ORDINARY.contains(&name.as_slice()) {
                word.extend_from_slice(&name);
            } else {
                word.extend_from_slice(self.number(Kind::Path, &name).as_bytes());
            }
            at += n;
        }
        Some((at, word))
    }

    fn address(&mut self, rest: &[u8]) -> Option<(usize, Vec<u8>)> {
        let wild = |b: &u8| b.is_ascii_hexdigit() || b":.*?".contains(b);
        let mut len = rest.iter().take_while(|b| wild(b)).count();
        while len > 0 {
            let word = std::str::from_utf8(rest.get(..len)?).ok()?;
            let next = rest.get(len);
            if let Ok(addr) = word.parse::<IpAddr>()
                && !next.is_some_and(u8::is_ascii_alphanumeric)
            {
                let text = self.addr(addr, word).into_bytes();
                return Some((len, text));
            }
            // `10.0.0.*`, `192.168.`
            let dots = word.matches('.').count();
            let digits = word
                .bytes()
                .all(|b| b.is_ascii_digit() || b".*?".contains(&b));
            if digits
                && dots >= 2
                && word.contains(['*', '?'])
                && word.bytes().any(|b| b.is_ascii_digit())
            {
                let text = self.number(Kind::Addr, word.as_bytes()).into_bytes();
                return Some((len, text));
            }
            // `203.0.113.5:22`, or the full stop of a sentence.
            let shorter = word.rfind([':', '.'])?;
            len = shorter;
        }
        None
    }

    /// A host name with a dot in it: `*.example.org`, `alice@gw.example.org`.
    fn host(&mut self, rest: &[u8], before: &[u8]) -> Option<(usize, Vec<u8>)> {
        if before.ends_with(b"/") {
            return None;
        }
        let ok = |b: &u8| b.is_ascii_alphanumeric() || b"-.*?@_".contains(b);
        let len = rest.iter().take_while(|b| ok(b)).count();
        let word = rest.get(..len)?;
        let word = word.strip_suffix(b".").unwrap_or(word);
        let len = word.len();
        if rest.get(len) == Some(&b'/') {
            return None;
        }
        if let Some(at) = word.iter().position(|b| *b == b'@') {
            let (user, host) = (word.get(..at)?, word.get(at + 1..)?);
            if user.is_empty() || host.is_empty() || is_protocol_name(host) {
                return is_protocol_name(host).then(|| (len, word.to_vec()));
            }
            let host_part = rest.get(at + 1..)?;
            let (host_len, host) = match self.address(host_part) {
                Some(hit) => hit,
                None if host == b"*" => (1, b"*".to_vec()),
                None => (host.len(), self.number(Kind::Host, host).into_bytes()),
            };
            let user = if user.iter().all(|b| b"*?".contains(b)) {
                user.to_vec()
            } else {
                self.user(user)
            };
            return Some((at + 1 + host_len, [user.as_slice(), b"@", &host].concat()));
        }
        const FILE: [&[u8]; 20] = [
            b"pub", b"conf", b"pem", b"ppk", b"bak", b"old", b"orig", b"key", b"txt", b"log",
            b"service", b"socket", b"so", b"sh", b"py", b"crt", b"rpmnew", b"rpmsave", b"target",
            b"dpkg",
        ];
        let last = word.rsplit(|b| *b == b'.').next()?;
        let named = word.contains(&b'.')
            && last.len() >= 2
            && last.iter().all(u8::is_ascii_alphabetic)
            && !FILE.contains(&last)
            && !is_protocol_name(word)
            && !word.contains(&b'_');
        if !named {
            return None;
        }
        let text = self.number(Kind::Host, word).into_bytes();
        Some((len, text))
    }
}

/// A piece of text that was replaced: its bytes before and after.
struct Move {
    old: Range<usize>,
    new: Range<usize>,
}

/// Where a byte of the old text is in the new one; inside a replaced piece, that piece's start or
/// end.
fn moved(moves: &[Move], at: usize, to_end: bool) -> usize {
    let mut shift_from = (0, 0);
    for m in moves {
        if at < m.old.start {
            break;
        }
        if at == m.old.start {
            return m.new.start;
        }
        if at < m.old.end {
            return if to_end { m.new.end } else { m.new.start };
        }
        shift_from = (m.old.end, m.new.end);
    }
    shift_from.1 + at.saturating_sub(shift_from.0)
}

/// The domain of an algorithm's or extension's name.
fn is_protocol_name(host: &[u8]) -> bool {
    [
        &b"openssh.com"[..],
        b"libssh.org",
        b"lysator.liu.se",
        b"putty.projects.tartarus.org",
    ]
    .contains(&host)
}

/// Bytes of a path's component, as they stand in running text.
fn in_path(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"._-+@%~#=".contains(&b) || b >= 0x80
}

fn fingerprint_len(rest: &[u8]) -> Option<usize> {
    if let Some(tail) = rest.strip_prefix(b"SHA256:") {
        let n = tail.iter().take_while(|b| is_base64(**b)).count();
        return (n == 43).then_some(7 + n);
    }
    let tail = rest.strip_prefix(b"MD5:")?;
    let n = tail
        .iter()
        .take_while(|b| b.is_ascii_hexdigit() || **b == b':')
        .count();
    (n == 47).then_some(4 + n)
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

/// The first key blob in base64: it starts with the length of its type's name.
fn blob_at(text: &[u8]) -> Option<(usize, usize)> {
    let start = text
        .windows(7)
        .position(|w| w.starts_with(b"AAAA") && w.iter().all(|b| is_base64(*b)))?;
    let len = text
        .get(start..)?
        .iter()
        .take_while(|b| is_base64(**b))
        .count();
    (len >= 32).then_some((start, start + len))
}
