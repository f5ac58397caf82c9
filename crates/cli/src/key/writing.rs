//! Keys to files: which format, which passphrase, what stands beside.

use super::args::{Lock, PpkKdf, To};
use super::outcome::{Outcome, Written};
use super::place::{Place, Writing, write_together};
use super::problem::Problem;
use super::secret_input;
use crate::failure::Failure;
use crate::file;
use rand_core::UnwrapErr;
use sshwhy_keyfile::{
    Argon2Flavour, OpensshOptions, Passphrase, PpkOptions, PrivateKey, Target, WriteError,
    public_write, tune_passes, write,
};
use sshwhy_keys::{KeyType, PublicKey, load_public};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long deriving a PPK's key may take, as PuTTYgen has it.
const PPK_TIME: Duration = Duration::from_millis(100);

/// Iterations of PBKDF2: what OWASP asks for with SHA-256 (2023).
const ITERATIONS: u32 = 600_000;

pub(super) const PRIVATE_MODE: u32 = 0o600;
pub(super) const PUBLIC_MODE: u32 = 0o644;

/// A comment that was asked for: what would move a terminal's cursor, or begin another line where
/// keys are listed, is not written.
pub(super) fn comment(asked: &OsStr) -> Result<Vec<u8>, Failure> {
    let bytes = asked.as_bytes();
    match bytes.iter().position(u8::is_ascii_control) {
        None => Ok(bytes.to_vec()),
        Some(at) => Err(Failure::new(
            "nothing was written",
            format!(
                "--comment has a control character, its byte {}",
                at.saturating_add(1)
            ),
            "a comment is one line of plain text: leave that character out",
        )),
    }
}

/// The system's source of randomness.
pub(super) fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

impl To {
    /// Whether the format holds the private half.
    pub(super) fn is_private(self) -> bool {
        !matches!(self, To::Rfc4716 | To::Line)
    }

    /// Whether ssh looks for a `.pub` beside such a file.
    pub(super) fn has_pub(self) -> bool {
        matches!(self, To::Openssh | To::Pem | To::Pkcs8)
    }
}

/// The passphrase of the new file; `None`: none.
pub(super) fn new_passphrase(lock: &Lock, path: &Path) -> Result<Option<Passphrase>, Failure> {
    let passphrase = match &lock.new_passphrase_file {
        Some(file) => secret_input::from_file(file)?,
        None => secret_input::ask_twice(&format!(
            "New passphrase for {} (empty: none): ",
            path.display()
        ))?,
    };
    Ok((!passphrase.as_bytes().is_empty()).then_some(passphrase))
}

/// What is to be written, with the costs of its key derivation.
pub(super) fn target(to: To, lock: &Lock, encrypted: bool) -> Target {
    match to {
        To::Openssh => {
            let default = OpensshOptions::default();
            Target::Openssh(OpensshOptions {
                rounds: lock.rounds.unwrap_or(default.rounds),
                ..default
            })
        }
        To::Pem => Target::Pem,
        To::Pkcs8 => Target::Pkcs8 {
            iterations: lock.rounds.unwrap_or(ITERATIONS),
        },
        To::Ppk2 => Target::Ppk(PpkOptions {
            version: 2,
            ..PpkOptions::default()
        }),
        To::Ppk => Target::Ppk(ppk(lock, encrypted)),
        To::Rfc4716 => Target::Rfc4716,
        To::Line => Target::Line,
    }
}

fn ppk(lock: &Lock, encrypted: bool) -> PpkOptions {
    let default = PpkOptions::default();
    let flavour = match lock.ppk_kdf {
        None | Some(PpkKdf::Argon2id) => Argon2Flavour::Id,
        Some(PpkKdf::Argon2i) => Argon2Flavour::I,
        Some(PpkKdf::Argon2d) => Argon2Flavour::D,
    };
    let memory = lock.ppk_memory.unwrap_or(default.memory);
    let parallelism = lock.ppk_parallelism.unwrap_or(default.parallelism);
    let start = Instant::now();
    let passes = match lock.ppk_passes {
        Some(passes) => passes,
        None if encrypted => tune_passes(flavour, memory, parallelism, PPK_TIME, &mut || {
            start.elapsed()
        }),
        None => default.passes,
    };
    PpkOptions {
        version: 3,
        flavour,
        memory,
        passes,
        parallelism,
        salt: None,
    }
}

/// Why a key cannot be written so, as an answer.
pub(super) fn refused(error: &WriteError, to: To) -> Problem {
    let help = match to {
        To::Pem => "write it in OpenSSH's own format: --to openssh",
        To::Openssh | To::Pkcs8 => "write it for PuTTY: --to ppk",
        _ => "write it in OpenSSH's own format: --to openssh",
    };
    Problem::bad("key-format-without-type", error.to_string()).helped(help)
}

/// The name with this behind it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A private key to be written, with the public line beside it where one belongs.
pub(super) struct Job {
    place: Place,
    public: Option<Place>,
}

impl Job {
    /// Looks whether everything may be written, before anything is asked or computed. `key`: whose
    /// public line may stand there already.
    pub(super) fn new(
        output: &Path,
        force: bool,
        public: bool,
        key: Option<&PublicKey>,
    ) -> Result<Job, Failure> {
        let place = Place::new(output, force)?;
        let path = beside(output, ".pub");
        let there = key.is_some_and(|key| {
            file::read(&path, 1 << 20)
                .ok()
                .and_then(|d| load_public(&d).ok())
                .is_some_and(|l| l.key.same_public(key))
        });
        let public = match public && !there {
            true => Some(Place::new(&path, force)?),
            false => None,
        };
        Ok(Job { place, public })
    }

    /// Writes it all; the answer may be that the format has no such keys.
    pub(super) fn write(
        &self,
        key: &PrivateKey,
        to: To,
        lock: &Lock,
        passphrase: Option<&Passphrase>,
        mut outcome: Outcome,
    ) -> Result<Outcome, Failure> {
        let target = target(to, lock, passphrase.is_some());
        let given = passphrase.map(Passphrase::as_bytes);
        let plain;
        // Only PuTTY's files carry a certificate inside.
        let (held, certificate) = match key.public().is_certificate() {
            true if !matches!(to, To::Ppk | To::Ppk2) => {
                plain = key.clone().with_public(key.public().to_plain());
                (&plain, to.has_pub())
            }
            _ => (key, false),
        };
        let bytes = match write(held, &target, given, &mut rng()) {
            Ok(bytes) => bytes,
            Err(e) => return Ok(outcome.no(vec![refused(&e, to)])),
        };
        let cert_place = match certificate {
            true => Some(Place::new(
                &beside(self.place.path(), "-cert.pub"),
                self.place.replaces(),
            )?),
            false => None,
        };
        let line = public_write::line(&key.public().to_plain(), key.comment());
        let certificate = public_write::line(key.public(), key.comment());
        let mut all = vec![(
            match passphrase {
                Some(_) => "private key, encrypted",
                None => "private key, not encrypted",
            },
            Writing {
                place: &self.place,
                bytes: &bytes,
                mode: PRIVATE_MODE,
            },
        )];
        let public = |place, bytes| Writing {
            place,
            bytes,
            mode: PUBLIC_MODE,
        };
        if let Some(place) = &self.public {
            all.push(("public key line", public(place, &line)));
        }
        if let Some(place) = &cert_place {
            all.push(("certificate", public(place, &certificate)));
        }
        let (words, all): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let backups = write_together(&all)?;
        for ((what, w), backup) in words.into_iter().zip(&all).zip(backups) {
            outcome.wrote(Written {
                path: w.place.path().to_owned(),
                what,
                mode: w.mode,
                backup,
            });
        }
        if to == To::Openssh && *key.public().key_type() == KeyType::Ed448 {
            outcome.note(
                "OpenSSH itself has no Ed448 keys and does not read this file; PuTTYgen does: \
                 --to ppk is for PuTTY",
            );
        }
        if to == To::Pem && passphrase.is_some() {
            outcome.note(
                "PEM derives its key with MD5, once: guesses cost next to nothing; \
                 --to openssh protects far better",
            );
        }
        if to == To::Ppk2 && passphrase.is_some() {
            outcome.note(
                "PPK 2 derives its key with SHA-1, once: guesses cost next to nothing; \
                 --to ppk protects far better (PuTTY 0.75 and later)",
            );
        }
        Ok(outcome.key(key.public(), key.comment()))
    }
}
