//! `sshwhy agent remove`, `lock`, `unlock`

use super::args::{Lock, Remove};
use super::found::{Standing, ask};
use super::{Named, absent, connect, done, no_answer, place, report};
use crate::failure::Failure;
use crate::key::secret_input;
use sshwhy_agent::ClientError;
use zeroize::Zeroizing;

/// `sshwhy agent remove`
pub(super) fn remove(args: &Remove) -> Result<u8, Failure> {
    let mut client = match connect(&args.which) {
        Ok(client) => client,
        Err(why) => return report(&args.common, "agent remove", &[], &[*why], 1),
    };
    if args.all {
        return match client.remove_all() {
            Ok(()) => done(&args.common, 0, "all keys removed"),
            Err(ClientError::Refused) => {
                done(&args.common, 1, "the agent refused: it may be locked")
            }
            Err(e) => Err(no_answer(&e)),
        };
    }
    let Some(found) = place(&args.which).map(|p| ask(&p)) else {
        return Ok(2);
    };
    if found.state != Standing::Answers {
        return report(
            &args.common,
            "agent remove",
            &[],
            &[super::unreachable(&found)],
            1,
        );
    }
    let mut missing = Vec::new();
    let mut removed = Vec::new();
    for arg in &args.key {
        let named = Named::read(arg);
        let mut any = false;
        for key in found.keys.iter().filter(|k| named.is(k)) {
            match client.remove(&key.blob) {
                Ok(()) => {
                    any = true;
                    let comment = String::from_utf8_lossy(&key.comment).into_owned();
                    removed.push(format!("removed {} {comment}", key.fingerprint()));
                }
                Err(ClientError::Refused) => {}
                Err(e) => return Err(no_answer(&e)),
            }
        }
        if !any {
            missing.push(absent(&named, &found));
        }
    }
    if missing.is_empty() {
        return done(&args.common, 0, &removed.join("; "));
    }
    report(&args.common, "agent remove", &[found], &missing, 1)
}

/// `sshwhy agent lock` and `unlock`
pub(super) fn lock(args: &Lock, close: bool) -> Result<u8, Failure> {
    crate::key::hold::hold_secrets(&args.common);
    let mut client = match connect(&args.which) {
        Ok(client) => client,
        Err(why) => return report(&args.common, "agent", &[], &[*why], 1),
    };
    let passphrase = match &args.passphrase_file {
        Some(path) => secret_input::from_file(path)?,
        None if close => secret_input::ask_twice("Passphrase to lock the agent with: ")?,
        None => secret_input::ask("Passphrase the agent was locked with: ")?,
    };
    let bytes = Zeroizing::new(passphrase.as_bytes().to_vec());
    let answer = if close {
        client.lock(bytes)
    } else {
        client.unlock(bytes)
    };
    match answer {
        Ok(()) if close => done(&args.common, 0, "the agent is locked"),
        Ok(()) => done(&args.common, 0, "the agent is unlocked"),
        Err(ClientError::Refused) if close => done(
            &args.common,
            1,
            "the agent refused: it is locked already, or knows no lock",
        ),
        Err(ClientError::Refused) => done(
            &args.common,
            1,
            "the agent refused: another passphrase, or it is not locked",
        ),
        Err(e) => Err(no_answer(&e)),
    }
}
