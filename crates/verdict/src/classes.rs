//! Address classes: the peers that a configuration or a key line could tell apart, and the ends
//! that the daemon listens at. And the keys that an account's files list.

use crate::conf::Kw;
use crate::keyfile;
use crate::server::Server;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use sshwhy_authfile::{Candidate, Line, LineKind, Options};
use sshwhy_config::pattern::{AddrMatch, AddrText, addr_match_list, match_pattern, parse_address};
use sshwhy_config::{AddressUse, Value};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Account, Cred, Fact, Local, OfferedKey, Peer, Reader, World, read_all};

/// Most classes that are told apart.
const MAX_CLASSES: usize = 64;
/// Most keys listed for one account.
const MAX_KEYS: usize = 10_000;

/// Peers that a pattern somewhere treats alike, by one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressClass {
    /// One peer of the class.
    pub peer: Peer,
    /// The pattern that names it. `None`: any ordinary remote address.
    pub pattern: Option<Vec<u8>>,
}

/// The classes that matter for an account: first an ordinary remote address that no pattern names,
/// then one for each pattern in the configuration and in the account's key files.
#[must_use]
pub fn address_classes(server: &Server, world: &dyn World, user: &[u8]) -> Vec<AddressClass> {
    let mut patterns: Vec<Vec<u8>> = server
        .config
        .address_classes()
        .into_iter()
        .filter(|c| !matches!(c.used_by, AddressUse::LocalAddress | AddressUse::LocalPort))
        .map(|c| c.pattern)
        .collect();
    for key in listed_keys(server, world, user) {
        patterns.extend(key.from);
    }
    patterns.sort();
    patterns.dedup();
    let all = patterns.join(&b","[..]);
    let mut out: Vec<AddressClass> = ordinary(&all)
        .into_iter()
        .map(|addr| AddressClass {
            peer: Peer { addr, host: None },
            pattern: None,
        })
        .collect();
    for pattern in patterns {
        if out.len() >= MAX_CLASSES {
            break;
        }
        if let Some(addr) = member(&pattern)
            && !out.iter().any(|c| c.peer.addr == addr)
        {
            out.push(AddressClass {
                peer: Peer { addr, host: None },
                pattern: Some(pattern),
            });
        }
    }
    out
}

/// A remote address that no pattern names. Addresses for documentation (RFC 5737, RFC 3849) come
/// first: nobody has them.
fn ordinary(patterns: &[u8]) -> Option<IpAddr> {
    let candidates = (1..=250u8)
        .flat_map(|n| {
            [
                IpAddr::V4(Ipv4Addr::new(203, 0, 113, n)),
                IpAddr::V4(Ipv4Addr::new(198, 51, 100, n)),
                IpAddr::V4(Ipv4Addr::new(8, n, 37, 201)),
                IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 7, u16::from(n))),
            ]
        })
        .filter(|a| {
            let text = AddrText::new(*a);
            patterns.split(|&b| b == b',').all(|p| !names(&text, p))
        });
    let mut candidates = candidates;
    candidates.next()
}

fn names(addr: &AddrText, pattern: &[u8]) -> bool {
    // `*` names everybody, so it tells nobody apart.
    pattern != b"*"
        && !pattern.is_empty()
        && (addr_match_list(Some(addr), pattern) == AddrMatch::Match
            || match_pattern(addr.text(), pattern))
}

/// An address that a pattern names.
fn member(pattern: &[u8]) -> Option<IpAddr> {
    if let Some(addr) = parse_address(pattern) {
        return Some(addr);
    }
    if let Some(at) = pattern.iter().position(|&b| b == b'/') {
        let base = parse_address(&pattern[..at])?;
        let next = match base {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits().wrapping_add(1))),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits().wrapping_add(1))),
        };
        return [next, base]
            .into_iter()
            .find(|a| addr_match_list(Some(&AddrText::new(*a)), pattern) == AddrMatch::Match);
    }
    // A wildcard: put digits and dots in its place until it is an address.
    for fill in ["1", "1.1", "1.1.1", "1:1", "1::1", "::1"] {
        let mut text = Vec::new();
        for &b in pattern {
            match b {
                b'*' => text.extend_from_slice(fill.as_bytes()),
                b'?' => text.push(b'1'),
                _ => text.push(b),
            }
        }
        if let Some(addr) = parse_address(&text)
            && match_pattern(AddrText::new(addr).text(), pattern)
        {
            return Some(addr);
        }
    }
    None
}

/// The ports of the configuration.
pub(crate) fn ports(server: &Server) -> Vec<u16> {
    let mut ports: Vec<u16> = server
        .config
        .lines()
        .iter()
        .filter(|l| l.kw == Kw::Port && l.block.is_none())
        .filter_map(|l| match &l.value {
            Value::Int(n) => u16::try_from(*n).ok(),
            Value::Words(w) => core::str::from_utf8(w.first()?).ok()?.parse().ok(),
            Value::Text(t) => core::str::from_utf8(t).ok()?.parse().ok(),
            _ => None,
        })
        .collect();
    if ports.is_empty() {
        ports.push(22);
    }
    ports
}

/// The server's address where nobody named one: of documentation (RFC 5737), so that no server has
/// it.
pub(crate) const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// The ends at which the daemon listens, as far as the configuration tells them apart: one, unless
/// a Match block asks for LocalAddress or LocalPort.
#[must_use]
pub fn local_ends(server: &Server) -> Vec<Local> {
    let asks = server.config.address_classes();
    let local: Vec<_> = asks
        .iter()
        .filter(|c| matches!(c.used_by, AddressUse::LocalAddress | AddressUse::LocalPort))
        .collect();
    let mut ports = ports(server);
    let mut addresses = alloc::vec![ANYWHERE];
    addresses.extend(
        local
            .iter()
            .filter(|c| c.used_by == AddressUse::LocalAddress)
            .filter_map(|c| member(&c.pattern)),
    );
    if !local.iter().any(|c| c.used_by == AddressUse::LocalPort) {
        ports.truncate(1);
    }
    let mut out = Vec::new();
    for addr in &addresses {
        for port in &ports {
            let end = Local {
                addr: *addr,
                port: *port,
            };
            if !out.contains(&end) {
                out.push(end);
            }
        }
    }
    out
}

/// A key on a line of one of an account's files.
#[derive(Clone, Debug)]
pub struct ListedKey {
    /// The key as a client would offer it.
    pub key: OfferedKey,
    /// The file.
    pub file: Vec<u8>,
    /// Its line, from 1.
    pub line: u64,
    /// The entries of its from= list, `!` removed.
    pub from: Vec<Vec<u8>>,
}

/// Every plain key that the account's AuthorizedKeysFile files list, as far as the account may
/// read them, each once. Keys of certificate authorities are left out.
#[must_use]
pub fn listed_keys(server: &Server, world: &dyn World, user: &[u8]) -> Vec<ListedKey> {
    let mut out: Vec<ListedKey> = Vec::new();
    each_line(server, world, user, &mut |path, number, raw, c, options| {
        if options.as_ref().is_some_and(|o| o.cert_authority)
            || out.iter().any(|k| k.key.blob == c.blob)
        {
            return true;
        }
        let from = options
            .and_then(|o| o.from)
            .map(|f| {
                f.bytes
                    .split(|&b| b == b',')
                    .map(|e| e.strip_prefix(b"!").unwrap_or(e).trim_ascii().to_vec())
                    .collect()
            })
            .unwrap_or_default();
        out.push(ListedKey {
            key: OfferedKey::new(c.blob.clone(), c.comment.of(raw).trim_ascii().to_vec()),
            file: path.to_vec(),
            line: number,
            from,
        });
        out.len() < MAX_KEYS
    });
    out
}

/// Takes a line that may hold a key: its file, its number, itself, what it holds, its options. `false`:
/// that was enough.
type OnLine<'a> = &'a mut dyn FnMut(&[u8], u64, &[u8], &Candidate, Option<Options>) -> bool;

/// Every line of the user's key files that may hold a key, as far as the files can be read.
fn each_line(server: &Server, world: &dyn World, user: &[u8], on: OnLine<'_>) {
    let Fact::Known(Some(account)) = world.account(user) else {
        return;
    };
    let Fact::Known(groups) = world.groups_of(&account) else {
        return;
    };
    let cred = Cred {
        uid: account.uid,
        gid: account.gid,
        groups,
    };
    for path in key_files(server, &account) {
        let Ok(Ok(file)) = resolve(world, &path, Some(&cred)) else {
            continue;
        };
        if !file.node.is_file() {
            continue;
        }
        let read = read_all(
            world,
            &file.real,
            Reader::User(&cred),
            crate::KEY_FILE_LIMIT,
        );
        let Fact::Known(Ok((text, _))) = read else {
            continue;
        };
        for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
            let line = Line::read(raw, &server.rules);
            let LineKind::Candidate(c) = &line.kind else {
                continue;
            };
            let options = c
                .options
                .map(|o| Options::parse(o.of(raw), &server.rules).0);
            if !on(&path, i as u64 + 1, raw, c, options) {
                return;
            }
        }
    }
}

/// The files of AuthorizedKeysFile for an account, wherever a Match block or the global section
/// names them.
#[must_use]
pub fn key_files(server: &Server, account: &Account) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = server
        .config
        .global()
        .words(Kw::AuthorizedKeysFile)
        .value
        .iter()
        .map(|w| w.to_vec())
        .collect();
    for line in server.config.lines() {
        if line.kw == Kw::AuthorizedKeysFile
            && line.block.is_some()
            && let Value::Words(list) = &line.value
        {
            words.extend(list.iter().cloned());
        }
    }
    let mut out = Vec::new();
    for word in words {
        if let Ok(path) = keyfile::expand(account, &word)
            && !word.eq_ignore_ascii_case(b"none")
            && !out.contains(&path)
        {
            out.push(path);
        }
    }
    out
}
