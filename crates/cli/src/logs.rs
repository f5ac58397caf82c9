//! Pasted text: which lines are sshd's, which login they belong to, and what they prove.

use sshwhy_causes::logline;
use sshwhy_causes::template::{Piece, pieces};
use sshwhy_causes::{Args, Cause, Certainty, Evidence, EvidenceKind, Finding, Stage};
use sshwhy_report::{Entry, Subject, SubjectKey};
use sshwhy_verdict::{Judgement, Verdict};
use sshwhy_world::Gap;

/// A line that this many causes could have logged tells of none of them.
const TOO_MANY: usize = 8;

/// PAM refused, for whatever reason.
const GENERIC: &str = "pam-denied";

/// Most logins told apart in one text.
const MAX_LOGINS: usize = 10_000;

/// Words of servers and clients that tell of a refused key without a reason.
const SILENT: [&[u8]; 14] = [
    b"Permission denied (",
    b"Server refused our key",
    b"Connection closed by authenticating user ",
    b"Connection reset by authenticating user ",
    b"Disconnected from authenticating user ",
    b"Failed publickey for ",
    b"Postponed publickey for ",
    // sshd says "invalid user" of every account it refuses, so that these tell of none.
    b"Connection closed by invalid user ",
    b"Disconnected from invalid user ",
    b"maximum authentication attempts exceeded for ",
    b"No supported authentication methods available",
    b"Too many authentication failures",
    b"Received disconnect from ",
    b"we did not send a packet, disable method",
];

/// One login's lines, as far as they can be told apart.
#[derive(Default)]
struct Login {
    pid: Option<Vec<u8>>,
    subject: Subject,
    findings: Vec<Finding>,
    accepted: bool,
    silent: bool,
}

/// What can be said of a text: one entry for each login in it that says anything.
pub(crate) fn recognise(text: &[u8], source: &[u8]) -> Vec<Entry> {
    let index = Index::new();
    let mut logins: Vec<Login> = Vec::new();
    for (n, raw) in text.split(|b| *b == b'\n').enumerate() {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        let (pid, message) = message(raw);
        if message.is_empty() {
            continue;
        }
        let mut hits = index.hits(message);
        if hits.len() > TOO_MANY {
            // Many reasons, one line: the cause that stands for all of them is proven.
            hits.retain(|(c, _)| c.id == GENERIC);
        }
        let accepted = message.starts_with(b"Accepted ");
        let silent = SILENT.iter().any(|s| find(message, s).is_some());
        if hits.is_empty() && !accepted && !silent {
            continue;
        }
        let Some(login) = login_of(&mut logins, pid) else {
            break;
        };
        login.accepted |= accepted;
        login.silent |= silent;
        name(&mut login.subject, message);
        // The same words for two causes prove neither.
        let alone = hits.len() == 1;
        for (cause, args) in hits {
            let certainty = match (alone, path_fits(cause, &args)) {
                (true, _) => Certainty::Certain,
                (false, true) => Certainty::Likely,
                (false, false) => Certainty::Possible,
            };
            if let Some(user) = args.get("user") {
                login.subject.user.get_or_insert_with(|| user.to_vec());
            }
            if let Some(addr) = args
                .get("from")
                .and_then(|a| std::str::from_utf8(a).ok()?.parse().ok())
            {
                login.subject.from.get_or_insert(addr);
            }
            if let Some(known) = login.findings.iter_mut().find(|f| f.cause.id == cause.id) {
                known.certainty = known.certainty.max(certainty);
                continue;
            }
            let mut evidence = Evidence::new(EvidenceKind::Log);
            evidence.path = Some(source.to_vec());
            evidence.line = Some(n as u64 + 1);
            evidence.detail = Some(message.to_vec());
            let mut finding = Finding::new(cause).evidence(evidence);
            finding.certainty = certainty;
            finding.args = args;
            login.findings.push(finding);
        }
    }
    logins.into_iter().filter_map(entry).collect()
}

fn login_of<'l>(logins: &'l mut Vec<Login>, pid: Option<&[u8]>) -> Option<&'l mut Login> {
    let at = match logins.iter().rposition(|l| l.pid.as_deref() == pid) {
        Some(at) => at,
        None if logins.len() >= MAX_LOGINS => return None,
        None => {
            logins.push(Login {
                pid: pid.map(<[u8]>::to_vec),
                ..Login::default()
            });
            logins.len() - 1
        }
    };
    logins.get_mut(at)
}

fn entry(mut login: Login) -> Option<Entry> {
    if login.findings.is_empty() && !login.silent {
        return None;
    }
    if let Some(user) = &login.subject.user {
        for f in &mut login.findings {
            let mut base = Args::new();
            base.set("user", user.as_slice());
            f.args.fill(&base);
        }
    }
    login
        .findings
        .sort_by_key(|f| std::cmp::Reverse(f.certainty));
    // A file or a line that sshd passes over is not yet a refused login: the next may let it in.
    let one_of_many = |s: Stage| {
        matches!(
            s,
            Stage::AuthorizedKeys | Stage::Certificate | Stage::Algorithm | Stage::Offer
        )
    };
    let proven = login.findings.first().is_some_and(|f| {
        f.certainty == Certainty::Certain && (login.silent || !one_of_many(f.cause.stage))
    });
    let mut judgement = Judgement {
        verdict: Verdict::Undetermined,
        causes: Vec::new(),
        after_login: Vec::new(),
        notes: Vec::new(),
        trace: Vec::new(),
        gaps: Vec::new(),
    };
    if login.accepted {
        judgement.verdict = Verdict::Accept;
        judgement.notes = login.findings;
    } else if proven {
        judgement.verdict = Verdict::Refuse;
        judgement.causes = login.findings;
    } else {
        judgement.causes = login.findings;
        let (what, why) = if judgement.causes.is_empty() {
            (
                "why the server refused",
                "the text does not say; sshd tells most reasons to nobody",
            )
        } else {
            (
                "whether this is what stopped the login",
                "the text alone does not prove it",
            )
        };
        judgement.gaps.push(Gap::could_not(
            what,
            why,
            "on the server: sudo sshwhy audit --user NAME --key KEY",
        ));
    }
    Some(Entry {
        subject: login.subject,
        judgement,
        observed: true,
        count: 1,
    })
}

/// Whether the path that a line names is one that this cause, of several with the same words, is
/// about.
fn path_fits(cause: &Cause, args: &Args) -> bool {
    let Some(path) = args.get("path") else {
        return false;
    };
    let depth = path.iter().filter(|b| **b == b'/').count();
    let home = path == b"/root" || (depth == 2 && path.starts_with(b"/home/"));
    match cause.id {
        "home-writable" => home,
        "keys-dir-writable" => path.ends_with(b"/.ssh"),
        "parent-writable" => depth < 2 && !home,
        "keys-file-writable" => path.ends_with(b"/authorized_keys"),
        _ => false,
    }
}

/// The message of a log line and the process that wrote it: syslog, journalctl, `sshd -d`.
fn message(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    for name in [&b"sshd"[..], b"sshd-session", b"sshd-auth", b"dropbear"] {
        let mut from = 0;
        while let Some(at) = find(line.get(from..).unwrap_or_default(), name).map(|n| n + from) {
            let rest = line.get(at + name.len()..).unwrap_or_default();
            let starts = at == 0 || line.get(at - 1) == Some(&b' ');
            if let Some(tail) = rest.strip_prefix(b"[")
                && starts
                && let Some(end) = tail.iter().position(|b| !b.is_ascii_digit())
                && let Some(text) = tail.get(end..).and_then(|t| t.strip_prefix(b"]: "))
            {
                return (tail.get(..end), bare(text));
            }
            if let Some(text) = rest.strip_prefix(b": ")
                && starts
            {
                return (None, bare(text));
            }
            from = at + name.len();
        }
    }
    (None, bare(line))
}

/// Without the level that `sshd -d` and `ssh -v` put before a line.
fn bare(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    for level in [
        &b"debug1: "[..],
        b"debug2: ",
        b"debug3: ",
        b"error: ",
        b"fatal: ",
    ] {
        if let Some(rest) = text.strip_prefix(level) {
            return rest;
        }
    }
    text
}

/// Takes user, address and key out of sshd's usual words: `for [invalid user] NAME from ADDR port
/// N [ssh2: TYPE SHA256:…]`. The last ` from ` counts: a user name may hold the word.
fn name(subject: &mut Subject, message: &[u8]) {
    let message = message.strip_suffix(b" [preauth]").unwrap_or(message);
    // `… authenticating user NAME ADDR port N`
    for word in [&b" authenticating user "[..], b" invalid user "] {
        if message.starts_with(b"Failed ") || message.starts_with(b"Accepted ") {
            break;
        }
        let Some(tail) = find(message, word).and_then(|n| message.get(n + word.len()..)) else {
            continue;
        };
        let Some(end) = tail.windows(6).rposition(|w| w == b" port ") else {
            continue;
        };
        let words = tail.get(..end).unwrap_or_default();
        let Some(blank) = words.iter().rposition(|b| *b == b' ') else {
            continue;
        };
        let (user, addr) = words.split_at(blank);
        if let Some(addr) = std::str::from_utf8(addr)
            .ok()
            .and_then(|a| a.trim().parse().ok())
        {
            subject.from.get_or_insert(addr);
            subject.user.get_or_insert_with(|| user.to_vec());
        }
    }
    let Some(at) = message.windows(6).rposition(|w| w == b" from ") else {
        return;
    };
    let tail = message.get(at + 6..).unwrap_or_default();
    let mut words = tail.split(|b| *b == b' ');
    if let Some(addr) = words
        .next()
        .and_then(|a| std::str::from_utf8(a).ok()?.parse().ok())
    {
        subject.from.get_or_insert(addr);
    }
    let head = message.get(..at).unwrap_or_default();
    let named = [
        "Failed publickey for ",
        "Accepted publickey for ",
        "Postponed publickey for ",
    ]
    .iter()
    .find_map(|p| head.strip_prefix(p.as_bytes()));
    if let Some(user) = named {
        let user = user.strip_prefix(b"invalid user ").unwrap_or(user);
        subject.user.get_or_insert_with(|| user.to_vec());
    }
    let words: Vec<&[u8]> = words.collect();
    if let Some(i) = words
        .iter()
        .position(|w| w.starts_with(b"SHA256:") || w.starts_with(b"MD5:"))
        && let Some(Ok(fingerprint)) = words.get(i).map(|w| std::str::from_utf8(w))
    {
        subject.key.get_or_insert_with(|| SubjectKey {
            key_type: i
                .checked_sub(1)
                .and_then(|k| words.get(k))
                .map_or_else(Vec::new, |t| t.to_vec()),
            fingerprint: fingerprint.to_owned(),
            source: b"the log".to_vec(),
            comment: Vec::new(),
        });
    }
}

/// The log templates of all causes, by the longest text that a line must hold.
struct Index(Vec<(&'static [u8], &'static str, &'static Cause)>);

impl Index {
    fn new() -> Index {
        let mut out = Vec::new();
        for cause in sshwhy_causes::all() {
            for line in cause.log {
                let longest = pieces(line.text)
                    .filter_map(|p| match p {
                        Piece::Text(t) => Some(t.as_bytes()),
                        Piece::Fact(_) => None,
                    })
                    .max_by_key(|t| t.len())
                    .unwrap_or_default();
                // A template that is facts alone would recognise anything.
                if longest.len() >= 6 {
                    out.push((longest, line.text, cause));
                }
            }
        }
        Index(out)
    }

    fn hits(&self, message: &[u8]) -> Vec<(&'static Cause, Args)> {
        let mut out: Vec<(&'static Cause, Args)> = Vec::new();
        for (needle, template, cause) in &self.0 {
            if find(message, needle).is_none() || out.iter().any(|(c, _)| c.id == cause.id) {
                continue;
            }
            if let Some(args) = logline::matches(template, message) {
                out.push((cause, args));
            }
        }
        out
    }
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = text
        .get(from..)?
        .iter()
        .position(|b| *b == first)
        .map(|n| n + from)
    {
        if text.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_a_log_line() {
        let line = b"Nov 22 10:00:00 host sshd[123]: User alice from 1.2.3.4 not allowed";
        assert_eq!(
            message(line),
            (
                Some(&b"123"[..]),
                &b"User alice from 1.2.3.4 not allowed"[..]
            )
        );
        let line = b"2026-11-22T10:00:00Z h sshd-session[9]: Failed publickey";
        assert_eq!(message(line), (Some(&b"9"[..]), &b"Failed publickey"[..]));
        assert_eq!(message(b"debug1: hello"), (None, &b"hello"[..]));
        assert_eq!(message(b"mysshd[1]: x").0, None);
    }

    #[test]
    fn who_and_from_where_is_read_from_the_end() {
        let of = |line: &[u8]| {
            let mut s = Subject::default();
            name(&mut s, line);
            (
                s.user.unwrap_or_default(),
                s.from.map(|a| a.to_string()).unwrap_or_default(),
            )
        };
        assert_eq!(
            of(b"Connection closed by authenticating user alice 192.0.2.7 port 5 [preauth]"),
            (b"alice".to_vec(), "192.0.2.7".into())
        );
        assert_eq!(
            of(b"Failed publickey for x from 1.1.1.1 port 1 from 192.0.2.7 port 5 ssh2: RSA SHA256:y"),
            (b"x from 1.1.1.1 port 1".to_vec(), "192.0.2.7".into()),
            "a user name may hold the words around it"
        );
    }

    #[test]
    fn a_silent_text_claims_nothing() {
        let text = b"alice@host: Permission denied (publickey).\n";
        let entries = recognise(text, b"standard input");
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].judgement.verdict, Verdict::Undetermined);
        assert!(entries[0].judgement.causes.is_empty());
        assert!(recognise(b"hello\nworld\n", b"x").is_empty());
    }

    #[test]
    fn a_refusal_line_of_an_accepted_login_is_a_note() {
        let text =
            b"sshd[7]: Authentication refused: bad ownership or modes for directory /home/alice\n\
            sshd[7]: Accepted publickey for alice from 192.0.2.1 port 5 ssh2: ED25519 SHA256:x\n\
            sshd[8]: Failed publickey for bob from 192.0.2.2 port 5 ssh2: RSA SHA256:y\n";
        let entries = recognise(text, b"x");
        let of = |n: usize| {
            let e: &Entry = &entries[n];
            (
                e.subject.user.as_deref(),
                e.judgement.verdict,
                e.judgement.causes.len(),
            )
        };
        assert_eq!(of(0), (Some(&b"alice"[..]), Verdict::Accept, 0));
        assert!(!entries[0].judgement.notes.is_empty());
        assert_eq!(of(1), (Some(&b"bob"[..]), Verdict::Undetermined, 0));
    }
}
