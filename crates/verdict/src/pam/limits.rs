//! pam_limits: limits.conf(5), as far as a limit is one that nobody can keep.

use super::ask::{Ask, Reply, number};
use super::code;
use crate::found;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use sshwhy_causes::Evidence;
use sshwhy_world::resolve::{join, resolve};
use sshwhy_world::{Fact, Gap};

const FILE: &[u8] = b"/etc/security/limits.conf";
const DIR: &[u8] = b"/etc/security/limits.d";

/// A line that counts for the account.
#[derive(Clone)]
pub(super) struct Limit {
    pub(super) value: i64,
    pub(super) file: Vec<u8>,
    line: u64,
    raw: Vec<u8>,
}

impl Limit {
    pub(super) fn evidence(&self) -> Evidence {
        found::text(&self.file, self.line, &self.raw, 0..self.raw.len())
    }

    /// `/etc/security/limits.conf:3: alice hard nproc 1`
    pub(super) fn words(&self) -> String {
        let (file, raw) = (self.file.escape_ascii(), self.raw.escape_ascii());
        format!("{file}:{}: {raw}", self.line)
    }
}

/// A limit of no logins at all. How many there are now, no file shows.
pub(super) fn logins(ask: &Ask<'_, '_>) -> Result<Reply, Gap> {
    match lowest(ask, b"maxlogins")?.filter(|l| l.value == 0) {
        None => Ok(code::SUCCESS.into()),
        Some(limit) => {
            let mut reply = ask.denied(code::PERM_DENIED, limit.words());
            if let Some(finding) = &mut reply.finding {
                finding.evidence.insert(0, limit.evidence());
            }
            Ok(reply)
        }
    }
}

/// The lower of the soft and the hard limit. `None`: unlimited, or as it was.
pub(super) fn lowest(ask: &Ask<'_, '_>, item: &[u8]) -> Result<Option<Limit>, Gap> {
    let own = ask.option(b"conf").map(<[u8]>::to_vec);
    let mut files = alloc::vec![own.clone().unwrap_or_else(|| FILE.to_vec())];
    if own.is_none()
        && let Ok(dir) = resolve(ask.pass.world, DIR, None)?
        && let Fact::Known(Ok(mut names)) = ask.pass.world.list(&dir.real)
    {
        names.retain(|n| n.ends_with(b".conf") && !n.starts_with(b"."));
        names.sort_unstable();
        files.extend(names.iter().map(|n| join(DIR, n)));
    }
    // By type; of the lines of one type the most exact domain counts, and of those the last.
    let mut soft: Option<(u8, Limit)> = None;
    let mut hard: Option<(u8, Limit)> = None;
    for file in files {
        let Ok(text) = ask.read(&file)? else { continue };
        for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
            let line = raw.split(|&b| b == b'#').next().unwrap_or(b"").trim_ascii();
            let words: Vec<&[u8]> = line
                .split(u8::is_ascii_whitespace)
                .filter(|w| !w.is_empty())
                .collect();
            let [domain, kind, named, value] = words.as_slice() else {
                continue;
            };
            let Some(rank) = rank(ask, domain)? else {
                continue;
            };
            if !named.eq_ignore_ascii_case(item) {
                continue;
            }
            let Some(value) = limit(value) else { continue };
            let limit = Limit {
                value,
                file: file.clone(),
                line: i as u64 + 1,
                raw: line.to_vec(),
            };
            for (word, slot) in [(&b"soft"[..], &mut soft), (b"hard", &mut hard)] {
                let meant = *kind == b"-" || *kind == word;
                if meant && slot.as_ref().is_none_or(|(r, _)| rank <= *r) {
                    *slot = Some((rank, limit.clone()));
                }
            }
        }
    }
    let limits = soft.into_iter().chain(hard).map(|(_, l)| l);
    Ok(limits.filter(|l| l.value >= 0).min_by_key(|l| l.value))
}

/// How exactly a domain means the account: by name, by group, or as one of all. Ranges of numbers
/// are not read.
fn rank(ask: &Ask<'_, '_>, domain: &[u8]) -> Result<Option<u8>, Gap> {
    if domain == ask.account.name {
        return Ok(Some(0));
    }
    // Neither groups nor the wildcard mean root.
    if ask.account.uid == 0 {
        return Ok(None);
    }
    if let Some(group) = domain.strip_prefix(b"@") {
        return Ok(ask.in_group(group)?.then_some(1));
    }
    Ok((domain == b"*").then_some(2))
}

/// A number; -1 for what is not limited.
fn limit(text: &[u8]) -> Option<i64> {
    let text = text.to_ascii_lowercase();
    match text.as_slice() {
        b"-" | b"-1" | b"unlimited" | b"infinity" => Some(-1),
        digits if digits.iter().all(u8::is_ascii_digit) => number(digits),
        _ => None,
    }
}
