//! Dropbear: no sshd_config, no PAM, no certificates, and its own idea of a line
//! (`svr-auth.c`, `svr-authpubkey.c`).

use crate::conf::{Kw, Said};
use crate::pass::{Pass, Stop};
use crate::sources::{Near, Search, Tried};
use crate::strict::{node_is_safe, unsafe_node};
use crate::{Gate, elsewhere, found, keyfile, lines};
use alloc::vec::Vec;
use sshwhy_authfile::OfferedKey as Wanted;
use sshwhy_causes::{Finding, account as account_cause, algorithm, signature};
use sshwhy_keys::{KeyType, SigAlg};
use sshwhy_world::resolve::{join, resolve};
use sshwhy_world::{Fact, Feature, Mend, Node, Reader, read_all};

const SHELLS: &[u8] = b"/etc/shells";
/// getusershell(3) without /etc/shells.
const DEFAULT_SHELLS: [&[u8]; 2] = [b"/bin/sh", b"/bin/csh"];

/// The options that the daemon runs with, where that is known.
fn flag(pass: &Pass<'_>, flag: &[u8]) -> bool {
    matches!(pass.world.daemon(), Fact::Known(Some(d)) if d.options.iter().any(|o| o == flag))
}

/// The shell is one of /etc/shells (`checkusername`).
pub(crate) fn shell_listed(pass: &mut Pass<'_>) -> Gate {
    let account = pass.account()?.clone();
    let shell = account.effective_shell();
    let listed: Vec<Vec<u8>> = match resolve(pass.world, SHELLS, None)? {
        Ok(file) => match read_all(pass.world, &file.real, Reader::Root, 1 << 20).known()? {
            Ok((text, _)) => text
                .split(|&b| b == b'\n')
                .map(|l| {
                    l.split(|&b| b == b'#')
                        .next()
                        .unwrap_or(l)
                        .trim_ascii()
                        .to_vec()
                })
                .filter(|l| l.first() == Some(&b'/'))
                .collect(),
            Err(_) => Vec::new(),
        },
        Err(_) => DEFAULT_SHELLS.iter().map(|s| s.to_vec()).collect(),
    };
    if listed.iter().any(|l| l == shell) {
        return Ok(());
    }
    let mut open = account.clone();
    open.shell = listed
        .first()
        .cloned()
        .unwrap_or_else(|| b"/bin/sh".to_vec());
    let finding = Finding::new(&account_cause::shell_not_listed::CAUSE)
        .arg("path", shell)
        .arg("value", shell)
        .arg("file", SHELLS)
        .evidence(found::account(
            "/etc/passwd",
            shell,
            "the shell of the account",
        ))
        .mend(Mend::Account(open));
    pass.refuse(finding)
}

/// `-w` and `-g`: root may not log in.
pub(crate) fn root(pass: &mut Pass<'_>) -> Gate {
    if pass.account()?.uid != 0 || !flag(pass, b"-w") {
        return Ok(());
    }
    let f = Finding::new(&signature::root_login_off::CAUSE)
        .arg("keyword", "-w")
        .arg("value", "-w")
        .arg("origin", "Dropbear's command line");
    pass.refuse(f)
}

/// Key types and signature algorithms of this build.
pub(crate) fn algorithm_known(pass: &mut Pass<'_>) -> Gate {
    let Some(key) = pass.attempt.key.as_ref() else {
        return Err(Stop::Skipped);
    };
    let key_type = key.key_type();
    if key_type == KeyType::Dsa {
        return pass
            .refuse(Finding::new(&algorithm::dsa_key::CAUSE).arg("algorithm", key.type_name()));
    }
    let known = match key_type {
        KeyType::SkEd25519 | KeyType::SkEcdsaP256 => pass.has(Feature::DropbearSk),
        KeyType::Ed25519
        | KeyType::Rsa
        | KeyType::EcdsaP256
        | KeyType::EcdsaP384
        | KeyType::EcdsaP521 => true,
        _ => false,
    };
    if !known {
        let f = Finding::new(&algorithm::key_type_unsupported_by_version::CAUSE)
            .arg("algorithm", key.type_name());
        return pass.refuse(f.evidence(found::key(key.type_name(), "the type of the key")));
    }
    let fits = |a: &SigAlg| match a {
        SigAlg::RsaSha256 => true,
        SigAlg::RsaSha1 => pass.has(Feature::DropbearSha1),
        SigAlg::RsaSha512 => false,
        _ => true,
    };
    if key.offered_algorithms().iter().any(fits) {
        return Ok(());
    }
    let f = Finding::new(&algorithm::rsa_sha1_only_client::CAUSE)
        .arg("algorithm", "ssh-rsa")
        .evidence(found::key(
            key.type_name(),
            "the client signs with SHA-1 alone",
        ));
    pass.refuse(f)
}

/// `checkpubkeyperms`: who may write to the home, to .ssh and, before 2025, to the file. Each is
/// asked for by its name with stat(2), so that of a link only what it leads to counts.
fn safe(pass: &Pass<'_>, file: &[u8], node: &Node) -> Gate {
    let account = pass.account()?;
    let mut home = None;
    let mut nodes = Vec::new();
    for path in [account.home.clone(), join(&account.home, b".ssh")] {
        let Ok(found) = resolve(pass.world, &path, None)? else {
            continue;
        };
        home.get_or_insert_with(|| found.real.clone());
        nodes.push((found.real, found.node));
    }
    if pass.has(Feature::DropbearFileMode) {
        nodes.push((file.to_vec(), node.clone()));
    }
    for (path, node) in nodes {
        if let Err(wrong) = node_is_safe(pass.world, &node, account.uid, false)? {
            let f = unsafe_node(pass, account, &path, &node, &wrong, file, home.as_deref())
                .arg("strictmodes", "yes")
                .arg("strictmodes_origin", "as Dropbear is built");
            return Err(f.into());
        }
    }
    Ok(())
}

/// `checkpubkey`: the one file, its owners and modes, its lines.
pub(crate) fn key_allowed(pass: &mut Pass<'_>) -> Gate {
    let account = pass.account()?.clone();
    let cred = pass.cred()?.clone();
    let mut search = Search::default();
    let path = join(&join(&account.home, b".ssh"), b"authorized_keys");
    let wanted = match pass.attempt.key.as_ref() {
        Some(key) => Wanted::plain(&key.blob),
        None => return keyfile::without_key(pass, &mut search),
    };
    let Some(wanted) = wanted else {
        return Err(Stop::Skipped);
    };
    let words: Said<Vec<Vec<u8>>> = pass.conf.words(Kw::AuthorizedKeysFile)?;
    match keyfile::open(pass, &path) {
        Ok(file) => {
            let node = resolve(pass.world, &path, Some(&cred))?
                .ok()
                .map(|r| r.node);
            let safe = match node {
                Some(node) => safe(pass, &file.real, &node),
                None => Ok(()),
            };
            match safe {
                Ok(()) => {
                    if let Some(granted) = lines::search_file(pass, &mut search, &file, wanted)? {
                        pass.say(granted.origin.clone());
                        pass.granted = Some(granted);
                        return Ok(());
                    }
                }
                Err(Stop::Refused(f)) => {
                    let near = if lines::holds_key(pass, &path, wanted) {
                        Near::UnsafeWithKey
                    } else {
                        Near::Unsafe
                    };
                    search.tried.push(Tried::new(near, &path, *f));
                }
                Err(other) => return Err(other),
            }
        }
        Err(keyfile::NotOpened::Because(near, f)) => {
            let f = found::with_setting(*f, &words);
            search.tried.push(Tried::new(near, &path, f));
        }
        Err(keyfile::NotOpened::Stop(stop)) => return Err(stop),
    }
    match elsewhere::explain(pass, &mut search, wanted) {
        Some(f) => pass.refuse(f),
        None => Err(Stop::Skipped),
    }
}
