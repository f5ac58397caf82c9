//! The signed request: roles, FIDO flags, the signature itself (`mm_answer_keyverify`).

use crate::{Gate, algorithm};
use crate::conf::Kw;
use crate::found;
use crate::pass::{Pass, Stop};
use sshwhy_causes::{Finding, account, signature as cause};
use sshwhy_world::Gap;

/// The signature will verify, with the flags that are asked for.
pub(crate) fn verifies(pass: &mut Pass<'_>) -> Gate {
    let Some(key) = pass.attempt.key.as_ref() else {
        return Err(Stop::Skipped);
    };
    if pass.role {
        // The session data holds the name as typed, the monitor checks it against the cut one.
        let finding = Finding::new(&account::user_suffix_stripped::CAUSE)
            .arg("found", pass.attempt.user.as_slice())
            .arg("value", pass.user.as_slice())
            .arg("pattern", "/")
            .evidence(found::account(
                "/etc/passwd",
                pass.user.as_slice(),
                "the account that is looked up",
            ));
        pass.refuse(finding)?;
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
    let options = pass.conf.words(Kw::PubkeyAuthOptions)?;
    let asks = |word: &[u8]| options.value.iter().any(|w| w == word);
    if !touch && (asks(b"touch-required") || !granted.no_touch) {
        let f = Finding::new(&cause::required_touch::CAUSE);
        pass.refuse(found::with_setting(f, &options))?;
    }
    if asks(b"verify-required") || granted.verify {
        match verified {
            Some(true) => {}
            Some(false) => {
                let f = Finding::new(&cause::required_uv::CAUSE);
                pass.refuse(found::with_setting(f, &options))?;
            }
            None => {
                let gap = Gap::not_looked(
                    "whether the token will verify its user (PIN or fingerprint)",
                    "the public key does not tell",
                    "ssh-keygen -Kl, or a login with ssh -v",
                );
                let f = Finding::new(&cause::required_uv::CAUSE);
                let f = found::with_setting(f, &options);
                return Err(Stop::Unknown(gap, Some(alloc::boxed::Box::new(f))));
            }
        }
    }
    Ok(())
}
