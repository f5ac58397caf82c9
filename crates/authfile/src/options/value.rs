//! Typed values of options.

use crate::Span;
use crate::rules::Rules;
use alloc::vec::Vec;
use core::fmt;

/// A dequoted value and where it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    /// The value, `\"` already turned into `"`.
    pub bytes: Vec<u8>,
    /// The text between the quotes.
    pub span: Span,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" at {:?}", self.bytes.escape_ascii(), self.span)
    }
}

/// A dequoted value that may hold a secret: `Debug` shows its length and place only.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    bytes: Vec<u8>,
    /// The text between the quotes.
    pub span: Span,
}

impl Secret {
    pub(crate) const fn new(bytes: Vec<u8>, span: Span) -> Self {
        Self { bytes, span }
    }

    /// The value itself; not for display.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "({} bytes not shown) at {:?}",
            self.bytes.len(),
            self.span
        )
    }
}

/// One `environment="NAME=value"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvVar {
    /// The name: letters, digits and, from 7.8, `_`.
    pub name: Vec<u8>,
    /// The value; never shown.
    pub value: Secret,
}

/// A civil time as written: not yet a point in time. Day 31 of a short month is taken and rolls over, as
/// `mktime` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CivilTime {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 61.
    pub second: u8,
}

/// One `expiry-time=`. Turning it into seconds since 1970 is the caller's: it takes the server's time zone.
/// A result of 0 or less is `invalid expires time` too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The time as written.
    pub time: CivilTime,
    /// It ends in `Z` or `UTC`; otherwise it is in the server's local time.
    pub utc: bool,
    /// The text between the quotes.
    pub span: Span,
}

/// A port of `permitopen` or `permitlisten`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    /// `*`
    Any,
    /// 1 to 65535.
    Number(u16),
    /// A service name (`getservbyname`), one of [`Rules::services`].
    Service(Vec<u8>),
}

/// One `permitopen` or `permitlisten`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// The host as written, brackets included; `*` for a bare port of `permitlisten`.
    pub host: Vec<u8>,
    /// The port.
    pub port: Port,
    /// The text between the quotes.
    pub span: Span,
}

/// The device of `tunnel=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tunnel {
    /// `any`
    Any,
    /// Its number.
    Device(u32),
}

/// A number of `width` characters as glibc's `strptime` takes it: blanks, then digits to the end.
fn field(text: &[u8], low: u16, high: u16) -> Option<u16> {
    let blanks = text.iter().take_while(|&&b| b == b' ').count();
    let digits = text.get(blanks..)?;
    if digits.is_empty() {
        return None;
    }
    let mut n = 0u16;
    for &d in digits {
        if !d.is_ascii_digit() {
            return None;
        }
        n = n.checked_mul(10)?.checked_add(u16::from(d - b'0'))?;
    }
    (low..=high).contains(&n).then_some(n)
}

/// `parse_absolute_time`: YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with `Z` or `UTC` where the build knows it.
pub(crate) fn absolute_time(text: &[u8], utc_suffix: bool) -> Option<(CivilTime, bool)> {
    let len = text.len();
    let ends = |suffix: &[u8]| {
        utc_suffix
            && len > suffix.len()
            && text
                .get(len - suffix.len()..)
                .is_some_and(|t| t.eq_ignore_ascii_case(suffix))
    };
    let (digits, utc) = if ends(b"Z") {
        (text.get(..len - 1)?, true)
    } else if ends(b"UTC") {
        (text.get(..len - 3)?, true)
    } else {
        (text, false)
    };
    if !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let part = |from: usize, to: usize, low, high| match digits.get(from..to) {
        Some(t) => field(t, low, high).map(|n| n as u8),
        None => Some(0),
    };
    let time = CivilTime {
        year: field(digits.get(..4)?, 0, 9999)?,
        month: part(4, 6, 1, 12)?,
        day: part(6, 8, 1, 31)?,
        hour: part(8, 10, 0, 23)?,
        minute: part(10, 12, 0, 59)?,
        second: part(12, 14, 0, 61)?,
    };
    let epoch = time.year == 1970
        && (time.month, time.day, time.hour, time.minute, time.second) == (1, 1, 0, 0, 0)
        && utc;
    (time.year >= 1969 && !epoch && !(utc && time.year < 1970)).then_some((time, utc))
}

/// Common TCP services of a services file, where that was not looked at.
const SERVICES: [&str; 40] = [
    "ssh",
    "http",
    "https",
    "ftp",
    "ftp-data",
    "telnet",
    "smtp",
    "domain",
    "www",
    "kerberos",
    "pop3",
    "imap2",
    "imaps",
    "pop3s",
    "ldap",
    "ldaps",
    "submission",
    "submissions",
    "rsync",
    "mysql",
    "postgresql",
    "x11",
    "git",
    "svn",
    "redis",
    "ipp",
    "nfs",
    "sunrpc",
    "nntp",
    "ident",
    "irc",
    "finger",
    "gopher",
    "socks",
    "http-alt",
    "xmpp-client",
    "xmpp-server",
    "mqtt",
    "amqp",
    "ms-sql-s",
];

/// `a2port`, refusing 0: a number as `strtonum` takes it, or a service.
fn port(text: &[u8], rules: &Rules) -> Option<Port> {
    if text == b"*" {
        return Some(Port::Any);
    }
    let blanks = text
        .iter()
        .take_while(|&&b| matches!(b, b' ' | 9..=13))
        .count();
    let number = text.get(blanks..)?;
    let digits = number.strip_prefix(b"+").unwrap_or(number);
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        let n = digits.iter().fold(0u32, |n, d| {
            n.saturating_mul(10).saturating_add(u32::from(d - b'0'))
        });
        return u16::try_from(n).ok().filter(|&n| n > 0).map(Port::Number);
    }
    let known = match &rules.services {
        Some(services) => services.iter().any(|s| s == text),
        None => SERVICES.iter().any(|s| s.as_bytes() == text),
    };
    known.then(|| Port::Service(text.to_vec()))
}

/// Which half of a permission is wrong.
pub(crate) enum BadPermit {
    Host,
    Port,
}

/// `handle_permit`: `host:port`, `[host]:port`, `host/port`; a bare port where `bare_port`.
pub(crate) fn permit(
    text: &[u8],
    bare_port: bool,
    rules: &Rules,
    span: Span,
) -> Result<Permit, BadPermit> {
    const NI_MAXHOST: usize = 1025;
    if bare_port && !text.contains(&b':') {
        let port = port(text, rules).ok_or(BadPermit::Port)?;
        return Ok(Permit {
            host: b"*".to_vec(),
            port,
            span,
        });
    }
    let end = if text.first() == Some(&b'[') {
        let close = text
            .iter()
            .position(|&b| b == b']')
            .ok_or(BadPermit::Host)?;
        close + 1
    } else {
        text.iter()
            .position(|b| matches!(b, b':' | b'/'))
            .unwrap_or(text.len())
    };
    let host = text.get(..end).unwrap_or(&[]);
    let tail = match text.get(end..) {
        None | Some([]) => None,
        Some([b':' | b'/', tail @ ..]) => Some(tail),
        Some(_) => return Err(BadPermit::Host),
    };
    if host.len() >= NI_MAXHOST {
        return Err(BadPermit::Host);
    }
    let port = tail.and_then(|t| port(t, rules)).ok_or(BadPermit::Port)?;
    Ok(Permit {
        host: host.to_vec(),
        port,
        span,
    })
}

/// `a2tun`: `any` or 0 to `SSH_TUNID_MAX` (0x7ffffffd).
pub(crate) fn tunnel(text: &[u8]) -> Option<Tunnel> {
    const MAX: u64 = 0x7fff_fffd;
    if text.eq_ignore_ascii_case(b"any") {
        return Some(Tunnel::Any);
    }
    let blanks = text
        .iter()
        .take_while(|&&b| matches!(b, b' ' | 9..=13))
        .count();
    let number = text.get(blanks..)?;
    let negative_zero = number.strip_prefix(b"-");
    let digits = negative_zero
        .or_else(|| number.strip_prefix(b"+"))
        .unwrap_or(number);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = digits.iter().fold(0u64, |n, d| {
        n.saturating_mul(10).saturating_add(u64::from(d - b'0'))
    });
    if n > MAX || (negative_zero.is_some() && n > 0) {
        return None;
    }
    u32::try_from(n).ok().map(Tunnel::Device)
}
