//! The keys of hosts that a key's destinations are bound to, from known_hosts (sshd(8)).

use crate::constraint::HostKey;
use crate::session::matches;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sshwhy_keys::{PublicKey, base64};

/// The keys that `data` lists for `host` (`name`, or `[name]:port`); authorities with their mark,
/// revoked keys left out.
#[must_use]
pub fn keys_of(data: &[u8], host: &[u8]) -> Vec<HostKey> {
    let host = host.to_ascii_lowercase();
    let mut found = Vec::new();
    for line in data.split(|&b| b == b'\n') {
        let mut words = line
            .split(|b| matches!(b, b' ' | b'\t' | b'\r'))
            .filter(|w| !w.is_empty());
        let Some(first) = words.next().filter(|w| !w.starts_with(b"#")) else {
            continue;
        };
        let (marker, names) = if first.starts_with(b"@") {
            (Some(first), words.next().unwrap_or_default())
        } else {
            (None, first)
        };
        let is_ca = match marker {
            None => false,
            Some(b"@cert-authority") => true,
            Some(_) => continue,
        };
        if !names_host(names, &host) {
            continue;
        }
        let (Some(_), Some(text)) = (words.next(), words.next()) else {
            continue;
        };
        let blob = base64::decode(text).ok();
        let Some(key) = blob.and_then(|b| PublicKey::from_blob(&b).ok()) else {
            continue;
        };
        let key = HostKey {
            blob: key.blob().to_vec(),
            is_ca,
        };
        if !found.contains(&key) {
            found.push(key);
        }
    }
    found
}

/// `match_hostname`: a list of patterns, or one hashed name.
fn names_host(names: &[u8], host: &[u8]) -> bool {
    if let Some(hashed) = names.strip_prefix(b"|1|") {
        let mut parts = hashed.split(|&b| b == b'|');
        let part = |p: Option<&[u8]>| p.and_then(|t| base64::decode(t).ok());
        let (Some(salt), Some(hash)) = (part(parts.next()), part(parts.next())) else {
            return false;
        };
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&salt) else {
            return false;
        };
        mac.update(host);
        return mac.verify_slice(&hash).is_ok();
    }
    let mut listed = false;
    for pattern in names.split(|&b| b == b',') {
        match pattern.strip_prefix(b"!") {
            Some(not) if matches(&not.to_ascii_lowercase(), host) => return false,
            Some(_) => {}
            None => listed |= matches(&pattern.to_ascii_lowercase(), host),
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl/";

    #[test]
    fn plain_hashed_negated_and_marked_names() {
        // `ssh-keygen -H` made the hash of "host.example".
        let lines = format!(
            "# a comment\nhost.example,10.0.0.? {KEY}\n!bad.example,*.example {KEY}\n\
             @revoked gone.test {KEY}\n@cert-authority *.test {KEY}\n[a.test]:2222 {KEY} c\n"
        );
        let count = |host: &str| keys_of(lines.as_bytes(), host.as_bytes()).len();
        assert_eq!(count("HOST.example"), 1);
        assert_eq!(count("10.0.0.7"), 1);
        assert_eq!(count("10.0.0.77"), 0);
        assert_eq!(count("bad.example"), 0);
        assert_eq!(count("[a.test]:2222"), 1);
        let gone = keys_of(lines.as_bytes(), b"gone.test");
        assert!(gone.len() == 1 && gone[0].is_ca);
    }
}
