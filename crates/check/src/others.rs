//! Keys of the user's that the user's own client would not offer to this server.
//!
//! Whether one of them is welcome says much: the account, its files and their rights are in order
//! then, and what is left is about the key. They are asked about, and never signed with.

use crate::identity::{From, Identity, Offers, Secret};
use crate::local;
use crate::target::{Habits, Target};
use sshwhy_keys::load_public;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Most files of one folder that are looked at.
const FILES: usize = 256;
/// Most bytes of a file that may hold a public half.
const LONG: u64 = 64 << 10;
/// Most keys that are kept.
const KEYS: usize = 16;
/// The names that ssh-keygen gives, the likeliest first.
const USUAL: [&str; 4] = ["id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk"];

/// The folders where such keys lie: those of the keys that are offered, and with OpenSSH's habits
/// `~/.ssh`.
#[must_use]
pub fn folders(target: &Target, offers: &Offers) -> Vec<PathBuf> {
    let mut out = beside(offers);
    let own = local::home().join(".ssh");
    if target.habits == Habits::OpenSsh && !out.contains(&own) {
        out.push(own);
    }
    out
}

/// The folders of the keys that are offered.
#[must_use]
pub fn beside(offers: &Offers) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = Vec::new();
    for identity in &offers.identities {
        let (From::File { path, .. }
        | From::Agent {
            path: Some(path), ..
        }) = &identity.from
        else {
            continue;
        };
        let folder = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => continue,
        };
        if !out.iter().any(|f| f == folder) {
            out.push(folder.to_owned());
        }
    }
    out
}

/// The user's own keys in these folders that are not among the offers: the usual names first, then
/// the ones that were changed last.
#[must_use]
pub fn gather(folders: &[PathBuf], offers: &Offers, habits: Habits) -> Vec<Identity> {
    let me = rustix::process::getuid().as_raw();
    let mut found: Vec<(usize, Option<SystemTime>, Identity)> = Vec::new();
    for folder in folders {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten().take(FILES) {
            let path = entry.path();
            // A link may lead to a key, and elsewhere to what blocks: `metadata` tells.
            let Ok(meta) = fs::metadata(&path) else {
                continue;
            };
            if !meta.is_file()
                || meta.uid() != me
                || meta.len() > LONG
                || !may_be_key(&path, habits)
            {
                continue;
            }
            let Some(identity) = public_half(&path) else {
                continue;
            };
            let known = |i: &Identity| i.blob == identity.blob;
            let offered = offers.identities.iter().any(known);
            if offered || found.iter().any(|(_, _, i)| known(i)) {
                continue;
            }
            let name = path.file_stem().and_then(|n| n.to_str());
            let usual = USUAL.iter().position(|u| Some(*u) == name);
            found.push((usual.unwrap_or(USUAL.len()), meta.modified().ok(), identity));
        }
    }
    found.sort_by(|a, b| {
        let later = b.1.cmp(&a.1);
        a.0.cmp(&b.0).then(later).then(a.2.blob.cmp(&b.2.blob))
    });
    found.truncate(KEYS);
    found.into_iter().map(|(_, _, identity)| identity).collect()
}

/// By its name, and as the client reads it: a public half, PuTTY's file, or one of ssh-keygen's.
fn may_be_key(path: &Path, habits: Habits) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    let ending = path.extension().and_then(|e| e.to_str());
    match ending {
        Some("pub") => !name.ends_with("-cert.pub"),
        Some("ppk") => habits == Habits::Putty,
        None => habits == Habits::OpenSsh && name.starts_with("id_"),
        Some(_) => false,
    }
}

/// What a file shows of its key without a passphrase. What it holds besides is wiped.
fn public_half(path: &Path) -> Option<Identity> {
    let data = zeroize::Zeroizing::new(local::read(path).ok()?);
    let loaded = load_public(&data).ok()?;
    if loaded.key.is_certificate() {
        return None;
    }
    Some(Identity {
        from: From::File {
            path: path.to_owned(),
            named: false,
        },
        blob: loaded.key.blob().to_vec(),
        public: Some(loaded.key),
        comment: loaded.comment,
        secret: Secret::Missing,
        troubles: Vec::new(),
        age_days: None,
        format: Some(loaded.format),
    })
}

/// The file to offer the key from; `None` where the public half lies alone.
#[must_use]
pub fn private_path(identity: &Identity) -> Option<Vec<u8>> {
    let source = identity.source();
    match source.strip_suffix(b".pub") {
        Some(plain) => local::path(plain).is_file().then(|| plain.to_vec()),
        None => Some(source),
    }
}
