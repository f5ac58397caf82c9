//! StrictModes: `safe_path` of misc.c, and the builds that are laxer with groups.

use crate::Gate;
use crate::found;
use crate::pass::{Pass, Stop};
use alloc::vec::Vec;
use sshwhy_causes::authorized_keys as ak;
use sshwhy_causes::{Cause, Finding};
use sshwhy_world::resolve::{is_below, parent, resolve};
use sshwhy_world::{Account, AclTag, Fact, Feature, Gap, Mend, Node, World};

/// What is wrong with a node.
pub(crate) enum Wrong {
    /// It belongs to someone else.
    Owner,
    /// These write bits count.
    Writable(u32),
}

/// `secure_permissions`: owned by root or the account, and writable by nobody else who counts.
/// With `group_rule`, a group whose only member is the owner does not count (Debian).
pub(crate) fn node_is_safe(
    world: &dyn World,
    node: &Node,
    uid: u32,
    group_rule: bool,
) -> Result<Result<(), Wrong>, Gap> {
    if node.uid != 0 && node.uid != uid {
        return Ok(Err(Wrong::Owner));
    }
    if node.mode & 0o022 == 0 {
        return Ok(Ok(()));
    }
    if node.mode & 0o002 != 0 || !group_rule {
        return Ok(Err(Wrong::Writable(node.mode & 0o022)));
    }
    let Some(group) = world.group(node.gid).known()? else {
        return Ok(Err(Wrong::Writable(0o020)));
    };
    let accounts = world.accounts().known()?;
    let mut members = 0;
    for a in accounts.iter().filter(|a| a.gid == group.gid) {
        members += 1;
        if a.uid != uid {
            return Ok(Err(Wrong::Writable(0o020)));
        }
    }
    let owner = accounts.iter().find(|a| a.uid == node.uid).map(|a| &a.name);
    let alone = match group.members.as_slice() {
        [] => true,
        [only] => {
            members += 1;
            owner == Some(only)
        }
        _ => false,
    };
    if owner.is_none() || !alone || members == 0 {
        return Ok(Err(Wrong::Writable(0o020)));
    }
    Ok(Ok(()))
}

/// Checks a file that was opened and every directory above it, up to the home directory or to the
/// root, as StrictModes has it.
pub(crate) fn safe_path(pass: &Pass<'_>, real: &[u8], node: &Node) -> Gate {
    let strict = pass.conf.flag(crate::conf::Kw::StrictModes)?;
    if !strict.value {
        return Ok(());
    }
    let account = pass.account()?;
    let group_rule = pass.has(Feature::UserGroupModes);
    let home = resolve(pass.world, &account.home, None)?
        .ok()
        .map(|r| r.real);
    let home = home.as_deref();
    let mut at: Vec<u8> = real.to_vec();
    let mut here = node.clone();
    loop {
        if let Err(wrong) = node_is_safe(pass.world, &here, account.uid, group_rule)? {
            let finding = unsafe_node(pass, account, &at, &here, &wrong, real, home)
                .arg("strictmodes", strict.raw.as_slice())
                .arg("strictmodes_origin", strict.origin.as_slice())
                .evidence(found::setting(&strict));
            return Err(finding.into());
        }
        if at != real && Some(at.as_slice()) == home || at == b"/" {
            return Ok(());
        }
        at = parent(&at).to_vec();
        here = match pass.world.lstat(&at) {
            Fact::Known(Ok(n)) => n,
            Fact::Known(Err(_)) => return Err(Stop::Skipped),
            Fact::Unknown(gap) => return Err(gap.into()),
        };
    }
}

/// The finding for a node that others can write to, or that belongs to someone else.
pub(crate) fn unsafe_node(
    pass: &Pass<'_>,
    account: &Account,
    at: &[u8],
    node: &Node,
    wrong: &Wrong,
    file: &[u8],
    home: Option<&[u8]>,
) -> Finding {
    let world = pass.world;
    let cause = cause_of(at, node, wrong, file, home);
    let mut finding = Finding::new(cause)
        .arg("path", at)
        .arg("file", file)
        .arg("mode", found::octal(node.mode))
        .arg("owner", found::user_name(world, node.uid))
        .arg("group", found::group_name(world, node.gid))
        .arg("uid", alloc::format!("{}", account.uid))
        .arg("what", if at == file { "file" } else { "directory" })
        .evidence(found::path(world, at, node));
    if node.uid != account.uid {
        finding
            .args
            .set("foreign_owner", found::user_name(world, node.uid));
    }
    match wrong {
        Wrong::Owner => {
            finding = finding
                .arg("who", found::user_name(world, node.uid))
                .arg("expected", account.name.as_slice())
                .mend(Mend::Owner {
                    path: at.to_vec(),
                    uid: account.uid,
                });
        }
        Wrong::Writable(bits) => {
            let clear = match (bits & 0o020 != 0, bits & 0o002 != 0) {
                (true, true) => "go-w",
                (true, false) => "g-w",
                _ => "o-w",
            };
            finding = finding
                .arg("clear", clear)
                .arg("who", who_can_write(world, node, *bits, account))
                .mend(Mend::Mode {
                    path: at.to_vec(),
                    clear: *bits,
                    set: 0,
                });
        }
    }
    finding
}

fn cause_of(
    at: &[u8],
    node: &Node,
    wrong: &Wrong,
    file: &[u8],
    home: Option<&[u8]>,
) -> &'static Cause {
    if matches!(wrong, Wrong::Owner) {
        return &ak::wrong_owner::CAUSE;
    }
    if from_acl(node) {
        return &ak::acl_writable::CAUSE;
    }
    if at == file {
        &ak::keys_file_writable::CAUSE
    } else if Some(at) == home {
        &ak::home_writable::CAUSE
    } else if home.is_some_and(|h| is_below(at, h)) {
        &ak::keys_dir_writable::CAUSE
    } else {
        &ak::parent_writable::CAUSE
    }
}

/// The group bits show an ACL's mask, and the owning group itself may not write.
fn from_acl(node: &Node) -> bool {
    node.mode & 0o002 == 0
        && node.acl.as_ref().is_some_and(|acl| {
            acl.mask().is_some()
                && acl
                    .entries
                    .iter()
                    .any(|e| e.tag == AclTag::GroupObj && e.perm & 2 == 0)
        })
}

/// Who can write, in words: the members of the group, the names in the ACL, or everyone.
fn who_can_write(world: &dyn World, node: &Node, bits: u32, account: &Account) -> Vec<u8> {
    if bits & 0o002 != 0 {
        return b"everyone".to_vec();
    }
    if from_acl(node) {
        let mut names = Vec::new();
        for e in node.acl.iter().flat_map(|a| &a.entries) {
            match e.tag {
                AclTag::User(uid) if e.perm & 2 != 0 => names.push(found::user_name(world, uid)),
                AclTag::Group(gid) if e.perm & 2 != 0 => {
                    let mut words = b"group ".to_vec();
                    words.extend_from_slice(&found::group_name(world, gid));
                    names.push(words);
                }
                _ => {}
            }
        }
        if names.is_empty() {
            return b"nobody yet, but its ACL's mask grants write, and that is what sshd sees"
                .to_vec();
        }
        let mut out = found::list(&names);
        out.extend_from_slice(b" (by the ACL)");
        return out;
    }
    let group = found::group_name(world, node.gid);
    let mut members: Vec<Vec<u8>> = Vec::new();
    if let Fact::Known(Some(g)) = world.group(node.gid) {
        members.extend(g.members);
    }
    if let Fact::Known(all) = world.accounts() {
        for a in all {
            if a.gid == node.gid && !members.contains(&a.name) {
                members.push(a.name);
            }
        }
    }
    members.retain(|m| *m != account.name);
    let mut out = if members.is_empty() {
        b"group ".to_vec()
    } else {
        found::list(&members)
    };
    if members.is_empty() {
        out.extend_from_slice(&group);
    } else {
        out.extend_from_slice(b" (group ");
        out.extend_from_slice(&group);
        out.push(b')');
    }
    out
}
