//! The key is not where sshd looks: which source explains it best, and where else the key stands.

use crate::conf::Kw;
use crate::found;
use crate::keyfile;
use crate::lines;
use crate::nearest::{self, Nearest};
use crate::pass::Pass;
use crate::server::Server;
use crate::sources::{Near, Search, Tried};
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_authfile::OfferedKey as Wanted;
use sshwhy_causes::Finding;
use sshwhy_causes::authorized_keys as ak;
use sshwhy_world::resolve::{is_below, join, resolve};
use sshwhy_world::{Account, Cred, Fact, Reader, World, read_all};

/// Most accounts whose key files are looked into for a key that stands in the wrong home.
const MAX_ACCOUNTS: usize = 2_000;
/// Most bytes of each.
const OTHER_LIMIT: usize = 1 << 20;

/// Which account's file holds which key.
#[derive(Debug, Default)]
pub(crate) struct Index(BTreeMap<Vec<u8>, (Vec<u8>, Vec<u8>, u64)>);

/// The finding that explains best why no source accepted.
pub(crate) fn explain(pass: &Pass<'_>, search: &mut Search, wanted: Wanted<'_>) -> Option<Finding> {
    for tried in &mut search.tried {
        if tried.near != Near::NotListed || tried.file.is_empty() {
            continue;
        }
        let (mut finding, near) = match nearest::look(pass, &tried.file) {
            // To a certificate it matters only whether a line was meant for it.
            Some(Nearest::Damage(f))
                if !wanted.is_certificate() || f.cause.id == ak::key_line_certificate::CAUSE.id =>
            {
                (f, Near::Damaged)
            }
            Some(Nearest::SameComment(f)) if !wanted.is_certificate() => (f, Near::NotListed),
            _ => continue,
        };
        finding.args.fill(&tried.finding.args);
        if wanted.is_certificate() {
            // A line with the plain key would not let the certificate in.
            finding.mend.clear();
        }
        tried.finding = finding;
        tried.near = near;
    }
    if wanted.is_certificate() {
        // A certificate is explained by its CA, not by the missing line of a plain key.
        let about_cas = |t: &Tried| {
            !matches!(t.near, Near::NotListed | Near::Missing)
                || t.finding.cause.stage == sshwhy_causes::Stage::Certificate
        };
        if search.tried.iter().any(about_cas) {
            search.tried.retain(about_cas);
        }
    }
    search.tried.sort_by_key(|t| core::cmp::Reverse(t.near));
    if search.tried.is_empty() {
        return None;
    }
    let Tried {
        finding,
        near,
        file,
    } = search.tried.remove(0);
    if wanted.is_certificate() {
        return Some(finding);
    }
    Some(match near {
        Near::Missing | Near::NotListed => refine(pass, finding, wanted),
        Near::Unreadable => unreadable(pass, finding, &file),
        _ => finding,
    })
}

/// How the path is written often tells why it leads nowhere.
fn by_spelling(pass: &Pass<'_>, finding: &Finding) -> Option<Finding> {
    let words = pass.conf.words(Kw::AuthorizedKeysFile).ok()?;
    let which = if words.raw.split(|&b| b == b' ').any(|w| w.starts_with(b"~")) {
        &ak::keys_file_tilde::CAUSE
    } else if words.raw.windows(5).any(|w| w == b"$HOME")
        || words.raw.windows(6).any(|w| w == b"${HOME")
    {
        &ak::keys_file_dollar_home::CAUSE
    } else if words.raw.contains(&b',') {
        &ak::keys_file_comma::CAUSE
    } else {
        return None;
    };
    let mut f = Finding::new(which);
    f.args.fill(&finding.args);
    f.evidence.clone_from(&finding.evidence);
    f.mend.push(sshwhy_world::Mend::Config {
        keyword: b"authorizedkeysfile".to_vec(),
        value: b".ssh/authorized_keys".to_vec(),
    });
    Some(f)
}

/// The file could not be read: one for all accounts outside the homes has its own pitfalls.
fn unreadable(pass: &Pass<'_>, finding: Finding, file: &[u8]) -> Finding {
    if finding.cause.id != ak::keys_file_unreadable::CAUSE.id {
        return finding;
    }
    if let Some(f) = by_spelling(pass, &finding) {
        return f;
    }
    let Some(account) = &pass.account else {
        return finding;
    };
    if is_below(file, &account.home) {
        return finding;
    }
    let mut f = Finding::new(&ak::keys_file_central::CAUSE);
    f.args = finding.args;
    f.evidence = finding.evidence;
    f.mend = finding.mend;
    f
}

/// The key is in none of the files: perhaps it stands in another.
fn refine(pass: &Pass<'_>, finding: Finding, wanted: Wanted<'_>) -> Finding {
    let Some(account) = &pass.account else {
        return finding;
    };
    if finding.cause.id == ak::keys_file_none::CAUSE.id {
        // Wherever else the key stands, no file is read.
        return finding;
    }
    let missing = finding.cause.id == ak::keys_file_missing::CAUSE.id;
    if missing && let Some(f) = by_spelling(pass, &finding) {
        return f;
    }
    if let Some(f) = unread_file(pass, account, &finding, wanted) {
        return f;
    }
    if finding.cause.id == ak::home_missing_or_unmounted::CAUSE.id {
        return finding;
    }
    let index = pass
        .server
        .index
        .get_or_init(|| Index::build(pass.server, pass.world));
    if let Some((user, file, line)) = index.0.get(wanted.blob())
        && *user != account.name
    {
        let mut f = Finding::new(&ak::key_in_other_home::CAUSE)
            .arg("other_user", user.as_slice())
            .arg("other_file", file.as_slice())
            .arg("other_line", line.to_string());
        let mut place = sshwhy_causes::Evidence::new(sshwhy_causes::EvidenceKind::Text);
        place.path = Some(file.clone());
        place.line = Some(*line);
        place.detail = Some(b"the key stands here".to_vec());
        f.args.fill(&finding.args);
        f.evidence.push(place);
        f.evidence.extend(finding.evidence);
        f.mend = finding.mend;
        return f;
    }
    finding
}

/// A file of this home that holds the key, and that sshd does not read.
fn unread_file(
    pass: &Pass<'_>,
    account: &Account,
    finding: &Finding,
    wanted: Wanted<'_>,
) -> Option<Finding> {
    let words = pass.conf.words(Kw::AuthorizedKeysFile).ok()?;
    let read: Vec<Vec<u8>> = words
        .value
        .iter()
        .filter_map(|w| keyfile::expand(account, w).ok())
        .collect();
    let ssh = join(&account.home, b".ssh");
    let mut names = Vec::new();
    let cred = pass.cred.as_ref()?;
    if let Ok(Ok(dir)) = resolve(pass.world, &ssh, Some(cred))
        && cred.may(&dir.node, sshwhy_world::access::READ)
        && let Fact::Known(Ok(all)) = pass.world.list(&dir.real)
    {
        names = all;
        names.sort();
        names.truncate(200);
    }
    for name in names {
        let path = join(&ssh, &name);
        // A private key is nothing to look into; its name tells.
        if read.contains(&path) || name.starts_with(b"id_") || name == b"known_hosts" {
            continue;
        }
        if !lines::holds_key(pass, &path, wanted) {
            continue;
        }
        let which = match name.as_slice() {
            b"authorized_keys2" => &ak::keys_file_second_not_read::CAUSE,
            b"authorized_keys" => &ak::keys_file_elsewhere::CAUSE,
            _ => return Some(misnamed(finding, &path)),
        };
        let mut f = Finding::new(which).arg("other_file", path.as_slice());
        f.args.fill(&finding.args);
        let f = found::with_setting(f, &words);
        return Some(f.mend(sshwhy_world::Mend::Config {
            keyword: b"authorizedkeysfile".to_vec(),
            value: path,
        }));
    }
    None
}

/// The key stands in a file of another name beside the one that sshd reads.
fn misnamed(finding: &Finding, path: &[u8]) -> Finding {
    let mut f = finding.clone();
    f.args.set("other_file", path);
    let mut place = sshwhy_causes::Evidence::new(sshwhy_causes::EvidenceKind::Path);
    place.path = Some(path.to_vec());
    place.detail = Some(b"holds the key, and sshd does not read it".to_vec());
    f.evidence.push(place);
    f
}

impl Index {
    fn build(server: &Server, world: &dyn World) -> Index {
        let mut out = Index::default();
        let Fact::Known(accounts) = world.accounts() else {
            return out;
        };
        let words = server.config.global().words(Kw::AuthorizedKeysFile).value;
        for account in accounts.iter().take(MAX_ACCOUNTS) {
            let Fact::Known(groups) = world.groups_of(account) else {
                continue;
            };
            let cred = Cred {
                uid: account.uid,
                gid: account.gid,
                groups,
            };
            for word in &words {
                let Ok(path) = keyfile::expand(account, word) else {
                    continue;
                };
                let Ok(Ok(file)) = resolve(world, &path, Some(&cred)) else {
                    continue;
                };
                if !file.node.is_file() || file.node.size > OTHER_LIMIT as u64 {
                    continue;
                }
                let read = read_all(world, &file.real, Reader::User(&cred), OTHER_LIMIT);
                let Fact::Known(Ok((text, _))) = read else {
                    continue;
                };
                for key in lines::listed(&text, &server.rules) {
                    out.0
                        .entry(key.blob)
                        .or_insert_with(|| (account.name.clone(), path.clone(), key.line));
                }
            }
        }
        out
    }
}
