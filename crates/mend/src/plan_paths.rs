//! Modes, owners, ACLs, labels: who may write to what sshd trusts, and what sshd may read.

use crate::change::{Made, Touch, What};
use crate::plan::{Draft, Here, Left, left, not_done, user_name};
use crate::plan_lines::{NOT_ITS_TO_READ, only_keys};
use sshwhy_causes::{Finding, Safety};
use sshwhy_world::resolve::{is_below, parent};
use sshwhy_world::{Acl, AclEntry, AclTag, Fact, Mend, Node, World};

type Done = Result<Vec<Draft>, Left>;

const STICKY_FOR_ALL: u32 = 0o1002;

fn draft(path: &[u8], what: What, safety: Safety) -> Draft {
    Draft {
        path: path.to_vec(),
        what,
        safety,
        touches: Vec::new(),
    }
}

/// StrictModes and its kin: others lose the right to write, foreign owners what is the account's.
pub(crate) fn rights(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let mut out = Vec::new();
    for mend in &finding.mend {
        match mend {
            Mend::Mode { path, clear, set } => {
                let node = here.node(path).ok_or_else(|| left(finding))?;
                if node.mode & STICKY_FOR_ALL == STICKY_FOR_ALL && !at_home(here, path) {
                    let why = "everyone works in this directory (it has the sticky bit), and \
                               nothing of one account may hang on it";
                    return Err(not_done(finding, why));
                }
                let mut d = draft(
                    path,
                    What::Mode {
                        to: node.mode & !clear | set,
                    },
                    if *set == 0 {
                        Safety::Tightens
                    } else {
                        Safety::Neutral
                    },
                );
                if let Some(who) = finding.args.get("who") {
                    d.touches.push(Touch::Loses {
                        who: who.to_vec(),
                        right: "write",
                    });
                }
                out.push(d);
            }
            Mend::Owner { path, uid } => out.extend(owner(here, finding, path, *uid)?),
            _ => {}
        }
    }
    Ok(out)
}

/// Whether a path lies in the account's home, which is there.
pub(crate) fn at_home(here: &Here<'_, '_>, path: &[u8]) -> bool {
    let home = here.account.as_ref().and_then(|a| here.real(&a.home));
    home.is_some_and(|(home, node)| node.is_dir() && is_below(path, &home))
}

/// The account that owns a node, where it lies in that account's own home: nobody's to take.
fn at_home_of_its_owner(here: &Here<'_, '_>, path: &[u8], node: &Node) -> Option<Vec<u8>> {
    let mine = here.account.as_ref().map(|a| a.uid);
    let all = here.world.accounts().ok()?;
    let owners = all.into_iter().filter(|a| a.uid == node.uid && a.uid != 0);
    owners
        .filter(|a| Some(a.uid) != mine)
        .filter_map(|a| Some((here.real(&a.home)?.0, a.name)))
        .find(|(home, _)| home != b"/" && is_below(path, home))
        .map(|(_, name)| name)
}

/// A node that belongs to someone else.
fn owner(here: &Here<'_, '_>, finding: &Finding, path: &[u8], uid: u32) -> Done {
    let node = here.node(path).ok_or_else(|| left(finding))?;
    if let Some(other) = at_home_of_its_owner(here, path, &node) {
        let why = [
            b"it lies in the home of ",
            other.as_slice(),
            b", who owns it",
        ]
        .concat();
        return Err(not_done(finding, why));
    }
    let at_home = at_home(here, path);
    // What lies outside of the home is root's, as all that sshd trusts.
    let uid = if at_home { uid } else { 0 };
    let gid = here
        .account
        .as_ref()
        .filter(|a| a.uid == uid)
        .map(|a| a.gid);
    let loses = Touch::Loses {
        who: user_name(here.world, node.uid),
        right: "write",
    };
    let what = if node.is_file() && (node.links > 1 || node.uid != 0 && node.uid != uid) {
        let bytes = here.read(path).ok_or_else(|| left(finding))?;
        if at_home && !only_keys(&bytes) {
            return Err(not_done(finding, NOT_ITS_TO_READ));
        }
        What::Replace {
            before: Some(bytes.clone()),
            after: bytes,
            made: Made {
                uid,
                gid: gid.unwrap_or(0),
                mode: node.mode & 0o755 & !0o022,
            },
        }
    } else if node.is_file() || node.is_dir() {
        What::Owner { uid, gid: None }
    } else {
        return Err(left(finding));
    };
    let mut d = draft(path, what, Safety::Tightens);
    d.touches.push(loses);
    if node.is_file() && node.links > 1 {
        d.touches.push(Touch::Names { count: node.links });
    }
    Ok(vec![d])
}

/// The account may read the file or pass the directory at which its rights ended.
pub(crate) fn access(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let path = finding.args.get("path").ok_or_else(|| left(finding))?;
    let (Some(node), Some(account)) = (here.node(path), here.account.as_ref()) else {
        return Err(left(finding));
    };
    let (want, shift_bits) = if node.is_dir() {
        (1u8, 0o100)
    } else {
        (4u8, 0o400)
    };
    if !node.is_dir() && !node.is_file() {
        return Err(left(finding));
    }
    if node.uid == account.uid {
        return Ok(vec![draft(
            path,
            What::Mode {
                to: node.mode | shift_bits,
            },
            Safety::Neutral,
        )]);
    }
    let at_home = at_home(here, path);
    if at_home && node.is_file() && (node.links > 1 || node.uid != 0) {
        // A foreign file is taken over as a copy of its lines, by the rule of owners.
        return owner(here, finding, path, account.uid);
    }
    if at_home && node.uid == 0 {
        return Ok(vec![
            draft(
                path,
                What::Owner {
                    uid: account.uid,
                    gid: None,
                },
                Safety::Neutral,
            ),
            draft(
                path,
                What::Mode {
                    to: node.mode | shift_bits,
                },
                Safety::Neutral,
            ),
        ]);
    }
    let what = if own_group(here.world, node.gid, &account.name, account.gid) && node.acl.is_none()
    {
        What::Mode {
            to: node.mode | u32::from(want) << 3,
        }
    } else {
        What::Acl {
            to: Some(with_entry(&node, account.uid, want)),
        }
    };
    Ok(vec![draft(path, what, Safety::Neutral)])
}

/// The group has no member but the account.
fn own_group(world: &dyn World, gid: u32, name: &[u8], primary: u32) -> bool {
    if gid != primary {
        return false;
    }
    let alone = match world.group(gid) {
        Fact::Known(Some(group)) => group.members.iter().all(|m| m == name),
        _ => false,
    };
    alone
        && world
            .accounts()
            .ok()
            .is_some_and(|all| all.iter().all(|a| a.gid != gid || a.name == name))
}

/// The ACL with one more right for one user, in the kernel's order, and nobody else's widened.
fn with_entry(node: &Node, uid: u32, want: u8) -> Acl {
    let bits = |shift: u32| ((node.mode >> shift) & 7) as u8;
    let old = node.acl.clone().filter(|a| !a.entries.is_empty());
    let old = old.unwrap_or_else(|| Acl {
        entries: vec![
            AclEntry {
                tag: AclTag::UserObj,
                perm: bits(6),
            },
            AclEntry {
                tag: AclTag::GroupObj,
                perm: bits(3),
            },
            AclEntry {
                tag: AclTag::Other,
                perm: bits(0),
            },
        ],
    });
    // What the mask held back so far stays held back.
    let mask = old.mask().unwrap_or(7);
    let mut entries: Vec<AclEntry> = Vec::new();
    let mut done = false;
    for mut e in old.entries {
        match e.tag {
            AclTag::Mask => continue,
            AclTag::User(u) if u == uid => {
                e.perm = e.perm & mask | want;
                done = true;
            }
            AclTag::User(_) | AclTag::Group(_) | AclTag::GroupObj => e.perm &= mask,
            AclTag::UserObj | AclTag::Other => {}
        }
        entries.push(e);
    }
    if !done {
        entries.push(AclEntry {
            tag: AclTag::User(uid),
            perm: want,
        });
    }
    let union = entries
        .iter()
        .filter(|e| matches!(e.tag, AclTag::User(_) | AclTag::Group(_) | AclTag::GroupObj))
        .fold(0, |all, e| all | e.perm);
    entries.push(AclEntry {
        tag: AclTag::Mask,
        perm: union,
    });
    entries.sort_by_key(|e| match e.tag {
        AclTag::UserObj => (0, 0),
        AclTag::User(u) => (1, u),
        AclTag::GroupObj => (2, 0),
        AclTag::Group(g) => (3, g),
        AclTag::Mask => (4, 0),
        AclTag::Other => (5, 0),
    });
    Acl { entries }
}

/// Something that is no regular file makes room for one. What lies outside of the home is left
/// alone: the link to it goes instead.
pub(crate) fn regular(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let account = here.account.as_ref().ok_or_else(|| left(finding))?;
    let file = finding
        .args
        .get("file")
        .or_else(|| finding.args.get("path"));
    let file = file.ok_or_else(|| left(finding))?;
    let dir = here.real(parent(file)).ok_or_else(|| left(finding))?.0;
    let path = sshwhy_world::resolve::join(&dir, sshwhy_world::resolve::base_name(file));
    let node = here.node(&path).ok_or_else(|| left(finding))?;
    if node.is_dir() {
        let why = "a directory lies there, and what it holds may be needed";
        return Err(not_done(finding, why));
    }
    if !at_home(here, &path) {
        return Err(not_done(finding, "it lies outside of the home"));
    }
    Ok(vec![draft(
        &path,
        What::Replace {
            before: None,
            after: Vec::new(),
            made: Made {
                uid: account.uid,
                gid: account.gid,
                mode: 0o600,
            },
        },
        Safety::Neutral,
    )])
}

/// The label that the policy has for the path.
pub(crate) fn label(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let path = finding.args.get("path").ok_or_else(|| left(finding))?;
    let want = finding.args.get("expected").map(<[u8]>::to_vec);
    if want.is_none() && here.node(path).is_none() {
        return Err(left(finding));
    }
    Ok(vec![draft(path, What::Label { to: want }, Safety::Neutral)])
}

/// Group and others lose their rights to host keys.
pub(crate) fn host_keys(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let mut out = Vec::new();
    for path in finding.evidence.iter().filter_map(|e| e.path.as_ref()) {
        if let Some((real, node)) = here.real(path)
            && node.is_file()
            && node.uid == 0
            && node.mode & 0o077 != 0
            && out.iter().all(|d: &Draft| d.path != real)
            && finding.args.get("mode").is_some()
            && !here.server.config.files().iter().any(|f| **f == **path)
        {
            out.push(draft(
                &real,
                What::Mode {
                    to: node.mode & !0o077,
                },
                Safety::Tightens,
            ));
        }
    }
    if out.is_empty() {
        return Err(left(finding));
    }
    Ok(out)
}

/// sshd's own empty directory, as sshd wants it.
pub(crate) fn privsep_dir(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let path = finding.args.get("path").ok_or_else(|| left(finding))?;
    let Some((real, node)) = here.real(path) else {
        let dir = here.real(parent(path)).filter(|(_, node)| node.is_dir());
        let dir = dir.ok_or_else(|| left(finding))?.0;
        let path = sshwhy_world::resolve::join(&dir, sshwhy_world::resolve::base_name(path));
        if here.node(&path).is_some() {
            return Err(left(finding));
        }
        let made = Made {
            uid: 0,
            gid: 0,
            mode: 0o755,
        };
        return Ok(vec![draft(&path, What::MakeDir(made), Safety::Neutral)]);
    };
    if !node.is_dir() {
        return Err(left(finding));
    }
    let mut out = Vec::new();
    if node.uid != 0 {
        let owner = What::Owner { uid: 0, gid: None };
        out.push(draft(&real, owner, Safety::Tightens));
    }
    let to = node.mode & !0o022;
    out.push(draft(&real, What::Mode { to }, Safety::Tightens));
    Ok(out)
}
