//! What is worth knowing and decides nothing: lines that were passed over, broken lines beside a
//! good one, settings that another line wins over.

use crate::conf::{Conf, Kw};
use crate::found;
use crate::nearest;
use crate::pass::cut_user;
use crate::server::Server;
use crate::{Judgement, Verdict, Walk, listener};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use sshwhy_authfile::damage;
use sshwhy_causes::{Args, Finding, authorized_keys as ak, method, offer};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Attempt, Cred, Fact, Reader, World, read_all};

/// Most broken lines that are named.
const MAX_LINES: usize = 8;
/// Only files up to this size are looked through for them.
const FILE_LIMIT: usize = 1 << 20;

pub(crate) fn collect(
    server: &Server,
    world: &dyn World,
    attempt: &Attempt,
    judgement: &Judgement,
    walk: &mut Walk,
) -> Vec<Finding> {
    let mut out = core::mem::take(&mut walk.notes);
    out.append(&mut walk.skipped_lines);
    let (user, _) = cut_user(world.build(), &attempt.user);
    shadowed(server, world, attempt, &user, judgement, &mut out);
    out.extend(other_key(judgement));
    broken_lines(server, world, &user, judgement, &mut out);
    if judgement.verdict == Verdict::Refuse
        && let Some(f) = listener::not_reloaded(server, world)
    {
        out.push(f);
    }
    let mut base = Args::new();
    base.set("user", user.as_slice())
        .set("from", attempt.from.addr.to_string())
        .set("build", server.title.as_str());
    for f in &mut out {
        f.args.fill(&base);
    }
    out
}

/// The setting that refuses was set elsewhere too, in vain.
fn shadowed(
    server: &Server,
    world: &dyn World,
    attempt: &Attempt,
    user: &[u8],
    judgement: &Judgement,
    out: &mut Vec<Finding>,
) {
    let Some(keyword) = judgement.causes.first().and_then(|f| f.args.get("keyword")) else {
        return;
    };
    let Some(kw) = Kw::ALL.iter().find(|k| k.name().as_bytes() == keyword) else {
        return;
    };
    let conf = Conf::new(server, world, attempt, user);
    let setting = conf.effective().value(*kw);
    let Ok(winner) = conf.words(*kw) else { return };
    for origin in &setting.shadowed {
        let sshwhy_config::Origin::File { place, raw, .. } = origin else {
            continue;
        };
        if raw.eq_ignore_ascii_case(&winner.raw) {
            continue;
        }
        let mut at = place.file.to_vec();
        at.extend_from_slice(alloc::format!(":{}", place.line).as_bytes());
        let text = server.config_line(&place.file, place.line).unwrap_or(b"");
        let f = Finding::new(&method::keyword_shadowed::CAUSE)
            .arg("keyword", kw.name())
            .arg("value", winner.raw.as_slice())
            .arg("origin", winner.origin.as_slice())
            .arg("other_origin", at.as_slice())
            .arg("found", *raw)
            .evidence(found::setting(&winner))
            .evidence(found::text(
                &place.file,
                u64::from(place.line),
                text,
                0..text.len(),
            ));
        out.push(f);
    }
}

/// The one listed key that bears the comment of the offered one.
fn other_key(judgement: &Judgement) -> Option<Finding> {
    let missing = judgement
        .causes
        .iter()
        .find(|f| f.cause.id == ak::key_not_listed::CAUSE.id)?;
    missing.args.get("other_fingerprint")?;
    let mut f = Finding::new(&offer::other_key_offered::CAUSE);
    f.args.fill(&missing.args);
    f.evidence.clone_from(&missing.evidence);
    Some(f)
}

/// Lines that sshd ignores in the files it reads.
fn broken_lines(
    server: &Server,
    world: &dyn World,
    user: &[u8],
    judgement: &Judgement,
    out: &mut Vec<Finding>,
) {
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
    // What the causes and the other notes are about, with the lines that they cover.
    let last = |f: &Finding| {
        core::str::from_utf8(f.args.get("last_line")?)
            .ok()?
            .parse()
            .ok()
    };
    let named: Vec<(Vec<u8>, RangeInclusive<u64>)> = judgement
        .causes
        .iter()
        .chain(out.iter())
        .flat_map(|f| f.evidence.iter().map(move |e| (f, e)))
        .filter_map(|(f, e)| {
            let line = e.line?;
            Some((e.path.clone()?, line..=last(f).unwrap_or(line)))
        })
        .collect();
    let mut count = 0;
    for word in server.config.global().words(Kw::AuthorizedKeysFile).value {
        let Ok(path) = crate::keyfile::expand(&account, word) else {
            continue;
        };
        let Ok(Ok(file)) = resolve(world, &path, Some(&cred)) else {
            continue;
        };
        if !file.node.is_file() || file.node.size > FILE_LIMIT as u64 {
            continue;
        }
        let read = read_all(world, &file.real, Reader::User(&cred), FILE_LIMIT);
        let Fact::Known(Ok((text, _))) = read else {
            continue;
        };
        let lines: Vec<&[u8]> = text.split(|&b| b == b'\n').collect();
        damage::survey(&text, &server.rules, |damage| {
            let known = |(p, range): &(Vec<u8>, RangeInclusive<u64>)| {
                *p == path && range.contains(&damage.line)
            };
            let index = usize::try_from(damage.line.saturating_sub(1)).unwrap_or(usize::MAX);
            let raw = lines.get(index).copied().unwrap_or(&[]);
            if !named.iter().any(known)
                && let Some(f) = nearest::describe(&path, damage.line, raw, &damage)
            {
                out.push(f);
                count += 1;
            }
            count < MAX_LINES
        });
        if count == MAX_LINES {
            return;
        }
    }
}
