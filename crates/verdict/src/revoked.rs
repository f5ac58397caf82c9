//! RevokedKeys (`auth_key_is_revoked`): asked for the key, then for a certificate's CA.

use crate::Gate;
use crate::certificate::read_as_root;
use crate::conf::{Kw, Said};
use crate::found;
use crate::pass::{Pass, Stop};
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::Finding;
use sshwhy_causes::revocation as cause;
use sshwhy_keys::{BlobErrorKind, LineError, PublicKey, krl, revoked_lines};
use sshwhy_world::{Feature, Mend};

/// Neither the key nor its CA is revoked, and the lists can be read.
pub(crate) fn not_revoked(pass: &mut Pass<'_>) -> Gate {
    pass.account()?;
    let Some(key) = pass.attempt.key.as_ref().and_then(|k| k.key.as_ref().ok()) else {
        return Err(Stop::Skipped);
    };
    let files = pass.conf.words(Kw::RevokedKeys)?;
    ask(pass, &files, key, false)?;
    match key.certificate() {
        Some(cert) => ask(pass, &files, cert.ca_key(), true),
        None => Ok(()),
    }
}

fn ask(pass: &Pass<'_>, files: &Said<Vec<Vec<u8>>>, key: &PublicKey, ca: bool) -> Gate {
    for file in &files.value {
        ask_file(pass, files, file, key, ca)?;
    }
    Ok(())
}

fn ask_file(
    pass: &Pass<'_>,
    files: &Said<Vec<Vec<u8>>>,
    file: &[u8],
    key: &PublicKey,
    ca: bool,
) -> Gate {
    let switch_off = || Mend::Config {
        keyword: b"revokedkeys".to_vec(),
        value: b"none".to_vec(),
    };
    let finding = |which| {
        let f = Finding::new(which)
            .arg("file", file)
            .arg("path", file)
            .arg("other_fingerprint", key.fingerprint())
            .arg("short_type", key.key_type().plain().short_name());
        found::with_setting(f, files).mend(switch_off())
    };
    // Asked about a certificate, both kinds of list answer for its CA too.
    let revoked_cause = |by_ca: bool| {
        if ca || by_ca {
            &cause::ca_revoked::CAUSE
        } else {
            &cause::key_revoked::CAUSE
        }
    };
    let of_ca = |listed: &PublicKey| {
        let cert = key.certificate();
        cert.is_some_and(|c| listed.same_public(c.ca_key()))
    };
    let text = match read_as_root(pass, file)? {
        Ok(text) => text,
        Err(errno) => {
            let f = finding(&cause::revoked_keys_missing::CAUSE)
                .arg("reason", errno.text())
                .evidence(found::absent(file));
            return pass.refuse(f);
        }
    };
    if krl::is_krl(&text) {
        return match krl::Krl::parse(&text) {
            Err(error) => {
                let f = finding(&cause::revoked_keys_unparsable::CAUSE)
                    .arg("reason", error.sshd_text())
                    .arg("column", (error.offset + 1).to_string());
                pass.refuse(f)
            }
            Ok(list) => match list.is_revoked(key) {
                Some(why) => {
                    let by_ca = why.what == krl::Revoked::CaKey;
                    pass.refuse(finding(revoked_cause(by_ca)))
                }
                None => Ok(()),
            },
        };
    }
    let dsa = pass.has(Feature::Dsa);
    for line in revoked_lines(&text) {
        let raw = text.get(line.span.clone()).unwrap_or(b"");
        let place = |f: Finding| {
            f.arg("line", line.line.to_string()).evidence(found::text(
                file,
                line.line as u64,
                raw,
                0..raw.len(),
            ))
        };
        let is_dsa = raw.trim_ascii_start().starts_with(b"ssh-dss");
        if is_dsa && !dsa {
            return pass.refuse(place(finding(&cause::revoked_keys_has_dsa::CAUSE)));
        }
        match &line.key {
            Ok(listed) if listed.same_public(key) || of_ca(listed) => {
                let by_ca = !listed.same_public(key);
                return pass.refuse(place(finding(revoked_cause(by_ca))));
            }
            Ok(_) => {}
            Err(LineError::Blob(e)) if matches!(e.kind, BlobErrorKind::RsaTooShort { .. }) => {}
            Err(error) => {
                let f = finding(&cause::revoked_keys_unparsable::CAUSE)
                    .arg("reason", error.sshd_text());
                return pass.refuse(place(f));
            }
        }
    }
    Ok(())
}
