//! The signed request: roles, FIDO flags, the signature itself (`mm_answer_keyverify`).

use crate::conf::{AuthOptions, Said};
use crate::found;
use crate::pass::{Granted, Pass, Stop};
use crate::{Gate, account, algorithm};
use sshwhy_causes::{Finding, signature as cause};
use sshwhy_world::Gap;

/// The signature will verify, with the flags that are asked for.
pub(crate) fn verifies(pass: &mut Pass<'_>) -> Gate {
    let Some(key) = pass.attempt.key.as_ref() else {
        return Err(Stop::Skipped);
    };
    if pass.suffix.breaks_signature {
        // The session data holds the name as typed, the monitor checks it against the cut one.
        pass.refuse(account::suffix_stripped(
            pass,
            "the account that is looked up",
        ))?;
    }
    // The signature has to be of the algorithm announced, and the key can make none of it.
    let mislabelled = algorithm::mislabelled(pass)?.is_some();
    if !key.signature_good || mislabelled {
        pass.refuse(Finding::new(&cause::bad_signature::CAUSE))?;
    }
    if !key.key_type().is_sk() {
        return Ok(());
    }
    let (touch, verified) = (key.touch, key.verified);
    let granted = pass.granted.as_ref().ok_or(Stop::Skipped)?.clone();
    let options = pass.conf.auth_options()?;
    if !touch && (options.value.touch || !granted.no_touch) {
        let f = Finding::new(&cause::required_touch::CAUSE);
        let f = if options.value.touch {
            by_setting(f, &options, "touch-required")
        } else {
            by_key(pass, f, &granted, "no-touch-required is missing")
        };
        pass.refuse(f)?;
    }
    if options.value.verify || granted.verify {
        let f = Finding::new(&cause::required_uv::CAUSE);
        let f = if options.value.verify {
            by_setting(f, &options, "verify-required")
        } else {
            by_key(pass, f, &granted, "verify-required is set")
        };
        match verified {
            Some(true) => {}
            Some(false) => pass.refuse(f)?,
            None => {
                let gap = Gap::not_looked(
                    "whether the token will verify its user (PIN or fingerprint)",
                    "the public key does not tell",
                    "ssh-keygen -Kl, or a login with ssh -v",
                );
                return Err(Stop::Unknown(gap, Some(alloc::boxed::Box::new(f))));
            }
        }
    }
    Ok(())
}

/// PubkeyAuthOptions asks for the flag.
fn by_setting(finding: Finding, options: &Said<AuthOptions>, word: &str) -> Finding {
    let reason = alloc::format!("{} {word}", options.keyword);
    found::with_setting(finding, options).arg("reason", reason)
}

/// The key's line, its certificate or the line of its CA asks for the flag.
fn by_key(pass: &Pass<'_>, finding: Finding, granted: &Granted, what: &str) -> Finding {
    let certificate = pass
        .attempt
        .key
        .as_ref()
        .is_some_and(|k| k.key_type().is_cert());
    let origin = match granted.origin.as_slice() {
        b"" => &b"the certificate"[..],
        origin => origin,
    };
    let place = match (certificate, granted.origin.is_empty()) {
        (true, true) => "in the certificate",
        (true, false) => "in the certificate or its CA's line",
        (false, _) => "on the key's line",
    };
    let finding = finding
        .arg("reason", alloc::format!("{what} {place}"))
        .arg("origin", origin);
    found::granted(finding, pass, granted)
}
