//! `sshwhy key generate`: a new key pair.

use super::args::{Generate, NewType, To};
use super::outcome::Outcome;
use super::writing::{self, Job};
use crate::failure::Failure;
use sshwhy_keyfile::{NewKey, generate};
use sshwhy_keys::Curve;
use std::os::unix::ffi::OsStrExt;

pub(super) fn run(a: &Generate) -> Result<u8, Failure> {
    let kind = kind(a)?;
    let ends_so = a.place.output.extension().is_some_and(|e| e == "ppk");
    let to = match a.to {
        Some(to) => to,
        None if ends_so || a.kind == NewType::Ed448 => To::Ppk,
        None => To::Openssh,
    };
    if !to.is_private() {
        return Err(Failure::new(
            "no format for a new key",
            "rfc4716 and line hold the public half alone",
            "choose openssh, pem, pkcs8, ppk or ppk2",
        ));
    }
    let comment = match &a.comment {
        Some(comment) => writing::comment(comment)?,
        None => default_comment(),
    };
    let job = Job::new(&a.place.output, a.place.force, true, None)?;
    let passphrase = writing::new_passphrase(&a.lock, &a.place.output)?;
    let key = generate(kind, comment, &mut writing::rng()).map_err(|e| {
        Failure::new(
            "no key was made",
            e.to_string(),
            "choose another size: --bits 3072",
        )
    })?;
    let mut outcome = Outcome::new("key generate", b"");
    if a.kind == NewType::Ed448 {
        outcome.note(
            "PuTTY and servers like it alone know Ed448 keys; OpenSSH has none, neither in its \
             format nor on its server",
        );
        if a.to.is_none() && !ends_so {
            outcome
                .note("so it was written in PuTTY's format, though its name does not end in .ppk");
        }
    }
    job.write(&key, to, &a.lock, passphrase.as_ref(), outcome)?
        .print(&a.common)
}

fn kind(a: &Generate) -> Result<NewKey, Failure> {
    let no_size = |expected: &str| {
        Err(Failure::new(
            format!("no such size: {}", a.bits.unwrap_or(0)),
            format!("expected {expected}"),
            "leave --bits out for the usual size",
        ))
    };
    Ok(match (a.kind, a.bits) {
        (NewType::Ed25519, None | Some(256)) => NewKey::Ed25519,
        (NewType::Ed25519, Some(_)) => return no_size("256, the only size of Ed25519"),
        (NewType::Ed448, None | Some(448 | 456)) => NewKey::Ed448,
        (NewType::Ed448, Some(_)) => return no_size("448, the only size of Ed448"),
        (NewType::Ecdsa, None | Some(256)) => NewKey::Ecdsa(Curve::P256),
        (NewType::Ecdsa, Some(384)) => NewKey::Ecdsa(Curve::P384),
        (NewType::Ecdsa, Some(521)) => NewKey::Ecdsa(Curve::P521),
        (NewType::Ecdsa, Some(_)) => return no_size("256, 384 or 521 for ECDSA"),
        (NewType::Rsa, None) => NewKey::Rsa { bits: 3072 },
        (NewType::Rsa, Some(bits @ 2048..)) => NewKey::Rsa { bits },
        (NewType::Rsa, Some(_)) => {
            return no_size(
                "2048 at least for RSA: shorter keys can be broken, and servers refuse them",
            );
        }
    })
}

/// `user@host`, as ssh-keygen has it.
fn default_comment() -> Vec<u8> {
    let user = ["USER", "LOGNAME"]
        .into_iter()
        .find_map(|n| std::env::var_os(n).filter(|v| !v.is_empty()));
    let mut out = user.map_or_else(|| b"user".to_vec(), |u| u.as_bytes().to_vec());
    out.push(b'@');
    out.extend_from_slice(rustix::system::uname().nodename().to_bytes());
    // Whatever the environment holds, the comment stays one line.
    out.retain(|b| !b.is_ascii_control());
    out
}
