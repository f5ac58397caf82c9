//! `sshwhy agent remove`, `lock`, `unlock`

use super::args::{Lock, Remove, Which};
use super::found::{Standing, ask};
use super::who::Kind;
use super::{Named, absent, connect, done, no_answer, place, report};
use crate::args::Common;
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
            Err(ClientError::Refused) => refused(
                &args.common,
                "agent remove",
                &args.which,
                "the agent refused",
            ),
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
    if found.locked == Some(true) {
        let why = super::locked(&found);
        return report(&args.common, "agent remove", &[found], &[why], 1);
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

/// Why the agent said no.
fn refused(
    common: &Common,
    command: &'static str,
    which: &Which,
    text: &str,
) -> Result<u8, Failure> {
    match place(which).map(|p| ask(&p)) {
        Some(found) if found.locked == Some(true) => {
            let why = super::locked(&found);
            report(common, command, &[found], &[why], 1)
        }
        _ => done(common, 1, text),
    }
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
        Err(ClientError::Refused) => {
            let found = place(&args.which).map(|p| ask(&p));
            let text = match (close, found.map(|f| (f.kind, f.locked))) {
                (_, Some((Kind::Gpg | Kind::Pageant, _))) => "the agent refused: it has no lock",
                (true, Some((_, Some(true)))) => "the agent refused: it is locked already",
                (true, _) => "the agent refused: it is locked already, or knows no lock",
                (false, Some((_, Some(true)))) => {
                    "the agent refused: it was locked with another passphrase"
                }
                (false, Some((_, Some(false)))) => "the agent refused: it is not locked",
                (false, _) => "the agent refused: another passphrase, or it is not locked",
            };
            done(&args.common, 1, text)
        }
        Err(e) => Err(no_answer(&e)),
    }
}
