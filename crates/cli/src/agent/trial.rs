//! `sshwhy agent test`

use super::args::Test;
use super::found::{Found, Key, Standing, Trial, Tried, ask};
use super::{
    Named, absent, constrained, finding, list, locked, message, not_running, place, report,
    shows_nothing, unreachable,
};
use crate::args::Format;
use crate::failure::Failure;
use crate::output;
use sshwhy_agent::find::{self, State};
use sshwhy_agent::protocol::{RSA_SHA2_256, RSA_SHA2_512};
use sshwhy_agent::{Client, ClientError};
use sshwhy_causes::Finding;
use sshwhy_keys::wire::{Reader, put_string};
use sshwhy_keys::{KeyType, PublicKey, SigAlg, SigError, verify};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;

/// Nobody accepts a signature of this namespace.
const NAMESPACE: &[u8] = b"agent-test@sshwhy";

pub(super) fn run(args: &Test) -> Result<u8, Failure> {
    let common = &args.common;
    let Some(place) = place(&args.which) else {
        return report(
            common,
            "agent test",
            &[],
            &[not_running("SSH_AUTH_SOCK is not set")],
            1,
        );
    };
    let mut found = ask(&place);
    if found.state != Standing::Answers {
        let why = unreachable(&found);
        return report(common, "agent test", &[found], &[why], 1);
    }
    if found.locked == Some(true) {
        let why = locked(&found);
        return report(common, "agent test", &[found], &[why], 1);
    }
    let named: Vec<Named> = args.key.iter().map(|k| Named::read(k)).collect();
    let mut findings: Vec<Finding> = named
        .iter()
        .filter(|n| !found.keys.iter().any(|k| n.is(k)))
        .map(|n| absent(n, &found))
        .collect();
    if named.is_empty() && found.keys.is_empty() {
        findings.extend(shows_nothing(&found));
    }
    let mut keys = std::mem::take(&mut found.keys);
    if !named.is_empty() {
        keys.retain(|k| named.iter().any(|n| n.is(k)));
    }
    // No limit of time: a person may be asked.
    let State::Listens(stream) = find::open(&place.path, Some(super::found::PERSON)) else {
        return report(
            common,
            "agent test",
            &[],
            &[not_running("it has just ended")],
            1,
        );
    };
    let mut client = Client::new(stream).patient(super::found::PERSON);
    for key in &mut keys {
        try_key(&mut client, key, !named.is_empty());
        let want = named.iter().find(|n| n.is(key));
        // Such a key signs nothing here, and is none the worse for it unless it was asked for.
        match want.and_then(|want| constrained(&found, key, Some(want))) {
            Some(why) => findings.push(why),
            None => findings.extend(judge(&found, key)),
        }
    }
    found.keys = keys;
    let code = u8::from(!findings.is_empty() || found.keys.is_empty());
    output::print(common, code, |out| match common.format {
        Format::Json => {
            let found = std::slice::from_ref(&found);
            let report = super::json::Report::new("agent test", found, &findings);
            sshwhy_report::json::write(&report, out)
        }
        Format::Text => {
            list::write_all(true, std::slice::from_ref(&found), out)?;
            for finding in &findings {
                writeln!(out)?;
                message(finding).render(out)?;
            }
            Ok(())
        }
    })
}

/// Why a key is left alone unless it is named.
fn asks_somebody(key: &Key) -> Option<&'static str> {
    if key.public.as_ref().is_some_and(|p| p.key_type().is_sk()) {
        return Some("its token wants a touch; name the key to try it");
    }
    if key.limits.as_ref().is_some_and(|l| l.confirm) {
        return Some("it asks before each use; name the key to try it");
    }
    if key.encrypted == Some(true) {
        return Some("its passphrase would be asked for; name the key to try it");
    }
    (key.bound == Some(true)).then_some("it signs logins to its destinations alone")
}

fn try_key(client: &mut Client<UnixStream>, key: &mut Key, named: bool) {
    let Some(public) = key.public.clone() else {
        return;
    };
    let rsa = public.key_type().plain() == KeyType::Rsa;
    let wanted: Vec<(SigAlg, u32)> = if rsa {
        vec![
            (SigAlg::RsaSha512, RSA_SHA2_512),
            (SigAlg::RsaSha256, RSA_SHA2_256),
        ]
    } else {
        let plain = public.key_type().plain();
        vec![(SigAlg::from_name(plain.name()), 0)]
    };
    for (algorithm, flags) in wanted {
        let destinations = key.bound == Some(true);
        let outcome = match asks_somebody(key) {
            Some(why) if !named || destinations => Trial::Skipped(why),
            _ => try_one(client, &public, &algorithm, flags),
        };
        key.trials.push(Tried { algorithm, outcome });
    }
}

fn try_one(
    client: &mut Client<UnixStream>,
    public: &PublicKey,
    algorithm: &SigAlg,
    flags: u32,
) -> Trial {
    let data = framed();
    let signature = match client.sign(public.blob(), &data, flags) {
        Ok(signature) => signature,
        Err(ClientError::Refused) => return Trial::Refused("the agent gives no reason".into()),
        Err(e) => return Trial::Refused(e.to_string()),
    };
    check(public, algorithm, &signature, &data)
}

/// `SSHSIG` (OpenSSH's PROTOCOL.sshsig): what is signed is no request to log in, and no file's
/// signature that anybody would accept.
fn framed() -> Vec<u8> {
    let mut random = [0u8; 64];
    // Without randomness the data are the same each time, and no worse for that.
    let _ = getrandom::fill(&mut random);
    let mut out = b"SSHSIG".to_vec();
    put_string(&mut out, NAMESPACE);
    put_string(&mut out, b"");
    put_string(&mut out, b"sha512");
    put_string(&mut out, &random);
    out
}

fn check(public: &PublicKey, wanted: &SigAlg, signature: &[u8], data: &[u8]) -> Trial {
    let mut r = Reader::new(signature);
    let (Ok(name), Ok(body)) = (r.string("algorithm"), r.string("signature")) else {
        return Trial::Bad("no algorithm and signature in it".into());
    };
    let found = SigAlg::from_name(name);
    let plain = public.to_plain();
    match verify(&plain, signature, data) {
        Ok(()) if found == *wanted => Trial::Good,
        Ok(()) if found == SigAlg::RsaSha1 => Trial::Sha1("ssh-rsa".into()),
        Ok(()) => Trial::Bad(format!("a signature of {found}")),
        Err(SigError::Unsupported(_)) => Trial::Unchecked,
        Err(e) => {
            // SHA-1 under the name that was asked for?
            let mut disguised = Vec::new();
            put_string(&mut disguised, SigAlg::RsaSha1.name());
            put_string(&mut disguised, body);
            if wanted.key_type() == KeyType::Rsa && verify(&plain, &disguised, data).is_ok() {
                Trial::Sha1(format!("ssh-rsa, under the name {found}"))
            } else {
                Trial::Bad(e.to_string())
            }
        }
    }
}

/// One finding for a key at most: what is wrong with its first signature that is wrong.
fn judge(found: &Found, key: &Key) -> Option<Finding> {
    let path = found.path.as_os_str().as_bytes();
    let wrong = key.trials.iter().find(|t| {
        matches!(
            t.outcome,
            Trial::Sha1(_) | Trial::Bad(_) | Trial::Refused(_)
        )
    })?;
    Some(match &wrong.outcome {
        Trial::Sha1(name) => finding("agent-sha1-signature")
            .arg("path", path)
            .arg("algorithm", wrong.algorithm.name())
            .arg("found", name.as_bytes()),
        Trial::Bad(why) => finding("client-agent-refused")
            .arg("path", path)
            .arg("fingerprint", key.fingerprint())
            .arg(
                "reason",
                format!(
                    "what it returns is no signature of {}: {why}",
                    wrong.algorithm
                ),
            ),
        outcome => finding("client-agent-refused")
            .arg("path", path)
            .arg("fingerprint", key.fingerprint())
            .arg("reason", outcome.detail()),
    })
}
