//! Weak and known-bad keys, in words.

use super::problem::Problem;
use sshwhy_keyfile::{Weakness, weaknesses};
use sshwhy_keys::PublicKey;
use sshwhy_report::Grade;

/// What is to be said about the key itself. `putty`: the file is PuTTY's own. The second is what
/// was not looked at.
pub(super) fn notes(key: &PublicKey, putty: bool) -> (Vec<Problem>, Vec<String>) {
    let all = weaknesses(key);
    let problems = all.found.iter().map(|w| note(w, putty)).collect();
    let not_checked = all.not_checked.iter().map(ToString::to_string).collect();
    (problems, not_checked)
}

const NEW: &str = "make a new key (sshwhy key generate --output NEW), put its line on the servers, \
                   and remove this one from them";

fn note(w: &Weakness, putty: bool) -> Problem {
    match w {
        Weakness::PuttyP521 => {
            let p = Problem::note(
                "key-compromised-p521-putty",
                "if this P-521 key was ever used with PuTTY or Pageant 0.68 to 0.80, take it for \
                 stolen",
            )
            .noting(
                "about 60 signatures made by them give the private key away (CVE-2024-31497); newer \
                 programs do not mend that",
            )
            .helped(NEW);
            match putty {
                true => p.noting("this is a PuTTY file"),
                false => p,
            }
        }
        Weakness::Dsa => Problem::note("dsa-key", w.to_string()).helped(NEW),
        Weakness::RsaShort { bits, wanted } if *bits >= 2048 => Problem::note(
            "weak-key",
            format!("RSA of {bits} bits: good until about 2030; ssh-keygen makes {wanted}"),
        ),
        _ if w.is_broken() => Problem::new("weak-key", Grade::Bad, w.to_string()).helped(NEW),
        _ => Problem::note("weak-key", w.to_string()).helped(NEW),
    }
}
