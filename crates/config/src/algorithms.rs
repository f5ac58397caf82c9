//! Algorithm lists: `sshkey_names_valid2`, `kex_assemble_names` and friends.

use alloc::string::String;
use alloc::vec::Vec;

use crate::dialect::{Dialect, Version};
use crate::pattern::{ListMatch, match_pattern_list};

/// The list without its `+`, `-` or `^`, and that sign.
#[must_use]
pub(crate) fn split_sign<'l>(list: &'l [u8], dialect: &Dialect) -> (Option<u8>, &'l [u8]) {
    match list {
        [b'+', rest @ ..] => (Some(b'+'), rest),
        [b'-', rest @ ..] if dialect.quirks.list_remove => (Some(b'-'), rest),
        [b'^', rest @ ..] if dialect.quirks.list_prepend => (Some(b'^'), rest),
        _ => (None, list),
    }
}

/// Entries up to the first empty one, as the `strsep` loops read them.
fn entries(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&b| b == b',')
        .take_while(|entry| !entry.is_empty())
}

/// `sshkey_names_valid2` behind its sign; a `-` list is not checked.
pub(crate) fn key_list_valid(list: &[u8], dialect: &Dialect, plain_only: bool) -> bool {
    let (sign, names) = split_sign(list, dialect);
    if sign == Some(b'-') {
        return true;
    }
    if names.is_empty() {
        return false;
    }
    let all = &dialect.all_key_algorithms;
    entries(names).all(|entry| {
        if let Some(name) = all.iter().find(|name| name.as_bytes() == entry) {
            return !(plain_only && name.contains("-cert"));
        }
        if is_short_name(entry, dialect) {
            return true;
        }
        dialect.quirks.list_wildcards
            && all
                .iter()
                .any(|name| match_pattern_list(name.as_bytes(), entry) != ListMatch::NoMatch)
    })
}

/// `sshkey_type_from_name` also takes the short name of a plain type, without regard to case (`ED25519`).
fn is_short_name(entry: &[u8], dialect: &Dialect) -> bool {
    let short: &[(&str, bool)] = &[
        ("RSA", true),
        ("ED25519", true),
        ("ECDSA", true),
        ("DSA", dialect.features.dsa),
        ("ED25519-SK", dialect.features.security_keys),
        ("ECDSA-SK", dialect.features.security_keys),
        ("RSA-CERT", false),
    ];
    short
        .iter()
        .any(|(name, built)| *built && name.as_bytes().eq_ignore_ascii_case(entry))
}

/// Lists of ciphers, MACs and key exchanges: exact names, no wildcards.
pub(crate) fn named_list_valid(
    list: &[u8],
    dialect: &Dialect,
    prefixed: bool,
    known: impl Fn(&[u8]) -> bool,
) -> bool {
    let (sign, names) = if prefixed {
        split_sign(list, dialect)
    } else {
        (None, list)
    };
    sign == Some(b'-') || !names.is_empty() && entries(names).all(known)
}

pub(crate) fn cipher_known(name: &[u8], dialect: &Dialect) -> bool {
    let old = dialect.version < Version::new(7, 6, 0);
    match name {
        b"3des-cbc"
        | b"aes128-cbc"
        | b"aes192-cbc"
        | b"aes256-cbc"
        | b"aes128-ctr"
        | b"aes192-ctr"
        | b"aes256-ctr"
        | b"aes128-gcm@openssh.com"
        | b"aes256-gcm@openssh.com"
        | b"chacha20-poly1305@openssh.com" => true,
        b"rijndael-cbc@lysator.liu.se" => dialect.version < Version::new(8, 5, 0),
        b"blowfish-cbc" | b"cast128-cbc" | b"arcfour" | b"arcfour128" | b"arcfour256" => old,
        _ => false,
    }
}

pub(crate) fn mac_known(name: &[u8], dialect: &Dialect) -> bool {
    match name {
        b"hmac-sha1"
        | b"hmac-sha1-96"
        | b"hmac-sha2-256"
        | b"hmac-sha2-512"
        | b"hmac-md5"
        | b"hmac-md5-96"
        | b"umac-64@openssh.com"
        | b"umac-128@openssh.com"
        | b"hmac-sha1-etm@openssh.com"
        | b"hmac-sha1-96-etm@openssh.com"
        | b"hmac-sha2-256-etm@openssh.com"
        | b"hmac-sha2-512-etm@openssh.com"
        | b"hmac-md5-etm@openssh.com"
        | b"hmac-md5-96-etm@openssh.com"
        | b"umac-64-etm@openssh.com"
        | b"umac-128-etm@openssh.com" => true,
        b"hmac-ripemd160" | b"hmac-ripemd160@openssh.com" | b"hmac-ripemd160-etm@openssh.com" => {
            dialect.version < Version::new(7, 6, 0)
        }
        _ => false,
    }
}

pub(crate) fn kex_known(name: &[u8], dialect: &Dialect) -> bool {
    let since = |major, minor| dialect.version >= Version::new(major, minor, 0);
    match name {
        b"diffie-hellman-group1-sha1"
        | b"diffie-hellman-group14-sha1"
        | b"diffie-hellman-group14-sha256"
        | b"diffie-hellman-group16-sha512"
        | b"diffie-hellman-group18-sha512"
        | b"diffie-hellman-group-exchange-sha1"
        | b"diffie-hellman-group-exchange-sha256"
        | b"ecdh-sha2-nistp256"
        | b"ecdh-sha2-nistp384"
        | b"ecdh-sha2-nistp521"
        | b"curve25519-sha256"
        | b"curve25519-sha256@libssh.org" => true,
        b"sntrup4591761x25519-sha512@tinyssh.org" => since(8, 0) && !since(8, 5),
        b"sntrup761x25519-sha512@openssh.com" => since(8, 5),
        b"mlkem768x25519-sha256" => since(9, 9),
        // Debian carried this name back to 9.2.
        b"sntrup761x25519-sha512" => {
            since(9, 9) || dialect.vendor == crate::dialect::Vendor::Debian && since(9, 2)
        }
        _ => false,
    }
}

pub(crate) fn gss_kex_known(name: &[u8]) -> bool {
    matches!(
        name,
        b"gss-gex-sha1-"
            | b"gss-group1-sha1-"
            | b"gss-group14-sha1-"
            | b"gss-group14-sha256-"
            | b"gss-group16-sha512-"
            | b"gss-nistp256-sha256-"
            | b"gss-curve25519-sha256-"
    )
}

/// `kex_assemble_names`: the list a setting stands for. `Err` where sshd exits with `Invalid argument`.
pub(crate) fn assemble(
    list: &[u8],
    default: &[&str],
    all: &[&str],
    dialect: &Dialect,
) -> Result<Vec<String>, ()> {
    let own = |names: &[&str]| {
        names
            .iter()
            .map(|name| String::from(*name))
            .collect::<Vec<_>>()
    };
    if list.is_empty() {
        return Ok(own(default));
    }
    let (sign, names) = split_sign(list, dialect);
    if sign == Some(b'-') {
        let kept = default
            .iter()
            .filter(|name| match_pattern_list(name.as_bytes(), names) != ListMatch::Match);
        return Ok(kept.map(|name| String::from(*name)).collect());
    }
    let mut out: Vec<String> = Vec::new();
    let push = |name: &str, out: &mut Vec<String>| {
        if !out.iter().any(|have| have == name) {
            out.push(String::from(name));
        }
    };
    let default_patterns = default.iter().map(|name| name.as_bytes());
    let own_patterns = names
        .split(|&b| b == b',')
        .filter(|entry| !entry.is_empty());
    let patterns: Vec<&[u8]> = match sign {
        Some(b'+') => default_patterns.chain(own_patterns).collect(),
        Some(_) => own_patterns.chain(default_patterns).collect(),
        None => own_patterns.collect(),
    };
    for pattern in patterns {
        if pattern.first() == Some(&b'!') {
            return Err(());
        }
        if !dialect.quirks.list_wildcards {
            push(&String::from_utf8_lossy(pattern), &mut out);
            continue;
        }
        for name in all
            .iter()
            .filter(|name| match_pattern_list(name.as_bytes(), pattern) == ListMatch::Match)
        {
            push(name, &mut out);
        }
    }
    if out.is_empty() { Err(()) } else { Ok(out) }
}
