//! `sshwhy keys-for`: lines of a central key file for sshd, from an index.

pub(crate) mod args;
mod safe;

use crate::failure::Failure;
use args::KeysFor;
use safe::{Owner, Unsafe};
use sshwhy_index::{Index, KeyLine, NoIndex, Stored, beside, concerns, fingerprint, scan};
use sshwhy_keys::{PublicKey, base64};
use sshwhy_report::safe::shown;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// How often indexing begins anew when the file changes under it.
const TRIES: usize = 5;

pub(crate) fn main(args: &KeysFor) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let clean = |s: &str| shown(s.as_bytes());
            // sshd discards it; whoever runs this by hand reads it.
            let _ = writeln!(
                io::stderr(),
                "sshwhy: {}\n   = why:  {}\n   = help: {}",
                clean(&failure.what),
                clean(&failure.why),
                clean(&failure.help)
            );
            ExitCode::from(2)
        }
    }
}

fn run(args: &KeysFor) -> Result<(), Failure> {
    let Some(path) = file_of(args)? else {
        // The file is another account's.
        return Ok(());
    };
    let owner = Owner::new(&args.user);
    let opened = match owner.open(&path) {
        // An account without a file has no keys.
        Err(Unsafe::Io(e)) if e.kind() == io::ErrorKind::NotFound && !args.write_index => {
            return Ok(());
        }
        other => other,
    };
    let (file, real) = opened
        .map_err(|e| Failure::new(format!("cannot use {}", path.display()), e.why(), e.help()))?;
    let cannot = |e: io::Error| {
        Failure::new(
            format!("cannot read {}", real.display()),
            e.to_string(),
            "look whether the disk answers",
        )
    };
    let Some(key) = &args.key else {
        return write_index(&file, &real);
    };
    let wanted = wanted(key)?;
    let indexed = lines_by_index(&owner, &file, &real, &wanted);
    let lines = match indexed {
        Some(lines) => lines,
        None => scan(&file, &wanted).map_err(cannot)?,
    };
    let mut out = Vec::new();
    for line in lines.iter().filter(|l| concerns(&l.raw, &wanted)) {
        out.extend_from_slice(&line.raw);
        out.push(b'\n');
    }
    match io::stdout().lock().write_all(&out) {
        // sshd closes its end when it has found the key.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(cannot),
    }
}

/// The file of the account. `None`: it has none.
fn file_of(args: &KeysFor) -> Result<Option<PathBuf>, Failure> {
    let (pattern, user) = (args.file.as_bytes(), args.user.as_bytes());
    if !pattern.starts_with(b"/") {
        return Err(Failure::new(
            format!("cannot use {}", args.file.display()),
            "sshd runs this in a directory of its own choice",
            "write the path from the root",
        ));
    }
    let expanded = expand(pattern, user);
    match &args.account {
        Some(account) if *account != args.user => return Ok(None),
        None if expanded == pattern => {
            return Err(Failure::new(
                format!("{} is one file for all accounts", args.file.display()),
                "any key of it would open any account",
                "name the account that it is for with --account, or write %u in the path (in \
                 sshd_config: %%u)",
            ));
        }
        _ => {}
    }
    // Such a name would lead to another file.
    let odd = user.contains(&b'/') || user.is_empty() || user == b"." || user == b"..";
    Ok((!odd).then(|| PathBuf::from(std::ffi::OsString::from_vec(expanded))))
}

/// `%u` is the account, `%%` a percent sign.
fn expand(pattern: &[u8], user: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after.first()) {
            (b'%', Some(b'u')) => {
                out.extend_from_slice(user);
                after.get(1..).unwrap_or(&[])
            }
            (b'%', Some(b'%')) => {
                out.push(b'%');
                after.get(1..).unwrap_or(&[])
            }
            _ => {
                out.push(*first);
                after
            }
        };
    }
    out
}

/// The fingerprint of the key that a line has to hold: for a certificate its CA's.
fn wanted(key: &OsStr) -> Result<[u8; 32], Failure> {
    let text = key.as_bytes();
    if let Some(wanted) = sshwhy_index::parse_fingerprint(text) {
        return Ok(wanted);
    }
    let key = base64::decode(text)
        .ok()
        .and_then(|blob| PublicKey::from_blob(&blob).ok());
    let wanted = key.and_then(|key| match key.certificate() {
        Some(certificate) => fingerprint(certificate.ca_key().plain_blob()),
        None => fingerprint(key.plain_blob()),
    });
    wanted.ok_or_else(|| {
        Failure::new(
            "this is no key",
            "expected SHA256: and 43 characters, or a public key in base64",
            "pass sshd's %f, or %k where FingerprintHash is md5",
        )
    })
}

/// The lines by the index beside the file, where there is one that may be believed.
fn lines_by_index(
    owner: &Owner<'_>,
    file: &File,
    real: &Path,
    wanted: &[u8; 32],
) -> Option<Vec<KeyLine>> {
    let index = Stored::new(owner.open_one(&beside(real)).ok()?).ok()?;
    index.lines(file, wanted).ok()?
}

fn write_index(file: &File, real: &Path) -> Result<(), Failure> {
    let path = beside(real);
    let cannot = |why: String, help: &str| {
        Failure::new(format!("cannot write {}", path.display()), why, help)
    };
    let mut tries = 0;
    let index = loop {
        match Index::of(file) {
            Ok(index) => break index,
            Err(e @ (NoIndex::Unsettled | NoIndex::Changed)) => {
                tries += 1;
                if tries > TRIES {
                    return Err(cannot(e.to_string(), "try again when nobody writes to it"));
                }
                // Until another change would show in the file's times.
                let identity = sshwhy_index::Identity::of(file)
                    .map_err(|e| cannot(e.to_string(), "look whether the disk answers"))?;
                let wait = identity.settles_in(SystemTime::now());
                std::thread::sleep(wait.min(Duration::from_secs(3)));
            }
            Err(e) => return Err(cannot(e.to_string(), "the file is scanned at each login")),
        }
    };
    // Who may read the keys may read where they stand.
    let mode = file.metadata().map_or(0o600, |m| m.permissions().mode());
    index.write(&path, mode & 0o644).map_err(|e| {
        let help = "run this as the owner of the directory, or as root";
        cannot(e.to_string(), help)
    })?;
    let _ = writeln!(
        io::stderr(),
        "sshwhy: {} keys on {} lines of {}: {}",
        index.keys(),
        index.lines(),
        shown(real.as_os_str().as_bytes()),
        shown(path.as_os_str().as_bytes())
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_the_path() {
        assert_eq!(expand(b"/k/%u", b"alice"), b"/k/alice");
        assert_eq!(expand(b"/k/%%u%", b"alice"), b"/k/%u%");
    }
}
