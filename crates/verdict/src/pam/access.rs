//! pam_access: access.conf(5).

use super::ask::{Ask, Reply, TTY, number};
use super::code;
use crate::found;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::IpAddr;
use sshwhy_causes::signature::pam_access;
use sshwhy_world::resolve::{join, resolve};
use sshwhy_world::{Errno, Fact, Gap};

const FILE: &[u8] = b"/etc/security/access.conf";
const DIR: &[u8] = b"/etc/security/access.d";

/// What a file of rules says.
enum Said {
    Nothing,
    Yes,
    No { line: u64, raw: Vec<u8> },
    Unreadable(Errno),
}

pub(super) fn account(ask: &mut Ask<'_, '_>) -> Result<Reply, Gap> {
    let own = ask.option(b"accessfile").map(<[u8]>::to_vec);
    if let Some(file) = &own
        && ask.read(file)?.is_err()
    {
        let why = format!("pam_access cannot open accessfile={}", file.escape_ascii());
        return Ok(ask.denied(code::ABORT, why));
    }
    let first = own.clone().unwrap_or_else(|| FILE.to_vec());
    let mut files = alloc::vec![first];
    if own.is_none()
        && let Ok(dir) = resolve(ask.pass.world, DIR, None)?
        && let Fact::Known(Ok(mut names)) = ask.pass.world.list(&dir.real)
    {
        names.retain(|n| n.ends_with(b".conf") && !n.starts_with(b"."));
        names.sort_unstable();
        files.extend(names.iter().map(|n| join(DIR, n)));
    }
    for file in files {
        match rules(ask, &file)? {
            Said::Nothing => {}
            Said::Yes => break,
            Said::No { line, raw } => {
                let mut finding = ask
                    .finding(&pam_access::CAUSE)
                    .arg("file", file.as_slice())
                    .arg("line", line.to_string());
                finding
                    .evidence
                    .insert(0, found::text(&file, line, &raw, 0..raw.len()));
                return Ok(Reply {
                    code: code::PERM_DENIED,
                    finding: Some(finding),
                });
            }
            Said::Unreadable(errno) => {
                let why = format!("{}: {}", file.escape_ascii(), errno.text());
                return Ok(ask.denied(code::PERM_DENIED, why));
            }
        }
    }
    Ok(code::SUCCESS.into())
}

/// `login_access`
fn rules(ask: &mut Ask<'_, '_>, file: &[u8]) -> Result<Said, Gap> {
    let text = match ask.read(file)? {
        Ok(text) => text,
        Err(Errno::NotFound) => return Ok(Said::Nothing),
        Err(errno) => return Ok(Said::Unreadable(errno)),
    };
    let separators = ask.option(b"fieldsep").unwrap_or(b":").to_vec();
    let between = ask.option(b"listsep").unwrap_or(b", \t").to_vec();
    let mut rest = text.as_slice();
    let mut line = 0;
    // A last line without its newline is not read.
    while let Some(end) = rest.iter().position(|&b| b == b'\n') {
        let raw = rest.get(..end).unwrap_or(b"");
        rest = rest.get(end + 1..).unwrap_or(b"");
        line += 1;
        let shown = raw.trim_ascii_end();
        if shown.is_empty() || shown.first() == Some(&b'#') {
            continue;
        }
        let mut fields = Fields(shown);
        let Some(permission) = fields.next(&separators) else {
            continue;
        };
        let Some(users) = fields.next(&separators) else {
            continue;
        };
        let Some(origins) = fields.next(b"\n") else {
            continue;
        };
        if !matches!(permission.first(), Some(b'+' | b'-')) {
            continue;
        }
        if list(users, &between, &mut |token| user(ask, token))?
            && list(origins, &between, &mut |token| origin(ask, token))?
        {
            return Ok(if shown.first() == Some(&b'+') {
                Said::Yes
            } else {
                Said::No {
                    line,
                    raw: shown.to_vec(),
                }
            });
        }
    }
    Ok(Said::Nothing)
}

/// strtok_r(3)
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn next(&mut self, separators: &[u8]) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|b| !separators.contains(b))?;
        let rest = self.0.get(start..)?;
        let end = rest
            .iter()
            .position(|b| separators.contains(b))
            .unwrap_or(rest.len());
        self.0 = rest.get(end + 1..).unwrap_or(b"");
        rest.get(..end)
    }
}

/// `list_match`: tokens up to EXCEPT, and what is excepted from them.
fn list(
    text: &[u8],
    between: &[u8],
    fits: &mut dyn FnMut(&[u8]) -> Result<bool, Gap>,
) -> Result<bool, Gap> {
    let mut fields = Fields(text);
    let (mut including, mut matched, mut result) = (true, false, false);
    while let Some(token) = fields.next(between) {
        if token.eq_ignore_ascii_case(b"EXCEPT") {
            if !matched {
                break;
            }
            including = !including;
            matched = false;
        } else if !matched && fits(token)? {
            result = including;
            matched = true;
        }
    }
    Ok(result)
}

/// Something that no file shows: tries both.
fn unknown(ask: &mut Ask<'_, '_>, what: &str, token: &[u8]) -> bool {
    let gap = Gap::not_looked(
        format!(
            "whether {what} `{}` of access.conf fits",
            token.escape_ascii()
        ),
        "it is not in the files of this machine",
        format!(
            "pamtester {} {} acct_mgmt, as root on the server",
            ask.service.escape_ascii(),
            ask.account.name.escape_ascii()
        ),
    );
    ask.choices.fact(2, &gap) == 1
}

/// `user_match`
fn user(ask: &mut Ask<'_, '_>, token: &[u8]) -> Result<bool, Gap> {
    let name = ask.account.name.clone();
    if let Some(group) = token.strip_prefix(b"(").and_then(|t| t.strip_suffix(b")")) {
        if group.is_empty() {
            return Ok(false);
        }
        if ask.in_group(group)? {
            return Ok(true);
        }
        return match numeric(group) {
            Some(gid) => Ok(ask.in_gid(gid)? && since_1_7(ask)),
            None => Ok(false),
        };
    }
    let heads = token.iter().take_while(|&&b| b == b'@').count();
    if let Some(at) = token
        .get(heads..)
        .and_then(|t| t.iter().position(|&b| b == b'@'))
    {
        // user@host: the host is this machine's own name.
        let (who, host) = token.split_at(heads + at);
        let host = host.get(1..).unwrap_or(b"");
        return Ok(user(ask, who)?
            && (host.eq_ignore_ascii_case(b"ALL") || unknown(ask, "the host in", token)));
    }
    if heads > 0 {
        return Ok(unknown(ask, "the netgroup", token));
    }
    if token.eq_ignore_ascii_case(b"ALL") || token.eq_ignore_ascii_case(&name) {
        return Ok(true);
    }
    if numeric(token) == Some(ask.account.uid) && since_1_7(ask) {
        return Ok(true);
    }
    Ok(!ask.flag(b"nodefgroup") && ask.in_group(token)?)
}

fn numeric(token: &[u8]) -> Option<u32> {
    let digits = !token.is_empty() && token.iter().all(u8::is_ascii_digit);
    core::str::from_utf8(token)
        .ok()
        .filter(|_| digits)?
        .parse()
        .ok()
}

/// Numbers of users and groups are understood since 1.7.0.
fn since_1_7(ask: &mut Ask<'_, '_>) -> bool {
    match ask.since_1_7() {
        Some(known) => known,
        None => unknown(ask, "a number in", b"users"),
    }
}

/// `from_match`
fn origin(ask: &mut Ask<'_, '_>, token: &[u8]) -> Result<bool, Gap> {
    if token.first() == Some(&b'@') {
        return Ok(unknown(ask, "the netgroup", token));
    }
    if token.eq_ignore_ascii_case(b"ALL") {
        return Ok(true);
    }
    let from = ask.rhost()?;
    if token.eq_ignore_ascii_case(&from) {
        return Ok(true);
    }
    if token.eq_ignore_ascii_case(b"LOCAL") {
        return Ok(false);
    }
    let addr = ask.pass.attempt.from.addr;
    if token.first() == Some(&b'.') {
        if from.len() > token.len()
            && from
                .get(from.len() - token.len()..)
                .is_some_and(|end| end.eq_ignore_ascii_case(token))
        {
            return Ok(true);
        }
    } else if token.last() == Some(&b'.') {
        let IpAddr::V4(v4) = addr else {
            return Ok(false);
        };
        return Ok(format!("{v4}.").as_bytes().starts_with(token));
    }
    Ok(network(ask, token, addr))
}

/// `network_netmask_match`
fn network(ask: &mut Ask<'_, '_>, token: &[u8], addr: IpAddr) -> bool {
    if let Some(slash) = token.iter().position(|&b| b == b'/') {
        let (net, mask) = token.split_at(slash);
        let mask = mask.get(1..).unwrap_or(b"");
        let Some(net) = address(net) else {
            return false;
        };
        let bits = if net.is_ipv4() { 32 } else { 128 };
        let mask = match address(mask) {
            Some(mask) if mask.is_ipv4() == addr.is_ipv4() => Some(value(mask)),
            // A mask of the other family is not used at all.
            Some(_) => None,
            None => match number(mask) {
                // `/0` is the same as no mask.
                Some(0) => None,
                Some(n) if (1..=bits).contains(&n) => {
                    Some(u128::MAX << (128 - n) >> (128 - bits) as u32)
                }
                _ => return false,
            },
        };
        return same(addr, net, mask);
    }
    if let Some(net) = address(token) {
        return same(addr, net, None);
    }
    // A terminal, or a name that only PAM 1.7.0 and later look up.
    let terminal = [&b"tty"[..], b"pts/", b"console", b":"]
        .iter()
        .any(|t| token.starts_with(t));
    if terminal || token == TTY || ask.flag(b"nodns") || ask.since_1_7() == Some(false) {
        return false;
    }
    let known = ask.since_1_7().is_some();
    match ask.pass.world.forward(token) {
        Fact::Known(found) if found.iter().all(|a| !same(addr, *a, None)) => false,
        Fact::Known(_) if known => true,
        _ => unknown(ask, "the host", token),
    }
}

fn address(text: &[u8]) -> Option<IpAddr> {
    core::str::from_utf8(text).ok()?.parse().ok()
}

fn value(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(a) => u128::from(u32::from(a)),
        IpAddr::V6(a) => u128::from(a),
    }
}

/// `are_addresses_equal`
fn same(a: IpAddr, b: IpAddr, mask: Option<u128>) -> bool {
    if a.is_ipv4() != b.is_ipv4() {
        let local = |x: IpAddr| x.is_loopback() && value(x) & 0xff_ffff == 1;
        return local(a) && local(b);
    }
    let mask = mask.unwrap_or(u128::MAX);
    value(a) & mask == value(b) & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_take_back_what_a_list_includes() {
        let is = |text: &[u8], who: &[u8]| {
            list(text, b", \t", &mut |t| Ok(t == who || t == b"ALL")).unwrap()
        };
        assert!(is(b"ALL EXCEPT root", b"alice"));
        assert!(!is(b"ALL EXCEPT root", b"root"));
        assert!(is(b"ALL EXCEPT root alice EXCEPT root", b"root"));
        assert!(!is(b"bob EXCEPT ALL", b"alice"));
    }

    #[test]
    fn a_mask_of_zero_bits_is_no_mask() {
        let a: IpAddr = "192.0.2.1".parse().unwrap();
        let b: IpAddr = "192.0.2.9".parse().unwrap();
        assert!(!same(a, b, None));
        assert!(same(a, b, Some(0xffff_ff00)));
    }
}
