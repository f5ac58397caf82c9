//! What an account could come with: the keys that its files list, certificates of the CAs that it
//! trusts, and its password.

use crate::logins::{Means, More, Side};
use sshwhy_authfile::{CaLine, Line, LineKind, Options};
use sshwhy_config::{Kw, Value};
use sshwhy_keys::wire::put_string;
use sshwhy_keys::{PublicKey, fingerprint};
use sshwhy_verdict::{key_files, listed_keys};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Cred, Fact, OfferedKey, Reader, World, read_all};
use std::collections::BTreeMap;

/// CAs by their blobs: where each stands, and the principals that its lines ask for.
type Authorities = BTreeMap<Vec<u8>, (Vec<u8>, Vec<Vec<u8>>)>;

/// A key or CA that an account could come with.
pub(crate) struct Candidate {
    pub(crate) means: Means,
    pub(crate) source: Vec<u8>,
    pub(crate) key: Option<OfferedKey>,
}

/// What the account could come with, in either world, each once.
pub(crate) fn candidates(
    before: Side<'_>,
    after: Side<'_>,
    user: &[u8],
    more: &More,
) -> Vec<Candidate> {
    let mut keys: BTreeMap<Vec<u8>, (Vec<u8>, OfferedKey)> = BTreeMap::new();
    let mut cas: Authorities = BTreeMap::new();
    for side in [after, before] {
        for key in listed_keys(side.server, side.world, user) {
            let mut source = key.file;
            source.extend_from_slice(format!(":{}", key.line).as_bytes());
            keys.entry(key.key.blob.clone())
                .or_insert((source, key.key));
        }
        authorities(side, user, &mut cas);
    }
    for (owner, key) in &more.keys {
        if owner == user {
            let source = b"the key asked for".to_vec();
            keys.entry(key.blob.clone())
                .or_insert((source, key.clone()));
        }
    }
    let mut out: Vec<Candidate> = keys
        .into_iter()
        .map(|(blob, (source, key))| Candidate {
            means: Means::Key {
                fingerprint: match &key.key {
                    Ok(k) => k.fingerprint(),
                    Err(_) => fingerprint::sha256(&blob),
                },
                blob,
            },
            source,
            key: Some(key),
        })
        .collect();
    for (ca, (source, principals)) in cas {
        if let Some(key) = certificate_by(&ca, user, &principals) {
            out.push(Candidate {
                means: Means::Certificate {
                    ca: fingerprint::sha256(&ca),
                },
                source,
                key: Some(key),
            });
        }
    }
    out.push(Candidate {
        means: Means::Password,
        source: b"the account's password".to_vec(),
        key: None,
    });
    out
}

/// Most bytes of a file of CA keys.
const CA_LIMIT: usize = 1 << 20;

/// The CAs that an account could trust: TrustedUserCAKeys wherever it is set, and lines of its key
/// files with `cert-authority`, each with the principals that the line asks for.
fn authorities(side: Side<'_>, user: &[u8], out: &mut Authorities) {
    for line in side.server.config.lines() {
        if line.kw != Kw::TrustedUserCAKeys {
            continue;
        }
        let path = match &line.value {
            Value::Text(path) => path.clone(),
            Value::Words(words) => words.first().cloned().unwrap_or_default(),
            _ => continue,
        };
        let Some(text) = text_of(side.world, &path, None) else {
            continue;
        };
        for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
            match CaLine::read(raw, &side.server.rules) {
                CaLine::Key(blob) => {
                    let source = format!("{}:{}", path.escape_ascii(), i + 1);
                    out.entry(blob).or_insert((source.into_bytes(), Vec::new()));
                }
                CaLine::Stops(_) => break,
                CaLine::Skipped | CaLine::TooShort { .. } => {}
            }
        }
    }
    let Fact::Known(Some(account)) = side.world.account(user) else {
        return;
    };
    let Fact::Known(groups) = side.world.groups_of(&account) else {
        return;
    };
    let cred = Cred {
        uid: account.uid,
        gid: account.gid,
        groups,
    };
    for path in key_files(side.server, &account) {
        let Some(text) = text_of(side.world, &path, Some(&cred)) else {
            continue;
        };
        if !text
            .windows(14)
            .any(|w| w.eq_ignore_ascii_case(b"cert-authority"))
        {
            continue;
        }
        for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
            let line = Line::read(raw, &side.server.rules);
            let LineKind::Candidate(c) = &line.kind else {
                continue;
            };
            let Some(span) = c.options else { continue };
            let (options, read) = Options::parse(span.of(raw), &side.server.rules);
            if read.is_err() || !options.cert_authority {
                continue;
            }
            let principals = options.principals.map(|p| {
                p.bytes
                    .split(|&b| b == b',')
                    .map(|e| e.trim_ascii().to_vec())
                    .collect::<Vec<_>>()
            });
            let source = format!("{}:{}", path.escape_ascii(), i + 1).into_bytes();
            let entry = out.entry(c.blob.clone()).or_insert((source, Vec::new()));
            entry.1.extend(principals.unwrap_or_default());
        }
    }
}

fn text_of(world: &dyn World, path: &[u8], cred: Option<&Cred>) -> Option<Vec<u8>> {
    let found = resolve(world, path, cred).ok()?.ok()?;
    if !found.node.is_file() {
        return None;
    }
    let reader = match cred {
        Some(cred) => Reader::User(cred),
        None => Reader::Root,
    };
    match read_all(world, &found.real, reader, CA_LIMIT) {
        Fact::Known(Ok((text, _))) => Some(text),
        _ => None,
    }
}

/// A certificate as this CA could sign one for the account: every gate but the signature's own
/// mathematics can be asked about it.
fn certificate_by(ca: &[u8], user: &[u8], more: &[Vec<u8>]) -> Option<OfferedKey> {
    let ca_key = PublicKey::from_blob(ca).ok()?;
    let algorithm: &[u8] = match ca_key.key_type().name() {
        b"ssh-rsa" => b"rsa-sha2-512",
        name => name,
    };
    let mut names = Vec::new();
    put_string(&mut names, user);
    for name in more.iter().filter(|n| n.as_slice() != user) {
        put_string(&mut names, name);
    }
    let mut signature = Vec::new();
    put_string(&mut signature, algorithm);
    put_string(&mut signature, &[0; 64]);
    let mut blob = Vec::new();
    put_string(&mut blob, b"ssh-ed25519-cert-v01@openssh.com");
    put_string(&mut blob, &[0; 32]);
    // The base point of the curve: a key that is well-formed and nobody's.
    let mut point = [0x66; 32];
    point[0] = 0x58;
    put_string(&mut blob, &point);
    blob.extend_from_slice(&0u64.to_be_bytes());
    blob.extend_from_slice(&1u32.to_be_bytes());
    put_string(&mut blob, b"any");
    put_string(&mut blob, &names);
    blob.extend_from_slice(&0u64.to_be_bytes());
    blob.extend_from_slice(&u64::MAX.to_be_bytes());
    put_string(&mut blob, b"");
    put_string(&mut blob, b"");
    put_string(&mut blob, b"");
    put_string(&mut blob, ca);
    put_string(&mut blob, &signature);
    let key = PublicKey::from_blob(&blob).ok()?;
    let mut offered = OfferedKey::new(blob, Vec::new());
    offered.key = Ok(key);
    offered.ca_unchecked = None;
    Some(offered)
}
