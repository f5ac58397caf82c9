//! `--key`: what it names, and the blobs a client would offer for it.

use crate::failure::Failure;
use crate::file::{self, ReadError};
use sshwhy_keys::{LoadErrorKind, LoadedPublic, load_public};
use sshwhy_report::SubjectKey;
use sshwhy_verdict::ListedKey;
use sshwhy_world::OfferedKey;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Most bytes of a key file.
const LIMIT: u64 = 1 << 20;

/// A key to judge: the blobs that a client offers for it, in order, and what people call it.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) offers: Vec<OfferedKey>,
    pub(crate) name: SubjectKey,
}

/// What one `--key` names.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// The key itself.
    Key(Box<Candidate>),
    /// A fingerprint: the key has to be found in the account's files.
    Fingerprint(String),
}

/// Reads a `--key`.
pub(crate) fn wanted(arg: &OsStr, exact: bool) -> Result<Wanted, Failure> {
    let bytes = arg.as_bytes();
    if let Some(fingerprint) = fingerprint(bytes) {
        return Ok(Wanted::Fingerprint(fingerprint));
    }
    let (data, source, beside) = if bytes == b"-" {
        (file::stdin(LIMIT)?, b"standard input".to_vec(), None)
    } else if is_line(bytes) {
        (bytes.to_vec(), b"command line".to_vec(), None)
    } else {
        let path = Path::new(arg);
        (from_file(path)?, bytes.to_vec(), Some(public_beside(path)))
    };
    let loaded = match (load_public(&data), beside) {
        (Ok(loaded), _) => loaded,
        (Err(e), Some(public)) if e.kind == LoadErrorKind::Encrypted => {
            // The public half lies beside a private key that is closed.
            match file::read(&public, LIMIT).map(|d| load_public(&d)) {
                Ok(Ok(loaded)) => loaded,
                _ => return Err(unreadable(&source, &e.to_string())),
            }
        }
        (Err(e), _) => return Err(unreadable(&source, &e.to_string())),
    };
    Ok(Wanted::Key(Box::new(candidate(loaded, source, exact))))
}

fn unreadable(source: &[u8], why: &str) -> Failure {
    Failure::new(
        format!(
            "no key can be read from {}",
            String::from_utf8_lossy(source)
        ),
        why,
        "name a public or private key file, a fingerprint (SHA256:… or MD5:…), or a public key \
         line in quotes",
    )
}

fn from_file(path: &Path) -> Result<Vec<u8>, Failure> {
    file::read(path, LIMIT).map_err(|e| {
        let what = format!("cannot read the key file {}", path.display());
        match e {
            ReadError::Missing if bare_fingerprint(path.as_os_str().as_bytes()) => Failure::new(
                what,
                "there is no such file, and it looks like a fingerprint without its hash's name",
                "put SHA256: (or MD5:) before a fingerprint",
            ),
            ReadError::Missing => Failure::new(
                what,
                "No such file or directory",
                "check the path; without --key, every key in the account's files is judged",
            ),
            ReadError::Other(why) => Failure::new(
                what,
                why,
                "name a key file, or give the key on standard input: --key -",
            ),
        }
    })
}

fn public_beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

/// `SHA256:…` with or without padding, `MD5:aa:bb:…`.
fn fingerprint(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if let Some(hash) = text.strip_prefix("SHA256:") {
        return Some(format!("SHA256:{}", hash.trim_end_matches('=')));
    }
    let hash = text.strip_prefix("MD5:")?;
    Some(format!("MD5:{}", hash.to_ascii_lowercase()))
}

/// The base64 of a SHA-256, or sixteen bytes in hexadecimal with colons, without the name before.
fn bare_fingerprint(bytes: &[u8]) -> bool {
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let sha256 = bytes.strip_suffix(b"=").unwrap_or(bytes);
    let md5 = || {
        bytes
            .split(|b| *b == b':')
            .all(|p| p.len() == 2 && p.iter().all(u8::is_ascii_hexdigit))
    };
    (sha256.len() == 43 && sha256.iter().all(base64)) || (bytes.len() == 47 && md5())
}

/// A whole public key line rather than a path.
fn is_line(bytes: &[u8]) -> bool {
    bytes.iter().any(|b| matches!(b, b' ' | b'\t' | b'\n'))
        && bytes.windows(4).any(|w| w == b"AAAA" || w == b"----")
}

fn candidate(loaded: LoadedPublic, source: Vec<u8>, exact: bool) -> Candidate {
    let key = loaded.key;
    let name = SubjectKey {
        key_type: key.key_type().name().to_vec(),
        fingerprint: key.fingerprint(),
        source,
        comment: loaded.comment.clone(),
    };
    let mut offers = vec![OfferedKey::new(key.blob().to_vec(), loaded.comment.clone())];
    if key.is_certificate() && !exact {
        offers.push(OfferedKey::new(key.plain_blob().to_vec(), loaded.comment));
    }
    Candidate { offers, name }
}

/// A key on a line of one of the account's files.
pub(crate) fn listed(key: ListedKey) -> Candidate {
    let mut source = key.file;
    source.extend_from_slice(format!(":{}", key.line).as_bytes());
    Candidate {
        name: name_of(&key.key, source),
        offers: vec![key.key],
    }
}

fn name_of(key: &OfferedKey, source: Vec<u8>) -> SubjectKey {
    SubjectKey {
        key_type: key.type_name().to_vec(),
        fingerprint: match &key.key {
            Ok(k) => k.fingerprint(),
            Err(_) => sshwhy_keys::fingerprint::sha256(&key.blob),
        },
        source,
        comment: key.comment.clone(),
    }
}

/// Whether a listed key has this fingerprint.
pub(crate) fn has_fingerprint(key: &OfferedKey, fingerprint: &str) -> bool {
    if fingerprint.starts_with("MD5:") {
        return sshwhy_keys::fingerprint::md5(&key.blob) == fingerprint;
    }
    match &key.key {
        Ok(k) => k.fingerprint() == fingerprint,
        Err(_) => sshwhy_keys::fingerprint::sha256(&key.blob) == fingerprint,
    }
}

/// A key of which nothing but the fingerprint is known.
pub(crate) fn only_fingerprint(fingerprint: &str) -> SubjectKey {
    SubjectKey {
        key_type: Vec::new(),
        fingerprint: fingerprint.to_owned(),
        source: fingerprint.as_bytes().to_vec(),
        comment: Vec::new(),
    }
}
