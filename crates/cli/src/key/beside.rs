//! The files beside a key: its `.pub`, its certificate, its private half; and who may read it.

use super::problem::{Place, Problem};
use super::source::Rights;
use crate::file;
use serde::Serialize;
use sshwhy_keys::{Format, PublicKey, load_public};
use sshwhy_report::safe;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A file beside the one that is shown.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Beside {
    pub(super) path: String,
    /// public, certificate, private
    pub(super) role: &'static str,
    /// null: it cannot be told.
    pub(super) same_key: Option<bool>,
    pub(super) detail: String,
}

/// Most bytes of a file beside.
const LIMIT: u64 = 1 << 20;

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn without_suffix(path: &Path, suffix: &[u8]) -> Option<PathBuf> {
    let name = path.as_os_str().as_bytes().strip_suffix(suffix)?;
    (!name.is_empty() && !name.ends_with(b"/"))
        .then(|| PathBuf::from(std::ffi::OsStr::from_bytes(name)))
}

/// The names that may belong to the file.
fn candidates(path: &Path, private: bool) -> Vec<(PathBuf, &'static str)> {
    let mut out = Vec::new();
    if private {
        out.push((with_suffix(path, ".pub"), "public"));
        out.push((with_suffix(path, "-cert.pub"), "certificate"));
        if let Some(stem) = without_suffix(path, b".ppk") {
            out.push((with_suffix(&stem, ".pub"), "public"));
        }
    } else if let Some(stem) = without_suffix(path, b"-cert.pub") {
        out.push((with_suffix(&stem, ".pub"), "public"));
        out.push((stem, "private"));
    } else if let Some(stem) = without_suffix(path, b".pub") {
        out.push((with_suffix(&stem, "-cert.pub"), "certificate"));
        out.push((with_suffix(&stem, ".ppk"), "private"));
        out.push((stem, "private"));
    }
    out
}

/// Looks beside `path`; `key` is the public half of the file itself.
pub(super) fn look(
    path: &Path,
    private: bool,
    key: Option<&PublicKey>,
) -> (Vec<Beside>, Vec<Problem>) {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for (other, role) in candidates(path, private) {
        let Ok(data) = file::read(&other, LIMIT).map(zeroize::Zeroizing::new) else {
            continue;
        };
        let loaded = load_public(&data);
        let (same_key, detail) = match (&loaded, key) {
            (Ok(l), Some(key)) if l.key.same_public(key) => (Some(true), "the same key".to_owned()),
            (Ok(l), Some(_)) => (
                Some(false),
                format!("another key: {} {}", l.key.key_type(), l.key.fingerprint()),
            ),
            (Ok(l), None) => (
                None,
                format!("{} {}, not compared", l.key.key_type(), l.key.fingerprint()),
            ),
            (Err(e), _) => (None, format!("no key can be read from it: {e}")),
        };
        if same_key == Some(false) && private && role == "public" {
            problems.push(
                Problem::bad(
                    "client-stale-pub",
                    "the .pub file beside the private key is of another key",
                )
                .at(Place {
                    path: Some(other.as_os_str().as_bytes().to_vec()),
                    detail: Some(detail.clone()),
                    line: Some(1),
                    ..Place::default()
                })
                .noting("ssh offers what stands in the .pub file, and then cannot sign for it")
                .helped_by(
                    "write it anew",
                    super::shell::words(&[
                        b"sshwhy",
                        b"key",
                        b"convert",
                        b"--to",
                        b"line",
                        b"--force",
                        b"--output",
                        other.as_os_str().as_bytes(),
                        b"--",
                        path.as_os_str().as_bytes(),
                    ]),
                ),
            );
        } else if same_key == Some(false) && role == "certificate" {
            problems.push(
                Problem::bad(
                    "key-pair-mismatch",
                    "the certificate beside the key is for another key",
                )
                .at(Place {
                    path: Some(other.as_os_str().as_bytes().to_vec()),
                    detail: Some(detail.clone()),
                    line: Some(1),
                    ..Place::default()
                })
                .helped("have the CA sign this key's .pub, or remove the certificate"),
            );
        }
        found.push(Beside {
            path: safe::json(other.as_os_str().as_bytes()),
            role,
            same_key,
            detail,
        });
    }
    (found, problems)
}

/// Who may read a private key file.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Permissions {
    pub(super) mode: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// What ssh makes of it.
    pub(super) openssh: String,
    /// What PuTTY makes of it.
    pub(super) putty: &'static str,
}

/// As OpenSSH (`sshkey_perm_ok`) and PuTTY see it.
pub(super) fn permissions(
    rights: &Rights,
    format: &Format,
    path: &Path,
) -> (Permissions, Option<Problem>) {
    let me = rustix::process::getuid().as_raw();
    let open = rights.mode & 0o077;
    let for_ssh = matches!(format, Format::OpensshPrivate | Format::Pem { .. });
    let (openssh, problem) = if !for_ssh {
        let words = "does not read this format, whatever its mode";
        (words.to_owned(), None)
    } else if open == 0 {
        ("does not mind it".to_owned(), None)
    } else if rights.uid != me {
        (
            format!(
                "does not mind it for you, since the file is not yours; would for its owner (uid {})",
                rights.uid
            ),
            None,
        )
    } else {
        let problem = Some(
            Problem::note(
                "client-key-perms",
                format!(
                    "others may read this private key (mode {:04o}): ssh ignores it",
                    rights.mode
                ),
            )
            .helped_by(
                "close it",
                super::shell::words(&[b"chmod", b"600", b"--", path.as_os_str().as_bytes()]),
            )
            .says("ssh", "WARNING: UNPROTECTED PRIVATE KEY FILE!"),
        );
        (
            "ignores it: others may read it (mode 0600 is wanted)".to_owned(),
            problem,
        )
    };
    let out = Permissions {
        mode: format!("{:04o}", rights.mode),
        uid: rights.uid,
        gid: rights.gid,
        openssh,
        putty: "does not look at the mode",
    };
    (out, problem)
}
