//! The values that a login with a key hangs on.

use super::{ClientConfig, Given};
use crate::problem::Place;
use alloc::vec::Vec;

type Release = (u16, u16);

/// Name, since when, until when (exclusive): the files ssh tries where no IdentityFile is given, below the home.
const DEFAULT_IDENTITIES: &[(&str, Release, Release)] = &[
    (".ssh/id_rsa", (0, 0), (99, 0)),
    (".ssh/id_ecdsa", (0, 0), (99, 0)),
    (".ssh/id_ecdsa_sk", (8, 2), (99, 0)),
    (".ssh/id_ed25519", (0, 0), (99, 0)),
    (".ssh/id_ed25519_sk", (8, 2), (99, 0)),
    (".ssh/id_xmss", (7, 7), (10, 1)),
    (".ssh/id_dsa", (0, 0), (10, 0)),
];

/// Before 8.7 DSA came second.
const OLD_ORDER: (u16, u16) = (8, 7);

/// One step of ProxyJump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jump {
    /// The account there, if named.
    pub user: Option<Vec<u8>>,
    /// The host.
    pub host: Vec<u8>,
    /// The port, if named.
    pub port: Option<u16>,
}

impl ClientConfig {
    /// All values of a keyword (lower case), in order.
    #[must_use]
    pub fn given(&self, keyword: &str) -> &[Given] {
        self.given.get(keyword).map_or(&[], Vec::as_slice)
    }

    /// The first argument of a keyword's value.
    #[must_use]
    pub fn first(&self, keyword: &str) -> Option<&[u8]> {
        self.given(keyword)
            .first()?
            .words
            .first()
            .map(Vec::as_slice)
    }

    /// Where a keyword's value stands.
    #[must_use]
    pub fn place(&self, keyword: &str) -> Option<&Place> {
        self.given(keyword).first().map(|g| &g.place)
    }

    /// A yes or no, with ssh's default where it is not given.
    #[must_use]
    pub fn flag(&self, keyword: &str, default: bool) -> bool {
        self.first(keyword).map_or(default, |v| {
            !(v.eq_ignore_ascii_case(b"no") || v.eq_ignore_ascii_case(b"false"))
        })
    }

    /// The host to connect to: HostName with its `%h`, or what was typed.
    #[must_use]
    pub fn hostname(&self) -> Vec<u8> {
        let typed = &self.asked.host;
        let Some(name) = self.first("hostname") else {
            return typed.clone();
        };
        let mut out = Vec::new();
        let mut bytes = name.iter();
        while let Some(&b) = bytes.next() {
            match (b, bytes.as_slice().first()) {
                (b'%', Some(b'h')) => {
                    out.extend_from_slice(typed);
                    bytes.next();
                }
                (b'%', Some(b'%')) => {
                    out.push(b'%');
                    bytes.next();
                }
                _ => out.push(b),
            }
        }
        out
    }

    /// The account to log in to.
    #[must_use]
    pub fn user(&self) -> &[u8] {
        self.first("user").unwrap_or(&self.local.user)
    }

    /// The port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.first("port")
            .and_then(|p| core::str::from_utf8(p).ok()?.parse().ok())
            .unwrap_or(22)
    }

    /// The identity files in the order ssh tries them, unexpanded; the flag says whether somebody
    /// named them.
    #[must_use]
    pub fn identity_files(&self) -> Vec<(Vec<u8>, bool)> {
        let given = self.given("identityfile");
        if !given.is_empty() {
            return given
                .iter()
                .filter_map(|g| g.words.first())
                .filter(|w| !w.eq_ignore_ascii_case(b"none"))
                .map(|w| (w.clone(), true))
                .collect();
        }
        let release = self.local.release;
        let mut names: Vec<&str> = DEFAULT_IDENTITIES
            .iter()
            .filter(|(_, since, until)| release >= *since && release < *until)
            .map(|(name, _, _)| *name)
            .collect();
        if release < OLD_ORDER
            && let Some(at) = names.iter().position(|n| *n == ".ssh/id_dsa")
        {
            let dsa = names.remove(at);
            names.insert(1, dsa);
        }
        names
            .iter()
            .map(|n| ([b"~/", n.as_bytes()].concat(), false))
            .collect()
    }

    /// The certificate files, unexpanded.
    #[must_use]
    pub fn certificate_files(&self) -> Vec<Vec<u8>> {
        self.given("certificatefile")
            .iter()
            .filter_map(|g| g.words.first().cloned())
            .collect()
    }

    /// The steps of ProxyJump; none where it is not given or `none`.
    #[must_use]
    pub fn jumps(&self) -> Vec<Jump> {
        let Some(list) = self.first("proxyjump") else {
            return Vec::new();
        };
        if list.eq_ignore_ascii_case(b"none") {
            return Vec::new();
        }
        list.split(|b| *b == b',').filter_map(jump).collect()
    }
}

/// Whether ssh takes a ProxyJump list.
pub(super) fn jumps_are_good(list: &[u8]) -> bool {
    list.split(|b| *b == b',').all(|step| jump(step).is_some())
}

/// `[user@]host[:port]` or `ssh://[user@]host[:port]`.
fn jump(text: &[u8]) -> Option<Jump> {
    let text = text.strip_prefix(b"ssh://").unwrap_or(text);
    let text = text.strip_suffix(b"/").unwrap_or(text);
    let (user, rest) = match text.iter().rposition(|b| *b == b'@') {
        Some(at) => (
            Some(text.get(..at)?.to_vec()),
            text.get(at.checked_add(1)?..)?,
        ),
        None => (None, text),
    };
    let (host, port) = if let Some(inner) = rest.strip_prefix(b"[") {
        let end = inner.iter().position(|b| *b == b']')?;
        let after = inner.get(end.checked_add(1)?..)?;
        (inner.get(..end)?, after.strip_prefix(b":"))
    } else {
        match rest.iter().position(|b| *b == b':') {
            Some(at) => (rest.get(..at)?, rest.get(at.checked_add(1)?..)),
            None => (rest, None),
        }
    };
    if host.is_empty() {
        return None;
    }
    let port = match port {
        Some(p) => Some(
            core::str::from_utf8(p)
                .ok()?
                .parse()
                .ok()
                .filter(|p| *p != 0)?,
        ),
        None => None,
    };
    Some(Jump {
        user,
        host: host.to_vec(),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_cut_as_ssh_cuts_it() {
        let of = |t: &str| jump(t.as_bytes());
        let step = |user: Option<&str>, host: &str, port| {
            Some(Jump {
                user: user.map(|u| u.as_bytes().to_vec()),
                host: host.as_bytes().to_vec(),
                port,
            })
        };
        assert_eq!(of("gate"), step(None, "gate", None));
        assert_eq!(of("bob@gate:2222"), step(Some("bob"), "gate", Some(2222)));
        assert_eq!(of("a@b@gate"), step(Some("a@b"), "gate", None));
        assert_eq!(of("[::1]:22"), step(None, "::1", Some(22)));
        assert_eq!(of("ssh://x@h:1/"), step(Some("x"), "h", Some(1)));
        assert_eq!(of("h:0"), None);
        assert_eq!(of(""), None);
    }
}
