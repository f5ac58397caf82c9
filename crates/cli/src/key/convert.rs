//! `sshwhy key convert` and `sshwhy key passphrase`: the same key in another file.

use super::args::{Convert, Passphrase, To};
use super::opening::{self, Opened};
use super::outcome::{Outcome, Written};
use super::place::Place;
use super::problem::Problem;
use super::writing::{self, Job, PUBLIC_MODE};
use crate::failure::Failure;
use sshwhy_keyfile::public_write;
use sshwhy_keys::Format;

pub(super) fn convert(a: &Convert) -> Result<u8, Failure> {
    let command = "key convert";
    if !a.to.is_private() {
        return public(a, command);
    }
    // Nothing is asked for when the answer could not be written.
    Place::new(&a.place.output, a.place.force)?;
    let opened = opening::open(&a.file, &a.unlock, false)?;
    let mut outcome = Outcome::new(command, &opened.source.name);
    let key = match opened.private() {
        Ok(key) => key.clone(),
        Err(problems) => return outcome.no(problems).print(&a.common),
    };
    let key = match &a.comment {
        Some(comment) => key.with_comment(writing::comment(comment)?),
        None => key,
    };
    let job = Job::new(
        &a.place.output,
        a.place.force,
        a.to.has_pub(),
        Some(key.public()),
    )?;
    for p in opened.diagnosis.problems.iter().filter(|p| p.is_damage()) {
        outcome.note(format!("in the file that was read: {}", p.title));
    }
    let passphrase = writing::new_passphrase(&a.lock, &a.place.output)?;
    job.write(&key, a.to, &a.lock, passphrase.as_ref(), outcome)?
        .print(&a.common)
}

/// The public half alone: needs a passphrase only where it is behind one.
fn public(a: &Convert, command: &'static str) -> Result<u8, Failure> {
    let place = Place::new(&a.place.output, a.place.force)?;
    let opened = opening::open(&a.file, &a.unlock, true)?;
    let outcome = Outcome::new(command, &opened.source.name);
    let (key, comment) = match half(&opened) {
        Ok(half) => half,
        Err(problems) => return outcome.no(problems).print(&a.common),
    };
    let comment = match &a.comment {
        Some(asked) => writing::comment(asked)?,
        None => comment,
    };
    let bytes = match a.to {
        To::Rfc4716 => public_write::rfc4716(&key, &comment),
        _ => public_write::line(&key, &comment),
    };
    let backup = place.write(&bytes, PUBLIC_MODE)?;
    let mut outcome = outcome.key(&key, &comment);
    outcome.wrote(Written {
        path: place.path().to_owned(),
        what: match a.to {
            To::Rfc4716 => "public key, RFC 4716",
            _ => "public key line",
        },
        mode: PUBLIC_MODE,
        backup,
    });
    if a.to == To::Rfc4716 {
        outcome.note("sshd does not read this format in authorized_keys: it wants --to line");
    }
    outcome.print(&a.common)
}

/// The public half and the comment of a file that is whole, as far as that can be told.
pub(super) fn half(opened: &Opened) -> Result<(sshwhy_keys::PublicKey, Vec<u8>), Vec<Problem>> {
    let d = &opened.diagnosis;
    if d.is_private() {
        if let Ok(key) = opened.private() {
            return Ok((key.public().clone(), key.comment().to_vec()));
        }
        let closed = matches!(d.private, super::diagnose::Private::Locked);
        if let (true, false, Some(p)) = (closed, d.is_damaged(), &d.public) {
            return Ok((p.key.clone(), p.comment.clone()));
        }
        return Err(d.problems.clone());
    }
    match &d.public {
        Some(p) if !d.is_damaged() => Ok((p.key.clone(), p.comment.clone())),
        _ => Err(d.problems.clone()),
    }
}

pub(super) fn passphrase(a: &Passphrase) -> Result<u8, Failure> {
    let output = a.output.as_deref().unwrap_or(&a.file);
    Place::new(output, a.force)?;
    let opened = opening::open(a.file.as_os_str(), &a.unlock, false)?;
    let mut outcome = Outcome::new("key passphrase", &opened.source.name);
    let key = match opened.private() {
        Ok(key) => key,
        Err(problems) => return outcome.no(problems).print(&a.common),
    };
    let to = match &opened.diagnosis.format {
        Some(Format::Ppk { version: 2, .. }) => To::Ppk2,
        Some(Format::Ppk { .. }) => To::Ppk,
        Some(Format::Pem { label, .. })
            if !label.ends_with(b" PRIVATE KEY") || label == b"ENCRYPTED PRIVATE KEY" =>
        {
            To::Pkcs8
        }
        Some(Format::Pem { .. }) => To::Pem,
        Some(Format::SshCom) => {
            let problem = Problem::bad(
                "key-format-read-only",
                "ssh.com files are read here, and not written",
            )
            .helped("sshwhy key convert FILE --to openssh --output NEW");
            return outcome.no(vec![problem]).print(&a.common);
        }
        _ => To::Openssh,
    };
    let job = Job::new(output, a.force, false, None)?;
    let passphrase = writing::new_passphrase(&a.lock, output)?;
    if a.output.is_none() {
        outcome.note("the old file has the old passphrase: remove it when the new one is proven");
    }
    job.write(key, to, &a.lock, passphrase.as_ref(), outcome)?
        .print(&a.common)
}
