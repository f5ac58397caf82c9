//! Assertions about logins, as a test for a configuration to come.
//!
//! One line each: `alice from 10.0.0.0/8 with KEY: accept`. `#` begins a comment line. `from` may
//! be left out: from everywhere then. KEY is a fingerprint, `password`, `any key` (one suffices for
//! accept, none may be accepted for refuse), or whatever the caller can read a key from.

use crate::logins::{Means, More, Side, table};
use sshwhy_config::pattern::{AddrMatch, AddrText, addr_match_list, parse_address};
use sshwhy_verdict::Verdict;
use sshwhy_world::{OfferedKey, Peer};
use std::net::IpAddr;

/// What an assertion says of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum With {
    /// Any of the account's keys.
    AnyKey,
    /// A password.
    Password,
    /// A key by its name: fingerprint or file.
    Key(Vec<u8>),
}

/// One assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Its line, from 1.
    pub line: u32,
    /// As written.
    pub text: Vec<u8>,
    /// The account.
    pub user: Vec<u8>,
    /// From where: an address or a network. `None`: everywhere.
    pub from: Option<Vec<u8>>,
    /// With what.
    pub with: With,
    /// It is to be accepted.
    pub accept: bool,
}

/// A line that is no assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAssertion {
    /// Its line, from 1.
    pub line: u32,
    /// What was expected.
    pub expected: &'static str,
    /// What was found.
    pub found: Vec<u8>,
}

/// Reads a file of assertions.
#[must_use]
pub fn read(text: &[u8]) -> (Vec<Assertion>, Vec<BadAssertion>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
        let line = u32::try_from(i).unwrap_or(u32::MAX).saturating_add(1);
        let text = raw.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        match one(line, text) {
            Ok(assertion) => good.push(assertion),
            Err((expected, found)) => bad.push(BadAssertion {
                line,
                expected,
                found: found.to_vec(),
            }),
        }
    }
    (good, bad)
}

fn one(line: u32, text: &[u8]) -> Result<Assertion, (&'static str, &[u8])> {
    let colon = text.iter().rposition(|&b| b == b':');
    let (login, answer) = colon
        .and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?.trim_ascii())))
        .ok_or(("`: accept` or `: refuse` at the end", text))?;
    let accept = match answer {
        b"accept" => true,
        b"refuse" => false,
        other => return Err(("accept or refuse behind the last colon", other)),
    };
    let (user, mut rest) = word(login);
    if user.is_empty() {
        return Err(("a user name first", login));
    }
    let mut from = None;
    let mut with = With::AnyKey;
    let (first, behind) = word(rest);
    if first == b"from" {
        let (place, more) = word(behind);
        if place != b"any" && place != b"anywhere" {
            if address_of(place).is_none() {
                return Err(("an address or network behind `from`", place));
            }
            from = Some(place.to_vec());
        }
        rest = more;
    }
    let (next, behind) = word(rest);
    match next {
        b"" => {}
        b"with" => {
            with = match behind {
                b"" => return Err(("a key behind `with`", behind)),
                b"password" | b"a password" => With::Password,
                b"any key" => With::AnyKey,
                name => With::Key(name.to_vec()),
            };
        }
        other => return Err(("`from ADDRESS` or `with KEY`", other)),
    }
    Ok(Assertion {
        line,
        text: text.to_vec(),
        user: user.to_vec(),
        from,
        with,
        accept,
    })
}

fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii();
    let end = text
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, b""));
    (word, rest.trim_ascii())
}

/// An address that a place names: the first one behind a network's own.
fn address_of(place: &[u8]) -> Option<IpAddr> {
    if let Some(addr) = parse_address(place) {
        return Some(addr);
    }
    let at = place.iter().position(|&b| b == b'/')?;
    let base = parse_address(place.get(..at)?)?;
    let next = match base {
        IpAddr::V4(v4) => IpAddr::V4(v4.to_bits().wrapping_add(1).into()),
        IpAddr::V6(v6) => IpAddr::V6(v6.to_bits().wrapping_add(1).into()),
    };
    [next, base].into_iter().find(|a| within(*a, place))
}

fn within(addr: IpAddr, place: &[u8]) -> bool {
    parse_address(place) == Some(addr)
        || addr_match_list(Some(&AddrText::new(addr)), place) == AddrMatch::Match
}

/// An assertion that does not hold.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Which.
    pub assertion: Assertion,
    /// The peer for which it does not. `None`: there is no such login at all.
    pub peer: Option<IpAddr>,
    /// The answer there.
    pub verdict: Verdict,
    /// The cause that refuses, and the line or setting that decides.
    pub cause: Option<&'static str>,
    /// The line or setting that decides.
    pub decided_by: Option<Vec<u8>>,
}

/// Checks assertions in one world, for each class of addresses within the place that they name.
/// `key_of` reads a key by its name; a fingerprint needs no reading.
pub fn check(
    side: Side<'_>,
    assertions: &[Assertion],
    key_of: &dyn Fn(&[u8]) -> Option<OfferedKey>,
    revoked: &[Vec<u8>],
) -> Vec<Failed> {
    let mut out = Vec::new();
    for assertion in assertions {
        if let Some(failed) = check_one(side, assertion, key_of, revoked) {
            out.push(failed);
        }
    }
    out
}

fn check_one(
    side: Side<'_>,
    assertion: &Assertion,
    key_of: &dyn Fn(&[u8]) -> Option<OfferedKey>,
    revoked: &[Vec<u8>],
) -> Option<Failed> {
    let mut more = More {
        only_users: vec![assertion.user.clone()],
        revoked: revoked.to_vec(),
        ..More::default()
    };
    let mut wanted = None;
    if let With::Key(name) = &assertion.with {
        if name.starts_with(b"SHA256:") {
            wanted = Some(
                String::from_utf8_lossy(name)
                    .trim_end_matches('=')
                    .to_owned(),
            );
        } else if let Some(key) = key_of(name) {
            wanted = key
                .key
                .as_ref()
                .ok()
                .map(sshwhy_keys::PublicKey::fingerprint);
            more.keys.push((assertion.user.clone(), key));
        }
        if wanted.is_none() {
            return Some(failed(assertion, None, Verdict::Undetermined));
        }
    }
    if let Some(addr) = assertion.from.as_deref().and_then(address_of) {
        more.peers.push(Peer { addr, host: None });
    }
    let table = table(side, &more);
    let place = assertion.from.as_deref();
    let mut peers: Vec<IpAddr> = Vec::new();
    for entry in &table {
        let inside = place.is_none_or(|p| within(entry.peer.addr, p));
        if inside && !peers.contains(&entry.peer.addr) {
            peers.push(entry.peer.addr);
        }
    }
    for peer in peers {
        let mut asked = table.iter().filter(|e| e.peer.addr == peer).filter(|e| {
            match (&assertion.with, &e.means) {
                (With::Password, Means::Password) => true,
                (With::AnyKey, Means::Key { .. }) => true,
                (With::Key(_), Means::Key { fingerprint, .. }) => {
                    wanted.as_deref() == Some(fingerprint)
                }
                _ => false,
            }
        });
        let all: Vec<_> = asked.by_ref().collect();
        let hit = all.iter().find(|e| e.verdict == Verdict::Accept);
        let open = all.iter().find(|e| e.verdict == Verdict::Undetermined);
        let against = match (assertion.accept, hit, open) {
            (true, Some(_), _) | (false, None, None) => continue,
            (true, None, _) => all.first(),
            (false, Some(_), _) => hit,
            (false, None, Some(_)) => open,
        };
        let verdict = against.map_or(Verdict::Refuse, |e| e.verdict);
        let mut out = failed(assertion, Some(peer), verdict);
        if let Some(entry) = against {
            out.cause = entry.because.as_ref().map(|f| f.cause.id);
            out.decided_by = entry.decided_by();
        }
        return Some(out);
    }
    if table.is_empty() {
        return Some(failed(assertion, None, Verdict::Undetermined));
    }
    None
}

fn failed(assertion: &Assertion, peer: Option<IpAddr>, verdict: Verdict) -> Failed {
    Failed {
        assertion: assertion.clone(),
        peer,
        verdict,
        cause: None,
        decided_by: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_names_login_place_key_and_answer() {
        let (good, bad) = read(
            b"# who\nalice from 10.0.0.0/8 with SHA256:abc: accept\n\nbob with password: refuse\n\
              carol: accept\n",
        );
        assert!(bad.is_empty(), "{bad:?}");
        assert_eq!(good.len(), 3);
        assert_eq!(good[0].line, 2);
        assert_eq!(good[0].from.as_deref(), Some(&b"10.0.0.0/8"[..]));
        assert_eq!(good[0].with, With::Key(b"SHA256:abc".to_vec()));
        assert!(good[0].accept);
        assert_eq!(good[1].with, With::Password);
        assert_eq!(good[2].with, With::AnyKey);
    }

    #[test]
    fn what_is_no_assertion_says_what_was_expected() {
        let (good, bad) =
            read(b"alice\nalice: maybe\nalice from nowhere: accept\nalice at x: refuse\n");
        assert!(good.is_empty());
        let lines: Vec<u32> = bad.iter().map(|b| b.line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
    }
}
