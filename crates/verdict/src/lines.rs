//! The lines of a key file and their options (`auth_check_authkeys_file`,
//! `auth_check_authkey_line`, `auth_authorise_keyopts`).

use crate::Gate;
use crate::certificate;
use crate::conf::Kw;
use crate::found;
use crate::keyfile::Opened;
use crate::nearest;
use crate::pass::{Granted, Pass, Stop};
use crate::sources::{Near, Search, Tried};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_authfile::scan::Scanner;
use sshwhy_authfile::{
    Answer, Expiry, Flavour, Line, LineKind, OfferedKey as Wanted, OptionError, OptionName,
    Options, Span, Totals, damage,
};
use sshwhy_causes::authorized_keys as ak;
use sshwhy_causes::{Certainty, Finding};
use sshwhy_config::pattern::{AddrText, HostMatch, match_host_and_ip};
use sshwhy_world::{Civil, Cred, Errno, Fact, Mend, Reader};

/// Most lines of one file that are named each for itself; of the rest the number is told.
const MOST_NAMED: usize = 16;

/// A line that the search stopped at, copied out of the stream.
struct Hit {
    number: u64,
    raw: Vec<u8>,
    key_span: Span,
    answer: Answer,
}

/// Where something stands: for findings about one line.
pub(crate) struct Place<'l> {
    pub(crate) file: &'l [u8],
    pub(crate) number: u64,
    pub(crate) raw: &'l [u8],
    pub(crate) key: Span,
}

impl Place<'_> {
    /// A finding about this line, with the span that matters.
    pub(crate) fn finding(&self, cause: &'static sshwhy_causes::Cause, span: Span) -> Finding {
        Finding::new(cause)
            .arg("file", self.file)
            .arg("path", self.file)
            .arg("line", self.number.to_string())
            .arg("column", (span.start + 1).to_string())
            .evidence(found::text(
                self.file,
                self.number,
                self.raw,
                span.start..span.end,
            ))
    }
}

/// Looks for the wanted key in an opened file.
pub(crate) fn search_file(
    pass: &mut Pass<'_>,
    search: &mut Search,
    file: &Opened,
    wanted: Wanted<'_>,
) -> Gate<Option<Granted>> {
    let rules = &pass.server.rules;
    let mut scanner = Scanner::new(rules, wanted);
    let mut hits: Vec<Hit> = Vec::new();
    let mut granted: Option<Granted> = None;
    let mut shadowed: Vec<Finding> = Vec::new();
    let mut gap = None;
    let (mut named, mut unnamed) = (0usize, 0u64);
    let take = |f: sshwhy_authfile::scan::Found<'_>, hits: &mut Vec<Hit>| {
        let key_span = match &f.line.kind {
            LineKind::Candidate(c) => Span::new(c.key_type.start, c.base64.end),
            LineKind::Dead(d) => d.span,
            _ => Span::new(0, 0),
        };
        hits.push(Hit {
            number: f.number,
            raw: f.line.raw.to_vec(),
            key_span,
            answer: f.answer,
        });
    };
    let cred = pass.cred()?.clone();
    let path = file.path.as_slice();
    let mut judge_hits = |hits: &mut Vec<Hit>, search: &mut Search| {
        for hit in hits.drain(..) {
            let place = Place {
                file: path,
                number: hit.number,
                raw: &hit.raw,
                key: hit.key_span,
            };
            if let Some(first) = &granted {
                if shadowed.len() < MOST_NAMED {
                    shadowed.extend(shadowed_by(pass, first, &place, &hit.answer));
                }
                continue;
            }
            match line_answer(pass, &place, hit.answer, wanted) {
                Ok(Some(g)) => granted = Some(g),
                Ok(None) => {}
                Err(Stop::Refused(_)) if named == MOST_NAMED => unnamed += 1,
                Err(Stop::Refused(f)) => {
                    named += 1;
                    search.tried.push(Tried::new(Near::OnALine, path, *f));
                }
                Err(Stop::Unknown(g, f)) => gap = Some((g, f)),
                Err(Stop::Skipped) => {}
            }
        }
    };
    let mut done = false;
    let reader = Reader::User(&cred);
    // Dropbear decodes more than an index knows.
    let known = match rules.flavour {
        Flavour::OpenSsh => pass.world.key_lines(&file.real, reader, wanted.blob()),
        Flavour::Dropbear => None,
    };
    let answer = match &known {
        Some(known) => {
            for (number, raw) in &known.lines {
                scanner.line(*number, raw, |f| take(f, &mut hits));
            }
            Fact::Known(Ok(()))
        }
        None => pass.world.read(&file.real, reader, &mut |chunk| {
            scanner.push(chunk, |f| take(f, &mut hits));
            if !hits.is_empty() {
                judge_hits(&mut hits, search);
            }
            true
        }),
    };
    let totals = match answer {
        Fact::Known(Ok(())) => {
            done = true;
            match &known {
                Some(known) => Totals {
                    lines: known.total,
                    ..Totals::default()
                },
                None => scanner.finish(|f| take(f, &mut hits)),
            }
        }
        Fact::Known(Err(_)) => Default::default(),
        Fact::Unknown(gap) => return Err(gap.into()),
    };
    if done {
        judge_hits(&mut hits, search);
    }
    if unnamed > 0
        && let Some(last) = search.tried.last_mut()
        && let Some(place) = last.finding.evidence.first_mut()
    {
        let more = format!("{unnamed} more lines with this key do not let it in either");
        place.detail = Some(more.into_bytes());
    }
    if granted.is_some() {
        pass.notes.append(&mut shadowed);
        return Ok(granted);
    }
    if let Some((gap, finding)) = gap {
        return Err(Stop::Unknown(gap, finding));
    }
    if let Fact::Known(Err(errno)) = answer {
        let finding = refused_open(pass, path, &file.real, errno);
        let finding = found::with_setting(finding, &pass.conf.words(Kw::AuthorizedKeysFile)?);
        search
            .tried
            .push(Tried::new(Near::Unreadable, path, finding));
        return Ok(None);
    }
    if search
        .tried
        .iter()
        .any(|t| t.near == Near::OnALine && t.file == path)
    {
        return Ok(None);
    }
    let which = if totals == Totals::default() || only_comments(pass, &cred, &file.real) {
        &ak::keys_file_empty::CAUSE
    } else {
        &ak::key_not_listed::CAUSE
    };
    let finding = Finding::new(which)
        .arg("file", path)
        .arg("path", path)
        .arg("count", totals.lines.to_string());
    let finding = match pass.world.lstat(&file.real) {
        Fact::Known(Ok(node)) => finding.evidence(found::path(pass.world, path, &node)),
        _ => finding,
    };
    let finding = match pass.conf.words(Kw::AuthorizedKeysFile) {
        Ok(words) => found::with_setting(finding, &words),
        Err(_) => finding,
    };
    let finding = crate::keyfile::with_new_line(pass, finding, &file.real);
    search
        .tried
        .push(Tried::new(Near::NotListed, path, finding));
    Ok(None)
}

/// A line further down that lets the key in with fewer limits, and never gets to.
fn shadowed_by(
    pass: &Pass<'_>,
    first: &Granted,
    place: &Place<'_>,
    answer: &Answer,
) -> Option<Finding> {
    let Answer::Match(later) = answer else {
        return None;
    };
    let options = first.options.as_ref()?;
    let limits = |o: &Options| o.command.is_some() || o.restricted;
    if options.cert_authority || !limits(options) || limits(later) {
        return None;
    }
    authorise(pass, place, later, false).ok()?;
    let finding = place.finding(&ak::key_line_shadowed::CAUSE, place.key);
    Some(finding.arg("other_line", first.line.to_string()))
}

/// Whether every line is blank or a comment.
fn only_comments(pass: &Pass<'_>, cred: &Cred, real: &[u8]) -> bool {
    let (mut in_comment, mut other) = (false, false);
    let read = pass.world.read(real, Reader::User(cred), &mut |chunk| {
        for &b in chunk {
            match b {
                b'\n' => in_comment = false,
                _ if in_comment => {}
                b' ' | b'\t' | b'\r' => {}
                b'#' => in_comment = true,
                _ => other = true,
            }
        }
        !other
    });
    matches!(read, Fact::Known(Ok(()))) && !other
}

/// The modes would allow it, and open(2) refused all the same: MAC, FUSE or a network file system.
fn refused_open(pass: &Pass<'_>, path: &[u8], real: &[u8], errno: Errno) -> Finding {
    let mut f = Finding::new(&ak::keys_file_unreadable::CAUSE)
        .arg("file", path)
        .arg("path", real)
        .arg("what", "file")
        .arg("reason", errno.text());
    if let Fact::Known(Ok(node)) = pass.world.lstat(real) {
        f = f
            .arg("mode", found::octal(node.mode))
            .arg("owner", found::user_name(pass.world, node.uid))
            .arg("group", found::group_name(pass.world, node.gid))
            .evidence(found::path(pass.world, real, &node));
    }
    f
}

/// What one line says to the offered key. `Ok(None)`: nothing.
pub(crate) fn line_answer(
    pass: &Pass<'_>,
    place: &Place<'_>,
    answer: Answer,
    wanted: Wanted<'_>,
) -> Gate<Option<Granted>> {
    match answer {
        Answer::NoKeyHere(_) | Answer::OtherKey { .. } => Ok(None),
        Answer::BadOptions(error) => {
            let mut f = bad_option(pass, place, &error, wanted);
            if let Some(line) = without_options(place) {
                f = f.mend(key_line(pass, place, line));
            }
            pass_line(pass, f)
        }
        Answer::WrongMark(_) if wanted.is_certificate() => {
            pass_line(pass, certificate::unmarked(pass, place))
        }
        Answer::WrongMark(options) => {
            let mut f = place.finding(&ak::key_marked_cert_authority::CAUSE, place.key);
            if let Some(line) = without(place, &options, OptionName::CertAuthority) {
                f = f.mend(key_line(pass, place, line));
            }
            pass_line(pass, f)
        }
        Answer::Match(options) => {
            authorise(pass, place, &options, wanted.is_certificate())?;
            let mut granted = Granted {
                origin: origin(place),
                file: place.file.to_vec(),
                line: place.number,
                command: options.command.as_ref().map(|c| c.expose().to_vec()),
                command_from_cert: false,
                no_touch: !options.touch_required,
                verify: options.verify_required,
                options: Some(options),
                refused: None,
            };
            if wanted.is_certificate() {
                certificate::through_line(pass, place, &mut granted)?;
            }
            Ok(Some(granted))
        }
    }
}

fn pass_line(pass: &Pass<'_>, finding: Finding) -> Gate<Option<Granted>> {
    if pass.world.waived(finding.cause.id) {
        return Ok(Some(Granted::default()));
    }
    Err(finding.into())
}

fn origin(place: &Place<'_>) -> Vec<u8> {
    let mut out = place.file.to_vec();
    out.extend_from_slice(format!(":{}", place.number).as_bytes());
    out
}

/// `auth_authorise_keyopts`: expiry, principals on a plain key, from.
pub(crate) fn authorise(pass: &Pass<'_>, place: &Place<'_>, options: &Options, cert: bool) -> Gate {
    let refuse = |f: Finding| {
        if pass.world.waived(f.cause.id) {
            Ok(())
        } else {
            Err(Stop::Refused(Box::new(f)))
        }
    };
    let mended = |f: Finding, name| match without(place, options, name) {
        Some(line) => f.mend(key_line(pass, place, line)),
        None => f,
    };
    if let Some((when, expiry)) = earliest(pass, &options.expiry)?
        && when < pass.world.now()
    {
        let f = place
            .finding(&ak::key_expired::CAUSE, expiry.span)
            .arg("date", crate::account::instant(when))
            .arg("value", expiry.span.of(place.raw));
        refuse(mended(f, OptionName::ExpiryTime))?;
    }
    if let Some(principals) = &options.principals
        && !cert
    {
        let f = place.finding(&ak::key_option_principals_on_plain::CAUSE, principals.span);
        refuse(mended(f, OptionName::Principals))?;
    }
    let Some(from) = &options.from else {
        return Ok(());
    };
    let addr = AddrText::new(pass.attempt.from.addr);
    let host = pass.conf.host_name(&addr);
    let name = host.clone().unwrap_or_else(|| addr.text().to_vec());
    let which = match match_host_and_ip(&name, &addr, &from.bytes) {
        HostMatch::Match => return Ok(()),
        HostMatch::Invalid => &ak::from_invalid::CAUSE,
        HostMatch::NoMatch => {
            if host.is_none() && names_hosts(&from.bytes) {
                return Err(pass.conf.host_gap().into());
            }
            let entries = || from.bytes.split(|&b| b == b',');
            if entries().all(|e| e.starts_with(b"!")) {
                &ak::from_only_negated::CAUSE
            } else if with_space_trimmed_matches(&name, &addr, &from.bytes) {
                &ak::from_space_after_comma::CAUSE
            } else {
                &ak::from_mismatch::CAUSE
            }
        }
    };
    let f = place
        .finding(which, from.span)
        .arg("pattern", from.bytes.as_slice())
        .arg("found", addr.text());
    refuse(mended(f, OptionName::From))
}

fn with_space_trimmed_matches(name: &[u8], addr: &AddrText, list: &[u8]) -> bool {
    if !list.iter().any(|b| b.is_ascii_whitespace()) {
        return false;
    }
    let trimmed: Vec<&[u8]> = list.split(|&b| b == b',').map(<[u8]>::trim_ascii).collect();
    match_host_and_ip(name, addr, &trimmed.join(&b","[..])) == HostMatch::Match
}

/// Whether a pattern list holds entries that are neither addresses nor networks.
fn names_hosts(list: &[u8]) -> bool {
    list.split(|&b| b == b',').any(|e| {
        let e = e.strip_prefix(b"!").unwrap_or(e);
        e.iter()
            .any(|b| b.is_ascii_alphabetic() && !b.is_ascii_hexdigit())
    })
}

/// The earliest of the expiry times of a line, in seconds since the epoch.
fn earliest<'o>(pass: &Pass<'_>, all: &'o [Expiry]) -> Gate<Option<(i64, &'o Expiry)>> {
    let mut out: Option<(i64, &Expiry)> = None;
    for e in all {
        let civil = Civil {
            year: e.time.year,
            month: e.time.month,
            day: e.time.day,
            hour: e.time.hour,
            minute: e.time.minute,
            second: e.time.second,
        };
        let when = if e.utc {
            civil.utc()
        } else {
            pass.world.local_time(civil).known()?
        };
        if out.is_none_or(|(best, _)| when < best) {
            out = Some((when, e));
        }
    }
    Ok(out)
}

/// The finding for text before the key that sshd cannot read as options.
fn bad_option(
    pass: &Pass<'_>,
    place: &Place<'_>,
    error: &OptionError,
    wanted: Wanted<'_>,
) -> Finding {
    let line = Line::read(place.raw, &pass.server.rules);
    let damage = damage::Wanted::new(wanted.blob(), None)
        .and_then(|key| damage::on_line(&line, &key))
        .unwrap_or_else(|| damage::option_damage(&line, error));
    let mut finding = nearest::describe(place.file, place.number, place.raw, &damage)
        .unwrap_or_else(|| place.finding(&ak::key_option_unknown::CAUSE, error.span));
    finding.certainty = Certainty::Certain;
    finding
}

/// The line with its key and comment alone: what the mended world holds. It is for judging what
/// would come next, never for writing.
fn without_options(place: &Place<'_>) -> Option<Vec<u8>> {
    let rest = place.raw.get(place.key.start..place.key.end)?;
    (!rest.is_empty()).then(|| rest.to_vec())
}

/// The same line without its options of one name.
fn without(place: &Place<'_>, options: &Options, name: OptionName) -> Option<Vec<u8>> {
    let kept: Vec<&[u8]> = options
        .items
        .iter()
        .filter(|item| item.name != name)
        .map(|item| item.span.of(place.raw))
        .collect();
    let mut line = kept.join(&b","[..]);
    if !line.is_empty() {
        line.push(b' ');
    }
    line.extend(without_options(place)?);
    Some(line)
}

fn key_line(pass: &Pass<'_>, place: &Place<'_>, line: Vec<u8>) -> Mend {
    let (uid, gid) = pass.account.as_ref().map_or((0, 0), |a| (a.uid, a.gid));
    let real = match sshwhy_world::resolve::resolve(pass.world, place.file, None) {
        Ok(Ok(r)) => r.real,
        _ => place.file.to_vec(),
    };
    Mend::KeyLine {
        path: real,
        line,
        uid,
        gid,
    }
}

/// Whether the file at `path`, which sshd will not read, holds the key on a line. Only what the
/// user may read is looked at.
pub(crate) fn holds_key(pass: &Pass<'_>, path: &[u8], wanted: Wanted<'_>) -> bool {
    let Some(cred) = pass.cred.as_ref() else {
        return false;
    };
    let Ok(Ok(resolved)) = sshwhy_world::resolve::resolve(pass.world, path, Some(cred)) else {
        return false;
    };
    if !resolved.node.is_file() {
        return false;
    }
    let mut scanner = Scanner::new(&pass.server.rules, wanted);
    let mut hit = false;
    let mut on = |f: sshwhy_authfile::scan::Found<'_>| hit |= matches!(f.answer, Answer::Match(_));
    let read = pass
        .world
        .read(&resolved.real, Reader::User(cred), &mut |chunk| {
            scanner.push(chunk, &mut on);
            true
        });
    if matches!(read, Fact::Known(Ok(()))) {
        scanner.finish(&mut on);
    }
    hit
}

/// A key that stands on a line of a file.
#[derive(Clone, Debug)]
pub(crate) struct ListedKey {
    pub(crate) line: u64,
    pub(crate) blob: Vec<u8>,
}

/// Every key on the lines of an opened file, at most [`crate::KEY_FILE_LIMIT`] bytes of it.
pub(crate) fn keys_in(pass: &Pass<'_>, file: &Opened) -> Vec<ListedKey> {
    let Some(cred) = pass.cred.as_ref() else {
        return Vec::new();
    };
    let read = sshwhy_world::read_all(
        pass.world,
        &file.real,
        Reader::User(cred),
        crate::KEY_FILE_LIMIT,
    );
    let Fact::Known(Ok((text, _))) = read else {
        return Vec::new();
    };
    listed(&text, &pass.server.rules)
}

/// Every key on the lines of a text.
pub(crate) fn listed(text: &[u8], rules: &sshwhy_authfile::Rules) -> Vec<ListedKey> {
    let mut out = Vec::new();
    for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
        let line = Line::read(raw, rules);
        if let LineKind::Candidate(c) = &line.kind {
            out.push(ListedKey {
                line: i as u64 + 1,
                blob: c.blob.clone(),
            });
        }
    }
    out
}
