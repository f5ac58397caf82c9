//! Pasted text: which lines are sshd's, which login they belong to, and what they prove.

use crate::fit::{Fit, fit};
use crate::message::{Message, find};
use crate::transcript::Transcripts;
use sshwhy_causes::logline;
use sshwhy_causes::template::{Piece, pieces};
use sshwhy_causes::{Args, Cause, Certainty, Evidence, EvidenceKind, Finding, Stage};
use sshwhy_report::{Entry, Subject};
use sshwhy_verdict::{Judgement, Verdict};
use sshwhy_world::Gap;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, Read as _};

/// A line that this many causes could have logged tells of none of them.
const TOO_MANY: usize = 8;

/// PAM refused, for whatever reason.
const GENERIC: &str = "pam-denied";

/// Most logins with something to say that are told apart in one text.
const MAX_LOGINS: usize = 10_000;

/// Most bytes of a line that are looked at.
const MAX_LINE: u64 = 64 << 10;

/// Lines that are said of keys that get in, too.
const NEUTRAL: [&[u8]; 3] = [
    b"trying public key file ",
    b"Accepted key ",
    b"Root login accepted for forced command.",
];

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
    subject: Subject,
    port: Option<u16>,
    findings: Vec<Finding>,
    accepted: bool,
    silent: bool,
    /// Its last line was read; without a process id, the next line is another login's.
    closed: bool,
}

impl Login {
    /// Whether a line can be of this login.
    fn takes(&self, line: &Message<'_>) -> bool {
        fn same<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        !line.opens
            && same(&self.subject.from, &line.subject.from)
            && same(&self.port, &line.port)
            && (line.pid.is_some()
                || (!self.closed && same(&self.subject.user, &line.subject.user)))
    }

    fn name(&mut self, line: &Message<'_>) {
        let (own, other) = (&mut self.subject, &line.subject);
        own.user = own.user.take().or_else(|| other.user.clone());
        own.from = own.from.or(other.from);
        own.key = own.key.take().or_else(|| other.key.clone());
        self.port = self.port.or(line.port);
    }

    /// Neither refused nor told of anything.
    fn says_nothing(&self) -> bool {
        self.findings.is_empty() && (self.accepted || !self.silent)
    }
}

/// What can be said of a text: one entry for each login in it that says anything. The text is
/// read once, line by line, and never held.
pub(crate) fn recognise(mut text: impl BufRead, source: &[u8]) -> io::Result<Vec<Entry>> {
    let mut reader = Recogniser::new(source);
    let mut clients = Transcripts::new(source);
    let mut raw = Vec::new();
    let mut n = 0;
    loop {
        raw.clear();
        if (&mut text).take(MAX_LINE).read_until(b'\n', &mut raw)? == 0 {
            return Ok(together(clients, reader.finish(None)));
        }
        n += 1;
        if raw.len() as u64 == MAX_LINE && !raw.ends_with(b"\n") {
            text.skip_until(b'\n')?;
        }
        // A server has some words in common with a client that is known to speak.
        let theirs = clients.line(n, &raw) && clients.speak();
        if !theirs && !reader.line(n, &raw) {
            return Ok(together(clients, reader.finish(Some(n))));
        }
    }
}

/// What clients said, then what servers logged. Where a client speaks, its words are no log lines
/// that tell of nothing.
fn together(clients: Transcripts<'_>, logged: Vec<Entry>) -> Vec<Entry> {
    if !clients.any() {
        return logged;
    }
    let mut out = clients.finish();
    let known: Vec<&str> = out
        .iter()
        .flat_map(|e| e.judgement.causes.iter().map(|f| f.cause.id))
        .collect();
    let new = |e: &Entry| {
        let causes = &e.judgement.causes;
        e.judgement.verdict == Verdict::Accept
            || causes.iter().any(|f| !known.contains(&f.cause.id))
    };
    let logged: Vec<Entry> = logged.into_iter().filter(new).collect();
    out.extend(logged);
    out
}

struct Recogniser<'s> {
    source: &'s [u8],
    index: Index,
    logins: BTreeMap<u64, Login>,
    /// The last login of each process.
    last: HashMap<Option<Vec<u8>>, u64>,
    next: u64,
    /// What the service is called on the machine that wrote the text.
    unit: &'static str,
}

impl<'s> Recogniser<'s> {
    fn new(source: &'s [u8]) -> Self {
        Recogniser {
            source,
            index: Index::new(),
            logins: BTreeMap::new(),
            last: HashMap::new(),
            next: 0,
            unit: "sshd",
        }
    }

    /// Takes a line in; `false`: there are too many logins.
    fn line(&mut self, n: u64, raw: &[u8]) -> bool {
        let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if [&b"ssh.service"[..], b"Debian-", b"Ubuntu-"]
            .iter()
            .any(|w| find(raw, w).is_some())
        {
            self.unit = "ssh";
        }
        let line = Message::of(raw);
        if line.text.is_empty() {
            return true;
        }
        let neutral = NEUTRAL.iter().any(|w| line.text.starts_with(w));
        let hits = if neutral {
            Vec::new()
        } else {
            self.hits(line.text)
        };
        let accepted = line.text.starts_with(b"Accepted ");
        let silent = SILENT.iter().any(|s| find(line.text, s).is_some());
        let speaks = !hits.is_empty() || accepted || silent;
        let Some(id) = self.login_of(&line, speaks) else {
            return self.logins.len() < MAX_LOGINS;
        };
        let Some(login) = self.logins.get_mut(&id) else {
            return true;
        };
        login.name(&line);
        login.accepted |= accepted;
        login.silent |= silent;
        login.closed |= line.closes;
        add(login, hits, self.source, n, line.text);
        if line.closes && login.says_nothing() {
            self.logins.remove(&id);
            self.last.remove(&line.pid.map(<[u8]>::to_vec));
        }
        true
    }

    /// The causes that a line can be of, the likeliest first.
    fn hits(&self, text: &[u8]) -> Vec<(&'static Cause, Args, Fit)> {
        let mut hits: Vec<_> = self
            .index
            .hits(text)
            .into_iter()
            .map(|(cause, args)| {
                let fit = fit(cause, &args);
                (cause, args, fit)
            })
            .filter(|(_, _, fit)| *fit != Fit::Disproved)
            .collect();
        if hits.len() > TOO_MANY {
            // Many reasons, one line: the cause that stands for all of them is proven.
            hits.retain(|(c, _, _)| c.id == GENERIC);
        }
        hits.sort_by_key(|(_, _, fit)| *fit);
        hits
    }

    /// The login that a line belongs to. A line that says nothing makes none.
    fn login_of(&mut self, line: &Message<'_>, speaks: bool) -> Option<u64> {
        let pid = line.pid.map(<[u8]>::to_vec);
        let known = self.last.get(&pid).copied();
        if let Some(id) = known
            && self.logins.get(&id).is_some_and(|l| l.takes(line))
        {
            return Some(id);
        }
        if !speaks && !line.opens {
            return None;
        }
        if self.logins.len() >= MAX_LOGINS {
            return None;
        }
        let id = self.next;
        self.next += 1;
        self.last.insert(pid, id);
        self.logins.insert(id, Login::default());
        Some(id)
    }

    fn finish(self, cut: Option<u64>) -> Vec<Entry> {
        let unit = self.unit;
        let mut out: Vec<Entry> = self
            .logins
            .into_values()
            .filter_map(|login| entry(login, unit))
            .collect();
        if let (Some(line), Some(last)) = (cut, out.last_mut()) {
            last.judgement.gaps.push(Gap::could_not(
                format!("the text from line {line} on"),
                format!("{MAX_LOGINS} logins stand in the lines before it"),
                "give the lines that matter alone, as with grep",
            ));
        }
        out
    }
}

/// Adds the causes of a line to its login.
fn add(
    login: &mut Login,
    hits: Vec<(&'static Cause, Args, Fit)>,
    source: &[u8],
    n: u64,
    text: &[u8],
) {
    // What an earlier line has proven, a later one of many meanings repeats.
    let proven = login.findings.iter_mut().find(|f| {
        f.certainty == Certainty::Certain && hits.iter().any(|(c, _, _)| c.id == f.cause.id)
    });
    if let Some(proven) = proven {
        if let Some((_, args, _)) = hits.iter().find(|(c, _, _)| c.id == proven.cause.id) {
            proven.args.fill(args);
        }
        return;
    }
    // The same words for two causes prove neither.
    let alone = hits.len() == 1;
    for (cause, args, fit) in hits {
        let certainty = match (alone, fit) {
            (_, Fit::Seldom) => Certainty::Possible,
            (true, _) => Certainty::Certain,
            (false, Fit::Fits) => Certainty::Likely,
            (false, _) => Certainty::Possible,
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
        evidence.line = Some(n);
        evidence.detail = Some(text.to_vec());
        let mut finding = Finding::new(cause).evidence(evidence);
        finding.certainty = certainty;
        finding.args = args;
        login.findings.push(finding);
    }
}

fn entry(mut login: Login, unit: &str) -> Option<Entry> {
    if login.findings.is_empty() && !login.silent {
        return None;
    }
    for f in &mut login.findings {
        let mut base = Args::new();
        base.set("unit", unit);
        if let Some(user) = &login.subject.user {
            base.set("user", user.as_slice());
        }
        // The kernel names the last part of a path alone; sshd, in another line, the whole.
        if let Some(file) = f.args.get("file") {
            base.set("path", file);
        }
        f.args.fill(&base);
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

/// The log templates of all causes, found by the longest text that a line must hold.
struct Index {
    templates: Vec<(&'static [u8], &'static str, &'static Cause)>,
    /// By the first bytes of that text.
    starts: HashMap<[u8; 4], Vec<usize>>,
    /// Whether any begins with these two bytes: most places of most lines are passed over by it.
    pairs: Vec<bool>,
}

fn pair(window: &[u8; 4]) -> usize {
    usize::from(u16::from_le_bytes([window[0], window[1]]))
}

impl Index {
    fn new() -> Index {
        let mut index = Index {
            templates: Vec::new(),
            starts: HashMap::new(),
            pairs: vec![false; 1 << 16],
        };
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
                if let Some(first) = longest.first_chunk()
                    && longest.len() >= 6
                {
                    let known = index.starts.entry(*first).or_default();
                    known.push(index.templates.len());
                    if let Some(any) = index.pairs.get_mut(pair(first)) {
                        *any = true;
                    }
                    index.templates.push((longest, line.text, cause));
                }
            }
        }
        index
    }

    fn hits(&self, message: &[u8]) -> Vec<(&'static Cause, Args)> {
        let mut found = Vec::new();
        for (at, window) in message.windows(4).enumerate() {
            let Some(window) = window.first_chunk() else {
                continue;
            };
            if !self.pairs.get(pair(window)).is_some_and(|any| *any) {
                continue;
            }
            let rest = message.get(at..).unwrap_or_default();
            for &n in self.starts.get(window).into_iter().flatten() {
                if self.templates.get(n).is_some_and(|t| rest.starts_with(t.0)) {
                    found.push(n);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let mut out: Vec<(&'static Cause, Args)> = Vec::new();
        for n in found {
            let Some((_, template, cause)) = self.templates.get(n) else {
                continue;
            };
            if out.iter().any(|(c, _)| c.id == cause.id) {
                continue;
            }
            if let Some(args) = logline::matches(template, message) {
                out.push((cause, args));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_text_claims_nothing() {
        let text = b"alice@host: Permission denied (publickey).\n";
        let entries = recognise(&text[..], b"standard input").unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].judgement.verdict, Verdict::Undetermined);
        assert!(entries[0].judgement.causes.is_empty());
        assert!(recognise(&b"hello\nworld\n"[..], b"x").unwrap().is_empty());
    }

    #[test]
    fn a_refusal_line_of_an_accepted_login_is_a_note() {
        let text =
            b"sshd[7]: Authentication refused: bad ownership or modes for directory /home/alice\n\
            sshd[7]: Accepted publickey for alice from 192.0.2.1 port 5 ssh2: ED25519 SHA256:x\n\
            sshd[8]: Failed publickey for bob from 192.0.2.2 port 5 ssh2: RSA SHA256:y\n";
        let entries = recognise(&text[..], b"x").unwrap();
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

    fn ids(text: &str) -> Vec<(&'static str, Certainty)> {
        let entries = recognise(text.as_bytes(), b"x").unwrap();
        assert_eq!(entries.len(), 1, "{text}");
        let of = |e: &Entry| {
            e.judgement
                .causes
                .iter()
                .map(|f| (f.cause.id, f.certainty))
                .collect()
        };
        of(&entries[0])
    }

    #[test]
    fn what_a_line_disproves_is_not_offered() {
        let from = "sshd[7]: /home/a/.ssh/authorized_keys:1: Authentication tried for a with correct \
                    key but not from a permitted host (host=192.0.2.7, ip=192.0.2.7, required=LIST).\n\
                    sshd[7]: Refused by key options at /home/a/.ssh/authorized_keys:1\n";
        for (list, id) in [
            ("10.0.0.0/8", "from-mismatch"),
            ("10.0.0.1/8", "from-invalid"),
            ("!10.0.0.1", "from-only-negated"),
            ("10.0.0.1, 192.0.2.7", "from-space-after-comma"),
        ] {
            let found = ids(&from.replace("LIST", list));
            assert_eq!(found, [(id, Certainty::Certain)], "{list}");
        }
        let algorithm = |name: &str| {
            let line = "sshd[7]: userauth_pubkey: signature algorithm NAME not in \
                        PubkeyAcceptedAlgorithms [preauth]";
            let found = ids(&line.replace("NAME", name));
            found.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        let found = algorithm("ssh-rsa");
        assert_eq!(found[0], "rsa-sha1-only-client");
        assert!(!found.contains(&"cert-alg-not-accepted"), "{found:?}");
        assert!(!found.contains(&"ecdsa-curve-policy"), "{found:?}");
        let found = algorithm("ssh-ed25519-cert-v01@openssh.com");
        assert_eq!(found[0], "cert-alg-not-accepted");
        assert!(algorithm("ecdsa-sha2-nistp521").contains(&"ecdsa-curve-policy"));
        assert_eq!(
            algorithm("ssh-ed25519")[0],
            "signature-algorithm-not-accepted"
        );
    }

    #[test]
    fn the_place_of_a_path_orders_the_candidates() {
        for (node, id) in [
            ("directory /home/alice", "home-writable"),
            ("directory /root", "home-writable"),
            ("directory /home/alice/.ssh", "keys-dir-writable"),
            ("directory /srv", "parent-writable"),
            (
                "file /home/alice/.ssh/authorized_keys",
                "keys-file-writable",
            ),
        ] {
            let words = "sshd[7]: Authentication refused: bad ownership or modes for ";
            let found = ids(&format!("{words}{node}"));
            assert_eq!(found[0], (id, Certainty::Likely), "{node}: {found:?}");
            assert!(
                found.contains(&("wrong-owner", Certainty::Possible)),
                "{node}"
            );
        }
    }

    #[test]
    fn logins_are_told_apart_without_process_ids() {
        let text = "User bob from 192.0.2.7 not allowed because listed in DenyUsers\n\
                    Connection closed by invalid user bob 192.0.2.7 port 5001 [preauth]\n\
                    User eve from 192.0.2.8 not allowed because not listed in AllowUsers\n\
                    Connection closed by invalid user eve 192.0.2.8 port 5002 [preauth]\n";
        let entries = recognise(text.as_bytes(), b"x").unwrap();
        let users: Vec<_> = entries.iter().map(|e| e.subject.user.as_deref()).collect();
        assert_eq!(users, [Some(&b"bob"[..]), Some(&b"eve"[..])]);
        // A process id that comes again is another login's.
        let text = text
            .replace("User", "sshd[7]: User")
            .replace("Conn", "sshd[7]: Conn");
        assert_eq!(recognise(text.as_bytes(), b"x").unwrap().len(), 2);
    }

    #[test]
    fn the_service_has_the_name_that_its_system_gives_it() {
        let unit = |first: &str| {
            let line = "sshd[7]: fatal: Missing privilege separation directory: /run/sshd\n";
            let text = format!("{first}{line}");
            let entries = recognise(text.as_bytes(), b"x").unwrap();
            let causes = &entries[0].judgement.causes;
            causes[0].args.get("unit").map(<[u8]>::to_vec)
        };
        assert_eq!(unit("").as_deref(), Some(&b"sshd"[..]));
        let debian = "systemd[1]: Starting ssh.service - OpenBSD Secure Shell server...\n";
        assert_eq!(unit(debian).as_deref(), Some(&b"ssh"[..]));
    }

    #[test]
    fn guessed_passwords_are_not_told_as_too_many_keys() {
        let found = ids(
            "sshd[7]: error: maximum authentication attempts exceeded for root from 192.0.2.7 \
             port 5 ssh2 [preauth]",
        );
        assert!(found.contains(&("client-too-many-keys", Certainty::Possible)));
        assert!(
            found.iter().all(|(_, c)| *c == Certainty::Possible),
            "{found:?}"
        );
    }

    #[test]
    fn a_long_line_does_not_hide_the_next() {
        let mut text = b"sshd[7]: ".to_vec();
        text.resize(3 << 20, b'x');
        text.extend_from_slice(
            b"\nsshd[9]: User bob from 192.0.2.7 not allowed because listed in DenyUsers\n",
        );
        let entries = recognise(&text[..], b"x").unwrap();
        let evidence = &entries[0].judgement.causes[0].evidence[0];
        assert_eq!((entries.len(), evidence.line), (1, Some(2)));
    }

    #[test]
    fn each_recorded_denial_leads_to_its_cause() {
        let mut cases = 0;
        for (text, id) in [
            (
                include_str!("../../../vectors/mac/selinux-denials.txt"),
                "selinux-label",
            ),
            (
                include_str!("../../../vectors/mac/apparmor-denials.txt"),
                "apparmor-denied",
            ),
        ] {
            for case in text.split("--- case ").skip(1) {
                let (head, journal) = case.split_once('\n').unwrap();
                let refused = head.ends_with("rc=255");
                let lines: Vec<&str> = journal.lines().filter(|l| l.contains(" vm1 ")).collect();
                let entries = recognise(lines.join("\n").as_bytes(), b"x").unwrap();
                let first = entries.iter().find_map(|e| e.judgement.causes.first());
                let first = first.map(|f| (f.cause.id, f.certainty));
                assert_eq!(first, refused.then_some((id, Certainty::Certain)), "{head}");
                cases += 1;
            }
        }
        assert_eq!(cases, 14);
    }
}
