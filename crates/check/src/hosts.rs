//! Host keys that are known: OpenSSH's known_hosts files (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").

use crate::local;
use crate::target::Target;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sshwhy_config::glob_match;
use sshwhy_keys::{KeyType, PublicKey, base64};

/// What the files say of a host key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is listed, or signed by an authority that is.
    Known {
        /// File and line.
        at: (Vec<u8>, usize),
    },
    /// Nothing is listed for this host.
    Unknown,
    /// Keys of other types are listed, none of this one.
    OtherTypes {
        /// File and line of one of them.
        at: (Vec<u8>, usize),
    },
    /// Another key of this type is listed.
    Changed {
        /// File and line of it.
        at: (Vec<u8>, usize),
        /// Its fingerprint.
        expected: String,
    },
    /// This very key is marked `@revoked`.
    Revoked {
        /// File and line.
        at: (Vec<u8>, usize),
    },
}

/// A file by its name, and its text.
pub type File = (Vec<u8>, Vec<u8>);

/// The name under which known_hosts has a host: `host`, or `[host]:port`.
#[must_use]
pub fn name(host: &[u8], port: u16) -> Vec<u8> {
    let host = host.to_ascii_lowercase();
    if port == 22 {
        return host;
    }
    [b"[", host.as_slice(), b"]:", port.to_string().as_bytes()].concat()
}

/// Looks a host key up. The first file and line that decides wins; a revoked mark wins over all.
#[must_use]
pub fn standing(files: &[File], host: &[u8], port: u16, blob: &[u8]) -> Standing {
    let wanted = name(host, port);
    let shown = PublicKey::from_blob(blob).ok();
    let plain = shown.as_ref().map(PublicKey::to_plain);
    let mut found = Standing::Unknown;
    for (path, text) in files {
        for (index, line) in text.split(|b| *b == b'\n').enumerate() {
            let Some(entry) = Entry::of(line, &wanted) else {
                continue;
            };
            let at = || (path.clone(), index + 1);
            let same = entry.key.blob() == blob
                || plain.as_ref().is_some_and(|p| p.blob() == entry.key.blob());
            match entry.marker {
                Some(b"@revoked") if same => return Standing::Revoked { at: at() },
                Some(b"@revoked") => {}
                Some(b"@cert-authority") => {
                    let signed = shown
                        .as_ref()
                        .and_then(PublicKey::certificate)
                        .is_some_and(|c| {
                            c.ca_key().same_public(&entry.key) && c.verify_signature().is_ok()
                        });
                    if signed {
                        found = Standing::Known { at: at() };
                    }
                }
                Some(_) => {}
                None if same => {
                    if !matches!(found, Standing::Known { .. }) {
                        found = Standing::Known { at: at() };
                    }
                }
                None => {
                    let of_type = plain
                        .as_ref()
                        .is_some_and(|p| p.key_type() == entry.key.key_type());
                    match (&found, of_type) {
                        (Standing::Unknown | Standing::OtherTypes { .. }, true) => {
                            found = Standing::Changed {
                                at: at(),
                                expected: entry.key.fingerprint(),
                            };
                        }
                        (Standing::Unknown, false) => found = Standing::OtherTypes { at: at() },
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

/// The paths of UserKnownHostsFile, or ssh's usual ones; none for PuTTY.
#[must_use]
pub fn user_files(target: &Target) -> Vec<Vec<u8>> {
    paths(
        target,
        "userknownhostsfile",
        &["~/.ssh/known_hosts", "~/.ssh/known_hosts2"],
    )
}

fn paths(target: &Target, keyword: &str, usual: &[&str]) -> Vec<Vec<u8>> {
    let Some(config) = &target.config else {
        return Vec::new();
    };
    let words = match config.given(keyword).first() {
        Some(given) => given.words.clone(),
        None => usual.iter().map(|u| u.as_bytes().to_vec()).collect(),
    };
    words
        .iter()
        .filter(|w| !w.eq_ignore_ascii_case(b"none"))
        .filter_map(|text| config.path(text, &local::Here).ok())
        .collect()
}

/// UserKnownHostsFile and GlobalKnownHostsFile, or ssh's usual ones, as far as they can be read.
#[must_use]
pub fn files(target: &Target) -> Vec<File> {
    let system = paths(
        target,
        "globalknownhostsfile",
        &["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
    );
    user_files(target)
        .into_iter()
        .chain(system)
        .filter_map(|path| {
            let text = local::read(local::path(&path)).ok()?;
            Some((path, text))
        })
        .collect()
}

/// Types of the keys that are listed for a host, and whether an authority is.
#[must_use]
pub fn listed(files: &[File], host: &[u8], port: u16) -> (Vec<KeyType>, bool) {
    let wanted = name(host, port);
    let mut types = Vec::new();
    let mut authority = false;
    for line in files.iter().flat_map(|(_, t)| t.split(|b| *b == b'\n')) {
        match Entry::of(line, &wanted) {
            Some(Entry { marker: None, key }) => types.push(key.key_type().clone()),
            Some(Entry { marker, .. }) => authority |= marker == Some(b"@cert-authority"),
            None => {}
        }
    }
    (types, authority)
}

struct Entry<'l> {
    marker: Option<&'l [u8]>,
    key: PublicKey,
}

impl<'l> Entry<'l> {
    /// The line's key, where the line is about `wanted`.
    fn of(line: &'l [u8], wanted: &[u8]) -> Option<Entry<'l>> {
        let mut words = line
            .split(|b| matches!(b, b' ' | b'\t' | b'\r'))
            .filter(|w| !w.is_empty());
        let mut first = words.next().filter(|w| !w.starts_with(b"#"))?;
        let marker = first.starts_with(b"@").then_some(first);
        if marker.is_some() {
            first = words.next()?;
        }
        if !names(first, wanted) {
            return None;
        }
        let _type = words.next()?;
        let key = PublicKey::from_blob(&base64::decode(words.next()?).ok()?).ok()?;
        Some(Entry { marker, key })
    }
}

/// `match_hostname`: a list of patterns with `!`, or one hashed name.
fn names(list: &[u8], wanted: &[u8]) -> bool {
    if let Some(hashed) = list.strip_prefix(b"|1|") {
        let mut parts = hashed.split(|b| *b == b'|').map(base64::decode);
        let (Some(Ok(salt)), Some(Ok(hash))) = (parts.next(), parts.next()) else {
            return false;
        };
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&salt) else {
            return false;
        };
        mac.update(wanted);
        return mac.finalize().into_bytes().as_slice() == hash.as_slice();
    }
    let mut hit = false;
    for pattern in list.split(|b| *b == b',') {
        let (not, pattern) = match pattern.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        // Only * and ? are signs here; the brackets of `[host]:port` are themselves.
        let pattern = pattern.to_ascii_lowercase();
        let escaped: Vec<u8> = pattern
            .iter()
            .flat_map(|b| match b {
                b'[' | b'\\' => vec![b'\\', *b],
                other => vec![*other],
            })
            .collect();
        if glob_match(&escaped, wanted) {
            if not {
                return false;
            }
            hit = true;
        }
    }
    hit
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJa+Lb9z8kDqXIqP2eFvRzgz53sQsBgJrlfS8IDVB0Fp";
    const B: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJa+Lb9z8kDqXIqP2eFvRzgz53sQsBgJrlfS8IDVB0Fq";

    fn blob(line: &str) -> Vec<u8> {
        base64::decode(line.split(' ').nth(1).unwrap().as_bytes()).unwrap()
    }

    fn ask(text: &str, host: &str, port: u16, key: &str) -> Standing {
        standing(
            &[(b"f".to_vec(), text.as_bytes().to_vec())],
            host.as_bytes(),
            port,
            &blob(key),
        )
    }

    #[test]
    fn a_host_is_known_by_name_pattern_and_port() {
        let at = |line| Standing::Known {
            at: (b"f".to_vec(), line),
        };
        assert_eq!(ask(&format!("web {A}"), "WEB", 22, A), at(1));
        assert_eq!(
            ask(
                &format!("#x\n*.example,!no.example {A}"),
                "a.example",
                22,
                A
            ),
            at(2)
        );
        assert_eq!(
            ask(&format!("*.example,!no.example {A}"), "no.example", 22, A),
            Standing::Unknown
        );
        assert_eq!(ask(&format!("[web]:2222 {A}"), "web", 2222, A), at(1));
        assert_eq!(ask(&format!("web {A}"), "web", 2222, A), Standing::Unknown);
    }

    #[test]
    fn another_key_of_the_type_is_a_change_and_a_revoked_one_wins() {
        assert!(matches!(
            ask(&format!("web {B}"), "web", 22, A),
            Standing::Changed { .. }
        ));
        assert!(matches!(
            ask(&format!("web {B}\nweb {A}"), "web", 22, A),
            Standing::Known { .. }
        ));
        let revoked = format!("web {A}\n@revoked * {A}");
        assert!(matches!(
            ask(&revoked, "web", 22, A),
            Standing::Revoked { .. }
        ));
    }
}
