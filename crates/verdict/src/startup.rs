//! What sshd needs before it serves anybody: the account and the directory of its unprivileged
//! part, and a host key (`main` of sshd.c).
//!
//! Up to 9.7 every connection runs all of `main` anew, so that what goes missing under a running
//! listener ends the connections one by one. From 9.8 on the listener keeps what it has read, and
//! only the account and the directory are asked for again.

use crate::Gate;
use crate::conf::Kw;
use crate::found;
use crate::pass::Pass;
use alloc::vec::Vec;
use sshwhy_causes::connect as cause;
use sshwhy_causes::{Evidence, Finding};
use sshwhy_world::resolve::{Resolved, resolve};
use sshwhy_world::{Feature, Vendor};

/// Where the account and the directory come from is compiled in.
fn account_name(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Arch => "nobody",
        _ => "sshd",
    }
}

/// `None`: not known for this vendor's builds.
fn directory(vendor: Vendor) -> Option<&'static [u8]> {
    (vendor == Vendor::Debian).then_some(b"/run/sshd")
}

/// Asked where the world has a run-time. `listening`: a listener has come past this once.
pub(crate) fn ready(pass: &mut Pass<'_>, listening: bool) -> Gate {
    let whole = !listening || !pass.has(Feature::SessionBinary);
    privsep_user(pass)?;
    if whole {
        host_keys(pass)?;
    }
    privsep_dir(pass, whole)
}

fn privsep_user(pass: &Pass<'_>) -> Gate {
    let name = account_name(pass.world.build().vendor);
    if pass.world.account(name.as_bytes()).known()?.is_some() {
        return Ok(());
    }
    pass.refuse(
        Finding::new(&cause::privsep_user_missing::CAUSE)
            .arg("account", name)
            .evidence(found::account("/etc/passwd", name, "no such account")),
    )
}

fn privsep_dir(pass: &Pass<'_>, modes_too: bool) -> Gate {
    let Some(dir) = directory(pass.world.build().vendor) else {
        return Ok(());
    };
    let evidence = match resolve(pass.world, dir, None)? {
        Ok(r) if !r.node.is_dir() => found::path(pass.world, &r.real, &r.node),
        Ok(r) if modes_too && (r.node.uid != 0 || r.node.mode & 0o022 != 0) => {
            found::path(pass.world, &r.real, &r.node)
        }
        Ok(_) => return Ok(()),
        Err(_) => found::absent(dir),
    };
    pass.refuse(
        Finding::new(&cause::privsep_dir_missing::CAUSE)
            .arg("path", dir)
            .evidence(evidence),
    )
}

/// At least one host key can be loaded. The keys of an agent (HostKeyAgent) are its own matter.
fn host_keys(pass: &Pass<'_>) -> Gate {
    if pass.conf.text(Kw::HostKeyAgent)?.value.is_some() {
        return Ok(());
    }
    let keys = pass.conf.words(Kw::HostKey)?;
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut open = None;
    for name in &keys.value {
        match resolve(pass.world, name, None)? {
            Err(_) => evidence.push(found::absent(name)),
            Ok(file) => match unusable(pass, &file) {
                None => return Ok(()),
                Some(reason) => {
                    let mut e = found::path(pass.world, &file.real, &file.node);
                    e.detail = Some(reason.as_bytes().to_vec());
                    if reason == TOO_OPEN {
                        open.get_or_insert_with(|| (name.clone(), file.node.mode));
                    }
                    evidence.push(e);
                }
            },
        }
    }
    let mut f = Finding::new(&cause::hostkeys_unusable::CAUSE);
    if let Some((path, mode)) = open {
        f = f.arg("path", path).arg("mode", found::octal(mode));
    } else if let Some(first) = keys.value.first() {
        f = f.arg("path", first.as_slice());
    }
    f.evidence = evidence;
    pass.refuse(found::with_setting(f, &keys))
}

/// The host keys that sshd can use, by the names that HostKey gives them. `None`: an agent holds
/// them, or there is none, so that nothing is known of them.
pub(crate) fn usable_host_keys(pass: &Pass<'_>) -> Gate<Option<Vec<Vec<u8>>>> {
    if pass.conf.text(Kw::HostKeyAgent)?.value.is_some() {
        return Ok(None);
    }
    let mut out = Vec::new();
    for name in pass.conf.words(Kw::HostKey)?.value {
        if let Ok(file) = resolve(pass.world, &name, None)?
            && unusable(pass, &file).is_none()
        {
            out.push(name);
        }
    }
    Ok((!out.is_empty()).then_some(out))
}

const TOO_OPEN: &str = "readable by others, so sshd does not use it";

/// Why sshd cannot use a host key (`sshkey_perm_ok`). What is in it is nobody's to read here.
fn unusable(pass: &Pass<'_>, file: &Resolved) -> Option<&'static str> {
    if !file.node.is_file() {
        return Some("not a regular file");
    }
    // Red Hat lets the group ssh_keys read its host keys.
    let keepers = pass.world.build().vendor == Vendor::RedHat
        && found::group_name(pass.world, file.node.gid) == b"ssh_keys";
    let closed = if keepers { 0o037 } else { 0o077 };
    if file.node.uid == 0 && file.node.mode & closed != 0 {
        return Some(TOO_OPEN);
    }
    (file.node.size == 0).then_some("empty")
}
