//! A private key from its file, its passphrase asked for where it needs one.

use super::args::Unlock;
use super::diagnose::{Diagnosis, Private, diagnose};
use super::problem::Problem;
use super::secret_input;
use super::source::Source;
use crate::failure::Failure;
use sshwhy_keyfile::PrivateKey;
use sshwhy_report::safe;
use std::ffi::OsStr;

/// Passphrases asked for before it is given up.
const TRIES: usize = 3;

/// A file looked through with its passphrase.
pub(super) struct Opened {
    pub(super) source: Source,
    pub(super) diagnosis: Diagnosis,
}

impl Opened {
    /// The private key, or why there is none.
    pub(super) fn private(&self) -> Result<&PrivateKey, Vec<Problem>> {
        match &self.diagnosis.private {
            Private::Open(key) => Ok(key),
            Private::None if !self.diagnosis.is_damaged() => {
                Err(vec![not_private(&self.diagnosis)])
            }
            _ => Err(self.diagnosis.problems.clone()),
        }
    }
}

fn not_private(d: &Diagnosis) -> Problem {
    let what = d
        .format
        .as_ref()
        .map_or_else(|| "no key".to_owned(), ToString::to_string);
    Problem::bad(
        "key-file-public-given",
        format!("a private key is needed here, and the file is {what}"),
    )
    .helped("name the private key file: often the same name without .pub")
}

/// Opens `file`; `closed` says that the private half is not needed where the public one can be
/// told without the passphrase.
pub(super) fn open(file: &OsStr, unlock: &Unlock, closed: bool) -> Result<Opened, Failure> {
    if Source::is_stdin(file) && unlock.passphrase_file.as_deref() == Some(OsStr::new("-").as_ref())
    {
        return Err(Failure::new(
            "standard input is named twice",
            "the key and the passphrase cannot both come from it",
            "give one of them as a file or a descriptor: /dev/fd/3",
        ));
    }
    let given = match &unlock.passphrase_file {
        Some(path) => Some(secret_input::from_file(path)?),
        None => None,
    };
    let source = Source::open_whole(file)?;
    let mut diagnosis = diagnose(
        &source.data,
        &source.name,
        given.as_ref().map(|p| p.as_bytes()),
    );
    let enough = |d: &Diagnosis| closed && d.public.is_some();
    if given.is_none() && matches!(diagnosis.private, Private::Locked) && !enough(&diagnosis) {
        let prompt = format!("Passphrase for {}: ", safe::shown(&source.name));
        for n in 0..TRIES {
            let typed = match n {
                0 => secret_input::ask(&prompt)?,
                _ => secret_input::ask(&format!("That passphrase does not open it. {prompt}"))?,
            };
            diagnosis = diagnose(&source.data, &source.name, Some(typed.as_bytes()));
            if !matches!(diagnosis.private, Private::WrongPassphrase) {
                break;
            }
        }
    }
    Ok(Opened { source, diagnosis })
}
