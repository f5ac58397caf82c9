//! What sshd logged lately: evidence, never a gate.
//!
//! User names in logs are chosen by whoever knocks. A line counts only if the syslog header at its
//! very start names sshd, and only the message after that header is handed on.

use crate::command;
use crate::tree::Tree;
use crate::zone::Zone;
use sshwhy_world::resolve::is_below;
use sshwhy_world::{Civil, Fact, Gap, Reader};
use std::time::Duration;

/// How much of the end of a log is read.
const TAIL: usize = 8 << 20;

/// One line that sshd logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When, in seconds since the epoch, where the header says so.
    pub time: Option<i64>,
    /// The process that wrote it.
    pub pid: Option<u32>,
    /// The message, without the header.
    pub message: Vec<u8>,
    /// The line as it stands in the log.
    pub raw: Vec<u8>,
    /// The log: a path, or `journal`.
    pub source: String,
}

/// What to look for: a line counts if it, or another line of the same process, holds one of the
/// words.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// User name, fingerprint, address.
    pub words: Vec<Vec<u8>>,
    /// The most lines that come back, the latest.
    pub most: usize,
}

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// The time a header gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Instant(i64),
    /// Without a year, in the server's zone.
    Civil(Civil),
}

fn take_word<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|&b| b == b' ').unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after.strip_prefix(b" ").unwrap_or(after);
    word
}

fn number<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Splits `TIME HOST sshd[PID]: MESSAGE`; the time as RFC 3164, RFC 3339 or seconds.
fn header(line: &[u8]) -> Option<(When, u32, &[u8])> {
    let mut rest = line;
    let first = take_word(&mut rest);
    let when = if let Some(month) = MONTHS.iter().position(|m| *m == first) {
        // One-digit days are padded with a blank.
        rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let day: u8 = number(take_word(&mut rest))?;
        let clock = take_word(&mut rest);
        let mut parts = clock.split(|&b| b == b':').map(number::<u8>);
        let mut next = || parts.next().flatten();
        let (hour, minute, second) = (next()?, next()?, next()?);
        let month = u8::try_from(month + 1).ok()?;
        When::Civil(Civil {
            year: 1970,
            month,
            day,
            hour,
            minute,
            second,
        })
    } else if first.contains(&b'T') {
        let stamp: jiff::Timestamp = number(first)?;
        When::Instant(stamp.as_second())
    } else {
        When::Instant(number(first.split(|&b| b == b'.').next()?)?)
    };
    let host = take_word(&mut rest);
    if host.is_empty() {
        return None;
    }
    let tag = take_word(&mut rest);
    let tag = tag.strip_suffix(b"]:")?;
    let open = tag.iter().position(|&b| b == b'[')?;
    let (name, pid) = (tag.get(..open)?, number(tag.get(open + 1..)?)?);
    matches!(name, b"sshd" | b"sshd-session" | b"sshd-auth" | b"dropbear")
        .then_some((when, pid, rest))
}

/// The end of a file, from the start of a line.
fn tail(tree: &Tree, path: &[u8]) -> Option<Fact<Vec<u8>>> {
    let real = tree.real(path)?;
    // A log below a home is not a log of the system.
    if is_below(&real, b"/home") {
        return None;
    }
    match tree.tail(&real, Reader::Root, TAIL) {
        Fact::Known(Ok(text)) => Some(Fact::Known(text)),
        Fact::Known(Err(_)) => None,
        Fact::Unknown(gap) => Some(Fact::Unknown(gap)),
    }
}

fn collect(text: &[u8], source: &str, tree: &Tree, zone: &Zone, now: i64, out: &mut Vec<LogLine>) {
    for line in text.split(|&b| b == b'\n') {
        let Some((when, pid, message)) = header(line) else {
            continue;
        };
        let time = match when {
            When::Instant(t) => Some(t),
            When::Civil(civil) => this_year(tree, zone, civil, now),
        };
        out.push(LogLine {
            time,
            pid: Some(pid),
            message: message.to_vec(),
            raw: line.to_vec(),
            source: source.to_owned(),
        });
    }
}

/// A date without a year is the latest one that is not in the future.
fn this_year(tree: &Tree, zone: &Zone, civil: Civil, now: i64) -> Option<i64> {
    let year = jiff::Timestamp::from_second(now)
        .ok()
        .and_then(|t| u16::try_from(jiff::tz::Offset::UTC.to_datetime(t).year()).ok())?;
    [year + 1, year, year - 1]
        .into_iter()
        .filter_map(|year| zone.wall_clock(tree, Civil { year, ..civil }))
        .find(|t| *t <= now + 86_400)
}

/// Lines of sshd from the logs of a tree and, on this machine, from the journal.
pub(crate) fn recent(
    tree: &Tree,
    zone: &Zone,
    live: bool,
    now: i64,
    query: &LogQuery,
) -> Fact<Vec<LogLine>> {
    let mut lines = Vec::new();
    let mut gap = None;
    let mut looked = false;
    if live {
        for program in ["/usr/bin/journalctl", "/bin/journalctl"] {
            if !tree.exists(program.as_bytes()) {
                continue;
            }
            // Only root's processes: anybody may log under the name sshd.
            let words = [
                program,
                "-q",
                "--no-pager",
                "--all",
                "-o",
                "short-unix",
                "-n",
                "20000",
                "-t",
                "sshd",
                "-t",
                "sshd-session",
                "-t",
                "sshd-auth",
                "_UID=0",
            ];
            let argv: Vec<Vec<u8>> = words.iter().map(|w| w.as_bytes().to_vec()).collect();
            if let Ok(outcome) = command::run(&argv, None, Duration::from_secs(5), TAIL) {
                looked |= !outcome.output.is_empty();
                collect(&outcome.output, "journal", tree, zone, now, &mut lines);
            }
            break;
        }
    }
    if lines.is_empty() {
        for path in ["/var/log/auth.log", "/var/log/secure", "/var/log/messages"] {
            match tail(tree, path.as_bytes()) {
                Some(Fact::Known(text)) => {
                    looked = true;
                    collect(&text, path, tree, zone, now, &mut lines);
                }
                Some(Fact::Unknown(g)) => gap = Some(g),
                None => {}
            }
        }
    }
    if !looked {
        return Fact::Unknown(gap.unwrap_or_else(|| {
            Gap::could_not(
                "what sshd logged",
                "there is no journal and no /var/log/auth.log or /var/log/secure",
                "",
            )
        }));
    }
    Fact::Known(pick(lines, query))
}

/// The lines of processes that mention one of the words.
fn pick(lines: Vec<LogLine>, query: &LogQuery) -> Vec<LogLine> {
    let mentions = |l: &LogLine| query.words.iter().any(|w| has_word(&l.message, w));
    let pids: std::collections::HashSet<Option<u32>> = lines
        .iter()
        .filter(|l| mentions(l))
        .map(|l| l.pid)
        .collect();
    let mut out: Vec<LogLine> = lines
        .into_iter()
        .filter(|l| pids.contains(&l.pid))
        .collect();
    let extra = out.len().saturating_sub(query.most);
    out.drain(..extra);
    out
}

/// Whether `word` stands in the text and is not a part of a longer one.
fn has_word(text: &[u8], word: &[u8]) -> bool {
    let part =
        |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b"._-+/".contains(b));
    !word.is_empty()
        && memchr::memmem::find_iter(text, word).any(|at| {
            let before = at.checked_sub(1).and_then(|i| text.get(i));
            let next = at + word.len();
            // The dot that ends a sentence belongs to no word.
            let after = text
                .get(next)
                .filter(|b| **b != b'.' || part(text.get(next + 1)));
            !part(before) && !part(after)
        })
}

/// The last kernel or audit line that fits.
pub(crate) fn denial(tree: &Tree, fits: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    let paths = [
        "/var/log/audit/audit.log",
        "/var/log/kern.log",
        "/var/log/messages",
        "/var/log/syslog",
    ];
    paths
        .iter()
        .find_map(|path| match tail(tree, path.as_bytes())? {
            Fact::Known(text) => text
                .split(|&b| b == b'\n')
                .rfind(|l| kernel_line(l) && fits(l))
                .map(<[u8]>::to_vec),
            Fact::Unknown(_) => None,
        })
}

/// Whether a line was written by the audit system or the kernel, by its header.
fn kernel_line(line: &[u8]) -> bool {
    if line.starts_with(b"type=AVC ") || line.starts_with(b"type=1400 ") {
        return true;
    }
    let mut rest = line;
    let first = take_word(&mut rest);
    if MONTHS.contains(&first) {
        rest = rest.strip_prefix(b" ").unwrap_or(rest);
        take_word(&mut rest);
        take_word(&mut rest);
    }
    take_word(&mut rest);
    let tag = take_word(&mut rest);
    tag == b"kernel:" || tag.starts_with(b"audit[") || tag.starts_with(b"audispd")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_of_headers_are_read() {
        let (when, pid, message) =
            header(b"Nov  2 15:25:26 vm1 sshd[190]: Invalid user x from 1.2.3.4 port 5").unwrap();
        let civil = Civil {
            year: 1970,
            month: 11,
            day: 2,
            hour: 15,
            minute: 25,
            second: 26,
        };
        assert_eq!((when, pid), (When::Civil(civil), 190));
        assert!(message.starts_with(b"Invalid user"));
        let iso = header(b"2026-11-22T15:25:26.5+01:00 vm1 sshd-session[7]: m").unwrap();
        assert_eq!(iso.0, When::Instant(1_795_357_526));
        let unix = header(b"1795361126.123456 vm1 sshd[7]: m").unwrap();
        assert_eq!(unix.0, When::Instant(1_795_361_126));
    }

    #[test]
    fn a_user_name_cannot_forge_a_line() {
        assert!(header(b"Nov 22 15:25:26 vm1 cron[9]: sshd[190]: Accepted publickey").is_none());
        assert!(header(b"vm1 sshd[190]: Accepted publickey").is_none());
        assert!(!kernel_line(
            b"Nov 22 15:25:26 vm1 sshd[1]: type=AVC avc: denied"
        ));
        assert!(kernel_line(
            b"2026-11-22T15:31:02+0000 vm1 audit[304]: AVC apparmor=\"DENIED\""
        ));
    }

    #[test]
    fn a_name_is_not_found_inside_another() {
        assert!(has_word(b"Invalid user bob from 10.0.0.1 port 1", b"bob"));
        assert!(!has_word(b"Invalid user bobby from", b"bob"));
        assert!(!has_word(b"from 10.0.0.11 port", b"10.0.0.1"));
        assert!(has_word(b"User bob.", b"bob"));
    }
}
