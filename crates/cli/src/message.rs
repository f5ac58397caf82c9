//! A log line taken apart: who wrote it, what it says, and which login it names.

use sshwhy_report::{Subject, SubjectKey};

/// A line, as far as its words tell.
pub(crate) struct Message<'l> {
    /// The process that wrote it.
    pub(crate) pid: Option<&'l [u8]>,
    /// What it says, without time, host, process and level.
    pub(crate) text: &'l [u8],
    /// Whom it names.
    pub(crate) subject: Subject,
    /// The client's port.
    pub(crate) port: Option<u16>,
    /// It is a connection's first line.
    pub(crate) opens: bool,
    /// It is a login's last line.
    pub(crate) closes: bool,
}

impl<'l> Message<'l> {
    pub(crate) fn of(line: &'l [u8]) -> Message<'l> {
        let (pid, text) = message(line);
        let mut subject = Subject::default();
        let mut port = None;
        let starts = |words: &[&[u8]]| words.iter().any(|w| text.starts_with(w));
        let opens = (text.starts_with(b"Connection from ") && find(text, b" on ").is_some())
            || text.starts_with(b"Child connection from ");
        if opens {
            // `Connection from ADDR port N on ADDR port N`: the first is the client's.
            let mut words = text.split(|b| *b == b' ').skip(2);
            subject.from = words.next().and_then(address);
            port = words.nth(1).and_then(number);
        } else {
            name(&mut subject, &mut port, text);
        }
        Message {
            pid,
            text,
            subject,
            port,
            opens,
            closes: starts(&[
                b"Connection closed by ",
                b"Connection reset by ",
                b"Disconnected from ",
                b"Disconnecting ",
                b"Exit before auth",
            ]) || find(text, b": Permission denied (").is_some(),
        }
    }
}

fn address(word: &[u8]) -> Option<std::net::IpAddr> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// The number that a text begins with.
fn number(text: &[u8]) -> Option<u16> {
    let digits = text.split(|b| !b.is_ascii_digit()).next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The kernel's word that sshd was kept from something, and the process it was.
fn denial(line: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let at = find(line, b"avc:  denied").or_else(|| find(line, b"apparmor=\"DENIED\""))?;
    let text = line.get(at..)?;
    if find(text, b" comm=\"sshd").is_none() {
        return Some((None, b""));
    }
    let pid = find(text, b" pid=")
        .and_then(|n| text.get(n + 5..))
        .and_then(|t| t.split(|b| !b.is_ascii_digit()).next())
        .filter(|digits| !digits.is_empty());
    Some((pid, text.trim_ascii()))
}

/// The message of a log line and the process that wrote it: syslog, journalctl, `sshd -d`.
fn message(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    if let Some(denial) = denial(line) {
        return denial;
    }
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
fn name(subject: &mut Subject, port: &mut Option<u16>, message: &[u8]) {
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
        let after = tail.get(end + 6..).unwrap_or_default();
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
            *port = port.or(number(after));
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
        *port = port.or(find(tail, b" port ").and_then(|n| number(tail.get(n + 6..)?)));
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

/// Where a text first holds another.
pub(crate) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
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
            let s = Message::of(line).subject;
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
    fn a_denial_is_the_process_that_it_names() {
        let line =
            b"x vm audit[222]: AVC avc:  denied  { read } for  pid=7 comm=\"sshd\" name=\"k\"";
        let message = Message::of(line);
        assert_eq!(message.pid, Some(&b"7"[..]));
        assert!(message.text.starts_with(b"avc:  denied  { read }"));
        let other = b"avc:  denied  { relabelto } for  pid=143 comm=\"systemd-tmpfile\"";
        assert!(Message::of(other).text.is_empty());
    }

    #[test]
    fn a_connection_is_told_by_its_port() {
        let line =
            b"sshd[9]: Connection from 192.0.2.7 port 50001 on 192.0.2.1 port 22 rdomain \"\"";
        let first = Message::of(line);
        assert!(first.opens && !first.closes);
        assert_eq!(first.port, Some(50001));
        let last = Message::of(b"Connection closed by authenticating user a 192.0.2.7 port 50001");
        assert!(last.closes && last.port == first.port && last.subject.from == first.subject.from);
    }
}
