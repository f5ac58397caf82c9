//! The pattern language of sshd: `match.c` and `addrmatch.c`.
//!
//! Everything works on bytes. Nothing here allocates, and no function takes more than
//! `pattern × subject` steps (sshd's own matcher is exponential in the number of `*`; the answers are the same).

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A sub-pattern of this many bytes or more makes the whole list match nothing
/// (`sub[1024]` in `match_pattern_list`).
pub const SUB_PATTERN_LIMIT: usize = 1023;

/// `addr_pton_cidr` copies into 64 bytes; a longer entry is no address for it.
const CIDR_TEXT_LIMIT: usize = 64;

/// What a comma list with `!` entries says of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListMatch {
    /// An entry without `!` matched, and no `!` entry did (1).
    Match,
    /// Nothing matched (0). A list of negations only can say nothing better.
    NoMatch,
    /// A `!` entry matched (-1).
    Negated,
}

/// What `addr_match_list` says of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddrMatch {
    /// 1: an entry matched.
    Match,
    /// 0: no entry matched, or the subject is no numeric address.
    NoMatch,
    /// -1: a `!` entry matched; reading stops there.
    Negated,
    /// -2: an entry is empty, has host bits set or a mask too long. It spoils the list even when an
    /// earlier entry matched, and reading stops there.
    Invalid,
}

/// What `match_host_and_ip` and `match_user` say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostMatch {
    /// 1.
    Match,
    /// 0, also for a negated hit.
    NoMatch,
    /// -1: the address list is invalid.
    Invalid,
}

/// `match_pattern`: `*` and `?` only, case-sensitive, no escape.
#[must_use]
pub fn match_pattern(subject: &[u8], pattern: &[u8]) -> bool {
    wildcard(subject, pattern, |a, b| a == b)
}

fn wildcard(subject: &[u8], pattern: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut s, mut p) = (0usize, 0usize);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), subject.get(s)) {
            (Some(b'*'), _) => {
                retry = Some((p, s));
                p += 1;
                continue;
            }
            (Some(&c), Some(&d)) if c == b'?' || same(c, d) => {
                p += 1;
                s += 1;
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        match retry {
            Some((star, from)) if from < subject.len() => {
                retry = Some((star, from + 1));
                s = from + 1;
                p = star + 1;
            }
            _ => return false,
        }
    }
}

/// `match_pattern_list` with `dolower` = 0: comma list, `!` negates.
#[must_use]
pub fn match_pattern_list(subject: &[u8], list: &[u8]) -> ListMatch {
    pattern_list(subject, list, |a, b| a == b)
}

/// `match_hostname`: the same, and both sides in lower case.
#[must_use]
pub fn match_hostname(host: &[u8], list: &[u8]) -> ListMatch {
    pattern_list(host, list, |a, b| a.eq_ignore_ascii_case(&b))
}

/// `match_usergroup_pattern_list` (not on Cygwin): case-sensitive.
#[must_use]
pub fn match_usergroup_pattern_list(subject: &[u8], list: &[u8]) -> ListMatch {
    match_pattern_list(subject, list)
}

fn pattern_list(subject: &[u8], list: &[u8], same: impl Fn(u8, u8) -> bool + Copy) -> ListMatch {
    let mut positive = false;
    let mut rest = list;
    while !rest.is_empty() {
        let negated = rest.first() == Some(&b'!');
        if negated {
            rest = rest.get(1..).unwrap_or_default();
        }
        let end = rest.iter().position(|&b| b == b',').unwrap_or(rest.len());
        if end >= SUB_PATTERN_LIMIT {
            return ListMatch::NoMatch;
        }
        let (sub, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        rest = tail.get(1..).unwrap_or_default();
        if wildcard(subject, sub, same) {
            if negated {
                return ListMatch::Negated;
            }
            positive = true;
        }
    }
    if positive {
        ListMatch::Match
    } else {
        ListMatch::NoMatch
    }
}

/// A numeric address as `getaddrinfo(AI_NUMERICHOST)` reads it: dotted quads, but also `127.1`, `0x7f000001`
/// and octal parts; IPv6 with an optional numeric scope.
#[must_use]
pub fn parse_address(text: &[u8]) -> Option<IpAddr> {
    parse_scoped(text).map(|(address, _)| address)
}

fn parse_scoped(text: &[u8]) -> Option<(IpAddr, u32)> {
    if text.contains(&b':') {
        let percent = text.iter().position(|&b| b == b'%');
        let (body, scope) = match percent {
            Some(at) => {
                let digits = text.get(at + 1..)?;
                if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                    return None;
                }
                (
                    text.get(..at)?,
                    core::str::from_utf8(digits).ok()?.parse().ok()?,
                )
            }
            None => (text, 0u32),
        };
        let v6: Ipv6Addr = core::str::from_utf8(body).ok()?.parse().ok()?;
        return Some((IpAddr::V6(v6), scope));
    }
    Some((IpAddr::V4(inet_aton(text)?), 0))
}

/// `inet_aton`: one to four numbers, each decimal, octal (0…) or hexadecimal (0x…), the last filling the rest.
fn inet_aton(text: &[u8]) -> Option<Ipv4Addr> {
    let mut parts = [0u32; 4];
    let mut count = 0usize;
    for part in text.split(|&b| b == b'.') {
        *parts.get_mut(count)? = c_number(part)?;
        count += 1;
    }
    let (leading, last) = parts
        .get(..count)?
        .split_at_checked(count.checked_sub(1)?)?;
    let mut value: u32 = 0;
    for &part in leading {
        if part > 0xff {
            return None;
        }
        value = (value << 8) | part;
    }
    let room = 32u32.checked_sub(8 * u32::try_from(leading.len()).ok()?)?;
    let last = *last.first()?;
    if room < 32 && u64::from(last) >= 1u64 << room {
        return None;
    }
    let high = if room == 32 { 0 } else { value << room };
    Some(Ipv4Addr::from(high | last))
}

fn c_number(part: &[u8]) -> Option<u32> {
    let (digits, radix) = match part {
        [b'0', b'x' | b'X', rest @ ..] => (rest, 16),
        [b'0', rest @ ..] if !rest.is_empty() => (rest, 8),
        _ => (part, 10),
    };
    if digits.is_empty() || !digits.first()?.is_ascii_hexdigit() {
        return None;
    }
    u32::from_str_radix(core::str::from_utf8(digits).ok()?, radix).ok()
}

/// One entry of an address list without its `!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddrEntry {
    /// An address or network; `bits` is the prefix length.
    Network {
        /// The network's address, host bits zero.
        address: IpAddr,
        /// Prefix length in bits.
        bits: u8,
        /// Scope of a link-local IPv6 address, 0 if none.
        scope: u32,
    },
    /// Not an address: compared as a wildcard against the textual address.
    Wildcard,
    /// Inconsistent: host bits set, or a prefix longer than the address.
    Invalid,
}

/// `addr_pton_cidr`.
#[must_use]
pub fn classify_addr_entry(entry: &[u8]) -> AddrEntry {
    if entry.len() >= CIDR_TEXT_LIMIT {
        return AddrEntry::Wildcard;
    }
    let slash = entry.iter().position(|&b| b == b'/');
    let (text, given) = match slash {
        None => (entry, None),
        Some(at) => {
            let digits = entry.get(at + 1..).unwrap_or_default();
            if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                return AddrEntry::Wildcard;
            }
            let bits = digits.iter().fold(0u32, |n, d| {
                n.saturating_mul(10).saturating_add(u32::from(d - b'0'))
            });
            match u8::try_from(bits) {
                Ok(bits) if bits <= 128 => (entry.get(..at).unwrap_or_default(), Some(bits)),
                _ => return AddrEntry::Wildcard,
            }
        }
    };
    let Some((address, scope)) = parse_scoped(text) else {
        return AddrEntry::Wildcard;
    };
    let width: u8 = if address.is_ipv4() { 32 } else { 128 };
    let bits = given.unwrap_or(width);
    if bits > width || masked(address, bits) != address {
        return AddrEntry::Invalid;
    }
    AddrEntry::Network {
        address,
        bits,
        scope,
    }
}

fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX
                .checked_shl(32u32.saturating_sub(u32::from(bits)))
                .unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(v4) & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX
                .checked_shl(128u32.saturating_sub(u32::from(bits)))
                .unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(v6) & mask))
        }
    }
}

/// A numeric address and its text, ready to be matched many times.
#[derive(Clone, Copy, Debug)]
pub struct AddrText {
    address: IpAddr,
    text: [u8; 48],
    length: usize,
}

impl AddrText {
    /// The text is the one `getnameinfo(NI_NUMERICHOST)` gives; an IPv4-mapped address becomes IPv4, as
    /// `ssh_remote_ipaddr` has it.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        use core::fmt::Write as _;
        struct Cursor {
            text: [u8; 48],
            length: usize,
        }
        impl core::fmt::Write for Cursor {
            fn write_str(&mut self, part: &str) -> core::fmt::Result {
                for &b in part.as_bytes() {
                    let slot = self.text.get_mut(self.length).ok_or(core::fmt::Error)?;
                    *slot = b;
                    self.length += 1;
                }
                Ok(())
            }
        }
        let address = address.to_canonical();
        let mut cursor = Cursor {
            text: [0; 48],
            length: 0,
        };
        // 48 bytes hold any address (at most 45), so this cannot fail.
        let _ = write!(cursor, "{address}");
        AddrText {
            address,
            text: cursor.text,
            length: cursor.length,
        }
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The text compared with wildcards.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.text.get(..self.length).unwrap_or_default()
    }
}

/// `addr_match_list`. `None` only checks the list (then the answer is `NoMatch` or `Invalid`).
#[must_use]
pub fn addr_match_list(address: Option<&AddrText>, list: &[u8]) -> AddrMatch {
    let mut result = AddrMatch::NoMatch;
    for entry in list.split(|&b| b == b',') {
        let (negated, entry) = match entry {
            [b'!', rest @ ..] => (true, rest),
            _ => (false, entry),
        };
        if entry.is_empty() {
            return AddrMatch::Invalid;
        }
        let hit = match classify_addr_entry(entry) {
            AddrEntry::Invalid => return AddrMatch::Invalid,
            AddrEntry::Network {
                address: network,
                bits,
                scope,
            } => address.is_some_and(|a| {
                a.address.is_ipv4() == network.is_ipv4()
                    && scope == 0
                    && masked(a.address, bits) == network
            }),
            AddrEntry::Wildcard => address.is_some_and(|a| match_pattern(a.text(), entry)),
        };
        if hit {
            if negated {
                return AddrMatch::Negated;
            }
            result = AddrMatch::Match;
        }
    }
    result
}

/// `match_host_and_ip`: `host` is the name sshd uses (the address's text unless `UseDNS yes` found one).
#[must_use]
pub fn match_host_and_ip(host: &[u8], address: &AddrText, list: &[u8]) -> HostMatch {
    match addr_match_list(Some(address), list) {
        AddrMatch::Invalid => HostMatch::Invalid,
        AddrMatch::Negated => HostMatch::NoMatch,
        by_address => match (match_hostname(host, list), by_address) {
            (ListMatch::Negated, _) | (ListMatch::NoMatch, AddrMatch::NoMatch) => {
                HostMatch::NoMatch
            }
            _ => HostMatch::Match,
        },
    }
}

/// Splits `user@hosts` where sshd does: at the first `@` up to 9.9, at the last one since
/// (`at_last`, a quality of the build).
#[must_use]
pub fn split_user_pattern(pattern: &[u8], at_last: bool) -> (&[u8], Option<&[u8]>) {
    let at = if at_last {
        pattern.iter().rposition(|&b| b == b'@')
    } else {
        pattern.iter().position(|&b| b == b'@')
    };
    match at {
        Some(at) => (pattern.get(..at).unwrap_or_default(), pattern.get(at + 1..)),
        None => (pattern, None),
    }
}

/// `match_user`: one item of AllowUsers or DenyUsers. The user part is a single wildcard pattern (no comma, no `!`),
/// the host part a list.
#[must_use]
pub fn match_user(
    user: &[u8],
    host: &[u8],
    address: &AddrText,
    pattern: &[u8],
    at_last: bool,
) -> HostMatch {
    let (name, hosts) = split_user_pattern(pattern, at_last);
    if !match_pattern(user, name) {
        return HostMatch::NoMatch;
    }
    match hosts {
        None => HostMatch::Match,
        Some(hosts) => match_host_and_ip(host, address, hosts),
    }
}

/// `match_user` in test mode: is the item acceptable in a configuration?
#[must_use]
pub fn user_pattern_valid(pattern: &[u8], at_last: bool) -> bool {
    split_user_pattern(pattern, at_last)
        .1
        .is_none_or(|hosts| addr_match_list(None, hosts) != AddrMatch::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> AddrText {
        AddrText::new(text.parse().unwrap())
    }

    #[test]
    fn negation_only_never_matches() {
        assert_eq!(match_pattern_list(b"alice", b"!bob"), ListMatch::NoMatch);
        assert_eq!(match_pattern_list(b"bob", b"*,!bob"), ListMatch::Negated);
        assert_eq!(match_pattern_list(b"alice", b"*,!bob"), ListMatch::Match);
    }

    #[test]
    fn many_stars_cost_little() {
        let subject = [b'a'; 400];
        assert!(!match_pattern(
            &subject,
            b"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"
        ));
        assert!(match_pattern(&subject, b"*a*a*a*a*a*a*a*?"));
    }

    #[test]
    fn long_sub_pattern_spoils_the_list() {
        let mut list = b"alice,".to_vec();
        list.extend(core::iter::repeat_n(b'x', 1023));
        assert_eq!(match_pattern_list(b"alice", &list), ListMatch::NoMatch);
        list.pop();
        assert_eq!(match_pattern_list(b"alice", &list), ListMatch::Match);
    }

    #[test]
    fn host_bits_spoil_the_list_even_after_a_match() {
        let a = addr("192.168.1.5");
        assert_eq!(
            addr_match_list(Some(&a), b"192.168.1.5,192.168.1.5/24"),
            AddrMatch::Invalid
        );
        assert_eq!(
            addr_match_list(Some(&a), b"192.168.1.5,"),
            AddrMatch::Invalid
        );
        assert_eq!(
            addr_match_list(Some(&a), b"192.168.1.0/24"),
            AddrMatch::Match
        );
        assert_eq!(
            addr_match_list(Some(&a), b"!192.168.1.5,192.168.1.0/24"),
            AddrMatch::Negated
        );
        assert_eq!(addr_match_list(Some(&a), b"192.168.1.?"), AddrMatch::Match);
        assert_eq!(
            addr_match_list(Some(&a), b"192.168.1.0/255.255.255.0"),
            AddrMatch::NoMatch
        );
    }

    #[test]
    fn ipv4_mapped_patterns_never_match() {
        let a = addr("::ffff:10.0.0.1");
        assert_eq!(
            addr_match_list(Some(&a), b"::ffff:10.0.0.1"),
            AddrMatch::NoMatch
        );
        assert_eq!(addr_match_list(Some(&a), b"10.0.0.1"), AddrMatch::Match);
    }

    #[test]
    fn short_forms_are_addresses() {
        assert_eq!(parse_address(b"127.1"), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(
            parse_address(b"0x7f000001"),
            Some("127.0.0.1".parse().unwrap())
        );
        assert_eq!(
            parse_address(b"010.0.0.1"),
            Some("8.0.0.1".parse().unwrap())
        );
        assert_eq!(parse_address(b"1.2.3.256"), None);
        assert_eq!(parse_address(b""), None);
        assert_eq!(parse_address(b"1.2.3."), None);
    }

    #[test]
    fn user_at_host() {
        let a = addr("10.1.2.3");
        assert_eq!(
            match_user(
                b"alice",
                b"10.1.2.3",
                &a,
                b"al*@10.0.0.0/8,!10.1.2.3",
                false
            ),
            HostMatch::NoMatch
        );
        assert_eq!(
            match_user(b"alice", b"10.1.2.3", &a, b"al*@10.0.0.0/8", false),
            HostMatch::Match
        );
        assert_eq!(
            match_user(
                b"alice",
                b"pc.Example.org",
                &a,
                b"alice@*.EXAMPLE.org",
                false
            ),
            HostMatch::Match
        );
        assert!(!user_pattern_valid(b"alice@10.0.0.1/8", false));
    }
}
