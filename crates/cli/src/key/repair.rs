//! `sshwhy key repair`: what can be restored without guessing.

mod private;
mod public;

use super::args::Repair;
use super::diagnose::{Diagnosis, Private, diagnose};
use super::outcome::{Outcome, Written};
use super::place::Place;
use super::problem::Problem;
use super::secret_input;
use super::source::Source;
use super::writing::{PRIVATE_MODE, PUBLIC_MODE};
use crate::failure::Failure;
use sshwhy_keyfile::Passphrase;
use zeroize::Zeroizing;

/// A file as it should be.
pub(super) struct Restored {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// What was done, in the past tense.
    pub(super) done: Vec<String>,
}

pub(super) fn run(a: &Repair) -> Result<u8, Failure> {
    let place = Place::new(&a.place.output, a.place.force)?;
    let passphrase = match &a.unlock.passphrase_file {
        Some(path) => Some(secret_input::from_file(path)?),
        None => None,
    };
    let source = Source::open_whole(&a.file)?;
    let outcome = Outcome::new("key repair", &source.name);
    let given = passphrase.as_ref().map(Passphrase::as_bytes);
    let before = diagnose(&source.data, &source.name, given);
    let restored = match restore(&source.data, &before, given) {
        Some(restored) => restored,
        None if !before.is_damaged() && before.public.is_some() => Restored {
            bytes: source.data.clone(),
            done: vec![
                match before.private {
                    Private::Locked => {
                        "no damage shows without the passphrase: the new file is the same"
                    }
                    _ => "nothing is damaged: the new file is the same",
                }
                .into(),
            ],
        },
        None => return outcome.no(lost(&before)).print(&a.common),
    };
    if let Some(problem) = left_out(&source.data, &restored.bytes) {
        return outcome.no(vec![problem]).print(&a.common);
    }
    let after = diagnose(&restored.bytes, b"", given);
    if after.is_damaged() {
        // What is still wrong is told with its place in the file as it was, where it stands there.
        let mut problems = lost(&before);
        if problems.is_empty() {
            problems = lost(&after);
        }
        return outcome.no(problems).print(&a.common);
    }
    let (mode, what) = match after.is_private() {
        true => (PRIVATE_MODE, "private key, restored"),
        false => (PUBLIC_MODE, "public keys, restored"),
    };
    let backup = place.write(&restored.bytes, mode)?;
    let mut outcome = match (&after.private, &after.public) {
        (Private::Open(key), _) => outcome.key(key.public(), key.comment()),
        (_, Some(p)) => outcome.key(&p.key, &p.comment),
        _ => outcome,
    };
    outcome.wrote(Written {
        path: place.path().to_owned(),
        what,
        mode,
        backup,
    });
    if restored.done.is_empty() {
        outcome.note("the text of the key was laid out anew");
    }
    for done in restored.done {
        outcome.note(done);
    }
    if matches!(after.private, Private::Locked) {
        outcome.note(
            "the private half is behind its passphrase and was not proven; \
             --passphrase-file proves it",
        );
    }
    outcome.print(&a.common)
}

/// The public keys of a text, whatever the shape of each, with their lines.
fn keys_of(data: &[u8]) -> Vec<(usize, String)> {
    let found = sshwhy_keys::sniff(data);
    let blocks = found.blocks.iter().filter_map(|b| {
        let key = sshwhy_keys::load_public(data.get(b.span.clone())?)
            .ok()?
            .key;
        Some((b.line, key.fingerprint()))
    });
    blocks.collect()
}

/// A file of several keys that would lose one, or in which one would stay in a shape that sshd
/// does not read.
fn left_out(before: &[u8], after: &[u8]) -> Option<Problem> {
    let (was, is) = (keys_of(before), keys_of(after));
    let lost = was
        .iter()
        .find(|(_, print)| !is.iter().any(|(_, p)| p == print));
    let blocks = sshwhy_keys::sniff(after).blocks;
    let mixed = blocks.len() > 1
        && blocks
            .iter()
            .any(|b| b.format == sshwhy_keys::Format::Rfc4716);
    let title = "several keys in one file, in more than one shape: not restored";
    let problem = |line: usize| {
        Problem::bad("key-file-several", title)
            .at_line(line)
            .noting("one key at a time is restored here, and none may be lost")
            .helped(
                "put each into a file of its own, and repair that; on the server \
                 `sshwhy fix` mends a whole authorized_keys",
            )
    };
    match lost {
        Some((line, _)) => Some(problem(*line)),
        None if mixed => {
            let block = blocks
                .iter()
                .find(|b| b.format == sshwhy_keys::Format::Rfc4716);
            Some(problem(block.map_or(1, |b| b.line)))
        }
        None => None,
    }
}

/// Whether [`run`] would write a file, which is whole then.
pub(super) fn can_repair(source: &Source, passphrase: Option<&[u8]>) -> bool {
    if source.path.is_none() {
        return false;
    }
    let before = diagnose(&source.data, &source.name, passphrase);
    restore(&source.data, &before, passphrase).is_some_and(|r| {
        left_out(&source.data, &r.bytes).is_none()
            && !diagnose(&r.bytes, b"", passphrase).is_damaged()
    })
}

fn restore(data: &[u8], before: &Diagnosis, passphrase: Option<&[u8]>) -> Option<Restored> {
    if !before.is_damaged() && !is_rfc4716(before) {
        return None;
    }
    private::restore(data, before, passphrase).or_else(|| public::restore(data, before))
}

fn is_rfc4716(d: &Diagnosis) -> bool {
    matches!(d.format, Some(sshwhy_keys::Format::Rfc4716))
}

/// Why it cannot be restored.
fn lost(d: &Diagnosis) -> Vec<Problem> {
    d.problems
        .iter()
        .filter(|p| p.is_damage())
        .cloned()
        .map(|mut p| {
            p.help.clear();
            let why = why(p.id);
            p.noting(format!("not restored: {why}"))
        })
        .collect()
}

fn why(id: &str) -> &'static str {
    match id {
        "key-file-truncated" | "key-line-truncated" | "key-type-alone" => {
            "what is cut off is nowhere in the file; copy it again from where it is whole"
        }
        "key-file-empty" | "key-file-not-a-key" => "there is no key in it",
        "ppk-mac-mismatch" => {
            "the MAC tells that the file was changed, and not what stood there before"
        }
        "ppk-damaged-or-wrong-passphrase"
        | "key-damaged-or-wrong-passphrase"
        | "client-passphrase-wrong" => {
            "with the right passphrase (--passphrase-file) it can be tried"
        }
        "key-pair-mismatch" | "ppk-public-half-damaged" => {
            "the two halves are of different keys, or one is damaged: which one is right cannot be told"
        }
        "ppk-version-too-new" | "key-file-unsupported" => "this program cannot read the format",
        "key-line-private-key" | "key-line-ppk" => {
            "a private key belongs into no file of public keys: take it for known to others"
        }
        _ => "several keys could have stood there",
    }
}
