//! TCP wrappers: /etc/hosts.allow and /etc/hosts.deny, as libwrap 7.6 reads them with the options
//! of hosts_options(5) (`hosts_access.c`, `options.c`; Debian's 7.6.q, held to the real library).

use crate::Gate;
use crate::found;
use crate::pam::choice::Choices;
use crate::pass::{Pass, Stop};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::IpAddr;
use sshwhy_causes::connect::tcp_wrappers_denied;
use sshwhy_causes::{Evidence, Finding};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Fact, Feature, Gap, Reader, read_whole};

const ALLOW: &[u8] = b"/etc/hosts.allow";
const DENY: &[u8] = b"/etc/hosts.deny";
/// The name by which sshd asks.
const DAEMON: &[u8] = b"sshd";
const FILE_LIMIT: usize = 16 << 20;
/// BUFLEN of libwrap: a line, its newline and a zero byte have to fit in.
const LINE_LIMIT: usize = 2_048;
/// Most files of patterns inside one another.
const MAX_DEPTH: u32 = 8;

/// `hosts_access`
pub(crate) fn hosts_access(pass: &mut Pass<'_>) -> Gate {
    if !pass.has(Feature::TcpWrappers) {
        return Err(Stop::Skipped);
    }
    let (allow, deny) = (table(pass, ALLOW)?, table(pass, DENY)?);
    let mut choices = Choices::default();
    let (mut refusal, mut gap, mut accepted) = (None, None, false);
    loop {
        let mut look = Look {
            pass,
            choices: &mut choices,
        };
        match look.decide(&allow, &deny)? {
            None => accepted = true,
            Some(finding) => {
                if refusal.is_none() {
                    gap = choices.gaps().first().cloned();
                    refusal = Some(finding);
                }
            }
        }
        if !choices.next() {
            break;
        }
    }
    match (refusal, gap) {
        (None, _) => Ok(()),
        (Some(finding), Some(gap)) if accepted || choices.exhausted() => {
            if pass.world.waived(finding.cause.id) {
                return Ok(());
            }
            Err(Stop::Unknown(gap, Some(Box::new(finding))))
        }
        (Some(finding), _) => pass.refuse(finding),
    }
}

/// A line with its place. The text has its continued lines joined.
struct Rule {
    file: &'static [u8],
    line: u64,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// Why libwrap gives up on the file here, even if the line is a comment.
    broken: Option<&'static str>,
}

/// `xgets`: a backslash before the newline joins lines.
fn table(pass: &Pass<'_>, file: &'static [u8]) -> Result<Vec<Rule>, Gap> {
    let mut rules = Vec::new();
    let Some(content) = read(pass, file)? else {
        return Ok(rules);
    };
    let mut rest = content.as_slice();
    let mut number = 0;
    let mut open: Option<Rule> = None;
    while !rest.is_empty() {
        let end = rest.iter().position(|&b| b == b'\n');
        let raw = rest.get(..end.unwrap_or(rest.len())).unwrap_or(b"");
        rest = end.and_then(|e| rest.get(e + 1..)).unwrap_or(b"");
        number += 1;
        let mut rule = open.take().unwrap_or_else(|| Rule {
            file,
            line: number,
            raw: raw.to_vec(),
            text: Vec::new(),
            broken: None,
        });
        let kept = raw.strip_suffix(b"\\").filter(|_| end.is_some());
        rule.text.extend_from_slice(kept.unwrap_or(raw));
        if rule.text.len() + 2 > LINE_LIMIT {
            rule.broken = Some("the line is too long for libwrap");
        } else if end.is_none() || kept.is_some() && rest.is_empty() {
            rule.broken = Some("the last line of the file has no newline");
        } else if kept.is_some() {
            open = Some(rule);
            continue;
        }
        rules.push(rule);
    }
    rules.retain(|r| {
        r.broken.is_some() || r.text.first() != Some(&b'#') && !r.text.trim_ascii().is_empty()
    });
    Ok(rules)
}

fn read(pass: &Pass<'_>, path: &[u8]) -> Result<Option<Vec<u8>>, Gap> {
    let Ok(r) = resolve(pass.world, path, None)? else {
        return Ok(None);
    };
    match read_whole(pass.world, &r.real, Reader::Root, FILE_LIMIT) {
        Fact::Known(Ok(text)) => Ok(Some(text)),
        Fact::Known(Err(_)) => Ok(None),
        Fact::Unknown(gap) => Err(gap),
    }
}

/// What the options of a line add.
enum Options {
    None,
    Allow,
    Deny(&'static str),
}

struct Look<'p, 'a> {
    pass: &'p Pass<'a>,
    choices: &'p mut Choices,
}

impl Look<'_, '_> {
    /// Nothing: the connection may enter.
    fn decide(&mut self, allow: &[Rule], deny: &[Rule]) -> Result<Option<Finding>, Gap> {
        for (rules, lets_in) in [(allow, true), (deny, false)] {
            for rule in rules {
                if let Some(why) = rule.broken {
                    // An error ends the table. In hosts.deny it counts as a line that fits.
                    if lets_in {
                        break;
                    }
                    return Ok(Some(self.refused(rule, &rule.text, Some(why))));
                }
                let Some((daemons, rest)) = split_at(&rule.text, b':') else {
                    continue;
                };
                let (clients, options) = match split_at(rest, b':') {
                    Some((clients, options)) => (clients, Some(options)),
                    None => (rest, None),
                };
                if !self.list(daemons, Self::server)? || !self.list(clients, Self::client)? {
                    continue;
                }
                let said = match options {
                    Some(options) => self.options(options),
                    None => Options::None,
                };
                return Ok(match said {
                    Options::Allow => None,
                    Options::None if lets_in => None,
                    Options::None => Some(self.refused(rule, clients, None)),
                    Options::Deny(why) => Some(self.refused(rule, clients, Some(why))),
                });
            }
        }
        Ok(None)
    }

    fn refused(&self, rule: &Rule, clients: &[u8], why: Option<&str>) -> Finding {
        let end = rule.raw.trim_ascii_end().len();
        let mut evidence: Evidence = found::text(rule.file, rule.line, &rule.raw, 0..end);
        evidence.detail = why.map(|w| w.as_bytes().to_vec());
        let mut finding = Finding::new(&tcp_wrappers_denied::CAUSE)
            .arg("file", rule.file)
            .arg("line", rule.line.to_string())
            .arg("pattern", clients.trim_ascii())
            .evidence(evidence);
        if let Fact::Known(Some(name)) = self.name() {
            finding.args.set("host", name);
        }
        finding
    }

    /// The client's name: confirmed, or none.
    fn name(&self) -> Fact<Option<Vec<u8>>> {
        match &self.pass.attempt.from.host {
            Some(name) => Fact::Known(Some(name.clone())),
            None => self.pass.world.reverse(self.pass.attempt.from.addr),
        }
    }

    /// `list_match`
    fn list(
        &mut self,
        text: &[u8],
        fits: fn(&mut Self, &[u8]) -> Result<bool, Gap>,
    ) -> Result<bool, Gap> {
        let mut words = text
            .split(|b| b", \t\r\n".contains(b))
            .filter(|w| !w.is_empty())
            .peekable();
        let mut answer = false;
        // `answer` holds for an even number of lists that fitted, one excepted from another.
        loop {
            let mut fitted = false;
            let mut more = false;
            for word in words.by_ref() {
                if word.eq_ignore_ascii_case(b"EXCEPT") {
                    more = true;
                    break;
                }
                fitted = fitted || fits(self, word)?;
            }
            if !fitted {
                return Ok(answer);
            }
            answer = !answer;
            if !more {
                return Ok(answer);
            }
        }
    }

    /// `server_match`
    fn server(&mut self, word: &[u8]) -> Result<bool, Gap> {
        match user_at(word) {
            None => Ok(string_match(word, DAEMON)),
            Some((daemon, host)) => Ok(string_match(daemon, DAEMON) && self.host(host, true, 0)?),
        }
    }

    /// `client_match`
    fn client(&mut self, word: &[u8]) -> Result<bool, Gap> {
        match user_at(word) {
            None => self.host(word, false, 0),
            Some((user, host)) => {
                if !self.host(host, false, 0)? {
                    return Ok(false);
                }
                Ok(user.eq_ignore_ascii_case(b"ALL")
                    || self.unknown("the client's own answer (RFC 931) to", word))
            }
        }
    }

    fn unknown(&mut self, what: &str, word: &[u8]) -> bool {
        let gap = Gap::not_looked(
            format!(
                "{what} `{}` of hosts.allow or hosts.deny",
                word.escape_ascii()
            ),
            "nobody asked",
            format!(
                "tcpdmatch sshd {}, on the server",
                self.pass.attempt.from.addr
            ),
        );
        self.choices.pick(2, &gap) == 1
    }

    /// `host_match`. `own`: the server's end of the connection.
    fn host(&mut self, word: &[u8], own: bool, depth: u32) -> Result<bool, Gap> {
        let addr = if own {
            self.pass.attempt.to.addr
        } else {
            self.pass.attempt.from.addr
        };
        let addr_text = addr.to_string();
        if word.first() == Some(&b'@') {
            return Ok(self.unknown("the netgroup", word));
        }
        if word.first() == Some(&b'/') {
            if depth >= MAX_DEPTH {
                return Ok(false);
            }
            let Some(text) = read(self.pass, word)? else {
                return Ok(false);
            };
            for word in text
                .split(u8::is_ascii_whitespace)
                .filter(|w| !w.is_empty())
            {
                if self.host(word, own, depth + 1)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        let by_name = |f: &dyn Fn(&[u8]) -> bool, this: &mut Self| -> bool {
            let name = if own {
                this.pass.world.reverse(addr)
            } else {
                this.name()
            };
            match name {
                Fact::Known(Some(name)) => f(&name),
                // No name, or one that does not lead back here: "unknown" or "paranoid".
                Fact::Known(None) => {
                    let (unknown, paranoid) = (f(b"unknown"), f(b"paranoid"));
                    if unknown == paranoid {
                        return unknown;
                    }
                    this.unknown(
                        "whether the name of the address is missing or a false one, for",
                        word,
                    )
                }
                Fact::Unknown(gap) => this.choices.pick(2, &gap) == 1,
            }
        };
        let known = |name: &[u8]| name != b"unknown" && name != b"paranoid";
        if word.eq_ignore_ascii_case(b"KNOWN") {
            return Ok(by_name(&known, self));
        }
        if word.eq_ignore_ascii_case(b"LOCAL") {
            return Ok(by_name(&|n| !n.contains(&b'.') && known(n), self));
        }
        if let Some((net, mask)) = split_at(word, b'/') {
            return Ok(masked_match(net, mask, addr));
        }
        if string_match(word, addr_text.as_bytes()) || v6_match(word, addr) {
            return Ok(true);
        }
        if word.iter().all(|b| b"0123456789./".contains(b)) {
            return Ok(false);
        }
        Ok(by_name(&|n| string_match(word, n), self))
    }

    /// `process_options`: hosts_options(5).
    fn options(&mut self, text: &[u8]) -> Options {
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (field, more) = option_field(text);
            rest = more;
            let field = field.trim_ascii();
            let end = field
                .iter()
                .position(|b| b"= \t".contains(b))
                .unwrap_or(field.len());
            let (key, value) = field.split_at(end);
            let value = value.trim_ascii_start();
            let value = value.strip_prefix(b"=").unwrap_or(value).trim_ascii();
            let key = key.to_ascii_lowercase();
            match key.as_slice() {
                b"allow" | b"deny" if !value.is_empty() => {
                    return Options::Deny("an option with a value that it does not take");
                }
                b"allow" | b"deny" if rest.is_some() => {
                    return Options::Deny("an option that has to come last");
                }
                b"allow" => return Options::Allow,
                b"deny" => return Options::Deny("the option deny"),
                b"twist" => return Options::Deny("the option twist runs another program instead"),
                b"aclexec" if !value.is_empty() => {
                    if !self.unknown("the answer of the program in", field) {
                        return Options::Deny("the program of aclexec says no");
                    }
                }
                b"user" | b"group" | b"umask" | b"linger" | b"spawn" | b"nice" | b"setenv"
                | b"banners" | b"severity" | b"keepalive" | b"rfc931" => {
                    let needs = !matches!(key.as_slice(), b"nice" | b"keepalive" | b"rfc931");
                    if needs && value.is_empty() {
                        return Options::Deny("an option without its value");
                    }
                    if !value_fits(&key, value) {
                        return Options::Deny("an option with a value that libwrap does not take");
                    }
                    if key == b"keepalive" && !value.is_empty() {
                        return Options::Deny("an option with a value that it does not take");
                    }
                }
                _ => return Options::Deny("libwrap does not know this option, and so refuses"),
            }
        }
        Options::None
    }
}

/// Whether libwrap takes the value of an option. Names of users and groups are not looked up.
fn value_fits(key: &[u8], value: &[u8]) -> bool {
    const FACILITIES: [&[u8]; 20] = [
        b"kern",
        b"user",
        b"mail",
        b"daemon",
        b"auth",
        b"authpriv",
        b"lpr",
        b"news",
        b"uucp",
        b"cron",
        b"ftp",
        b"syslog",
        b"local0",
        b"local1",
        b"local2",
        b"local3",
        b"local4",
        b"local5",
        b"local6",
        b"local7",
    ];
    const LEVELS: [&[u8]; 8] = [
        b"emerg", b"alert", b"crit", b"err", b"warning", b"notice", b"info", b"debug",
    ];
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    match key {
        b"severity" => {
            let mut words = value.splitn(2, |&b| b == b'.');
            let first = words.next().unwrap_or(b"");
            let (facility, level) = match words.next() {
                Some(level) => (Some(first), level),
                None => (None, first),
            };
            LEVELS.iter().any(|l| level.eq_ignore_ascii_case(l))
                && facility.is_none_or(|f| FACILITIES.iter().any(|k| f.eq_ignore_ascii_case(k)))
        }
        b"linger" => digits,
        b"nice" => value.is_empty() || digits,
        b"umask" => digits && value.iter().all(|b| *b < b'8'),
        _ => true,
    }
}

/// `get_field`: up to a `:` without a backslash before it.
fn option_field(text: &[u8]) -> (Vec<u8>, Option<&[u8]>) {
    let mut out = Vec::new();
    let mut i = 0;
    while let Some(&b) = text.get(i) {
        match b {
            b':' => {
                return (out, text.get(i + 1..));
            }
            b'\\' if text.get(i + 1) == Some(&b':') => {
                out.push(b':');
                i += 1;
            }
            _ => out.push(b),
        }
        i += 1;
    }
    (out, None)
}

/// `split_at`: the first such byte outside of brackets.
fn split_at(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let mut depth = 0i32;
    for (i, &b) in text.iter().enumerate() {
        match b {
            b'[' => depth = depth.saturating_add(1),
            b']' => depth = depth.saturating_sub(1),
            _ if depth == 0 && b == byte => return Some((text.get(..i)?, text.get(i + 1..)?)),
            _ => {}
        }
    }
    None
}

/// `user@host`, where something stands before the `@`.
fn user_at(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, _) = split_at(word.get(1..)?, b'@')?;
    let at = head.len() + 1;
    Some((word.get(..at)?, word.get(at + 1..)?))
}

/// `string_match`
fn string_match(word: &[u8], text: &[u8]) -> bool {
    if word.iter().any(|b| b"*?".contains(b)) {
        return wildcards(word, text);
    }
    if word.first() == Some(&b'.') {
        return text.len() > word.len()
            && text
                .get(text.len() - word.len()..)
                .is_some_and(|t| t.eq_ignore_ascii_case(word));
    }
    if word.eq_ignore_ascii_case(b"ALL") {
        return true;
    }
    if word.eq_ignore_ascii_case(b"KNOWN") {
        return !text.eq_ignore_ascii_case(b"unknown");
    }
    if word.last() == Some(&b'.') {
        return text
            .get(..word.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(word));
    }
    text.eq_ignore_ascii_case(word)
}

/// `match_pattern_ylo`: `*` and `?`, case counts not.
fn wildcards(pattern: &[u8], text: &[u8]) -> bool {
    sshwhy_config::pattern::match_pattern(&text.to_ascii_lowercase(), &pattern.to_ascii_lowercase())
}

fn parse(text: &[u8]) -> Option<IpAddr> {
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// An IPv6 address, in brackets.
fn v6_match(word: &[u8], addr: IpAddr) -> bool {
    word.strip_prefix(b"[")
        .and_then(|w| w.strip_suffix(b"]"))
        .and_then(parse)
        .is_some_and(|net| net.is_ipv6() && net == addr)
}

/// `masked_match`: a network whose host bits are zero, and a mask or a number of bits.
fn masked_match(net: &[u8], mask: &[u8], addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(addr) => {
            let Some(net) = dot_quad(net) else {
                return false;
            };
            let mask = match dot_quad(mask) {
                // The one mask that inet_addr(3) cannot return is not understood.
                Some(u32::MAX) => return false,
                Some(mask) => mask,
                None => match leading_number(mask) {
                    n @ 1..=32 => u32::MAX << (32 - n),
                    _ => return false,
                },
            };
            u32::from(addr) & mask == net
        }
        IpAddr::V6(addr) => {
            let net = net.strip_prefix(b"[").and_then(|n| n.strip_suffix(b"]"));
            let Some(IpAddr::V6(net)) = net.and_then(parse) else {
                return false;
            };
            let mask = match leading_number(mask) {
                0 => 0,
                n @ 1..=128 => u128::MAX << (128 - n),
                _ => return false,
            };
            u128::from(addr) & mask == u128::from(net) & mask
        }
    }
}

/// inet_addr(3), of four numbers.
fn dot_quad(text: &[u8]) -> Option<u32> {
    let mut parts = 0;
    let mut value = 0u32;
    for part in text.split(|&b| b == b'.') {
        let (digits, radix) = match part {
            [b'0', b'x' | b'X', rest @ ..] => (rest, 16),
            [b'0', _, ..] => (part, 8),
            _ => (part, 10),
        };
        let digits = core::str::from_utf8(digits)
            .ok()
            .filter(|d| !d.starts_with('+'))?;
        let n = u32::from_str_radix(digits, radix)
            .ok()
            .filter(|n| *n <= 255)?;
        value = value << 8 | n;
        parts += 1;
    }
    (parts == 4).then_some(value)
}

/// atoi(3)
fn leading_number(text: &[u8]) -> u32 {
    let digits = text.iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0u32, |n, b| {
        n.saturating_mul(10).saturating_add(u32::from(b - b'0'))
    })
}
