//! The authentication method: PubkeyAuthentication and AuthenticationMethods
//! (`authmethod_lookup`, `auth2_setup_methods_lists`, `auth2_update_methods_lists`).

use crate::Gate;
use crate::conf::{Kw, Said};
use crate::found;
use crate::pass::{Pass, Stop};
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::Finding;
use sshwhy_causes::method as cause;
use sshwhy_world::{Gap, Mend};

const PUBLICKEY: &[u8] = b"publickey";

/// AuthenticationMethods, each list split, without the lists that name a disabled method.
/// `None`: any method will do.
fn lists(pass: &Pass<'_>, said: &Said<Vec<Vec<u8>>>) -> Gate<Option<Vec<Vec<Vec<u8>>>>> {
    match said.value.as_slice() {
        [] => return Ok(None),
        [any] if any == b"any" => return Ok(None),
        _ => {}
    }
    let mut out = Vec::new();
    for word in &said.value {
        let list: Vec<Vec<u8>> = word.split(|&b| b == b',').map(<[u8]>::to_vec).collect();
        let mut all = true;
        for method in &list {
            all &= enabled(pass, method)?;
        }
        if all {
            out.push(list);
        }
    }
    Ok(Some(out))
}

/// Whether a method is compiled in and switched on.
fn enabled(pass: &Pass<'_>, method: &[u8]) -> Result<bool, Gap> {
    let name = method.split(|&b| b == b':').next().unwrap_or(method);
    match name {
        PUBLICKEY => pass.conf.is(Kw::PubkeyAuthentication),
        b"password" => pass.conf.is(Kw::PasswordAuthentication),
        // Before 8.7 the older name is a switch of its own, and on switches both on.
        b"keyboard-interactive" => Ok(pass.conf.is(Kw::KbdInteractiveAuthentication)?
            || pass.knows(Kw::ChallengeResponseAuthentication)
                && pass.conf.is(Kw::ChallengeResponseAuthentication)?),
        b"hostbased" => pass.conf.is(Kw::HostbasedAuthentication),
        b"gssapi-with-mic" | b"gssapi-keyex" => pass.conf.is(Kw::GSSAPIAuthentication),
        // It is on until it was tried once, which is after the lists are made.
        b"none" => Ok(true),
        _ => Ok(false),
    }
}

fn is_publickey(method: &[u8]) -> bool {
    method.split(|&b| b == b':').next() == Some(PUBLICKEY)
}

/// `userauth_finish`: after the client's first question, which costs nothing, the number of
/// failures is held against MaxAuthTries for the first time.
fn first_question(pass: &Pass<'_>) -> Gate {
    let tries = pass.conf.number(Kw::MaxAuthTries)?;
    if tries.value > 0 {
        return Ok(());
    }
    let finding = Finding::new(&cause::max_auth_tries_zero::CAUSE)
        .arg("value", tries.value.to_string())
        .mend(Mend::Config {
            keyword: b"maxauthtries".to_vec(),
            value: b"6".to_vec(),
        });
    pass.refuse(found::with_setting(finding, &tries))
}

/// publickey is on, and it may come first.
pub(crate) fn publickey_next(pass: &mut Pass<'_>) -> Gate {
    first_question(pass)?;
    let methods = pass.conf.words(Kw::AuthenticationMethods)?;
    let lists = lists(pass, &methods)?;
    if let Some(lists) = &lists
        && lists.is_empty()
    {
        let mut off: Vec<Vec<u8>> = Vec::new();
        for method in methods.value.iter().flat_map(|w| w.split(|&b| b == b',')) {
            if !enabled(pass, method)? && !off.iter().any(|m| m == method) {
                off.push(method.to_vec());
            }
        }
        let mut finding = Finding::new(&cause::authentication_methods_unsatisfiable::CAUSE)
            .arg("found", found::list(&off))
            .mend(Mend::Config {
                keyword: b"authenticationmethods".to_vec(),
                value: b"any".to_vec(),
            });
        let off = pass.conf.flag(Kw::PubkeyAuthentication)?;
        if !off.value {
            finding = finding.evidence(found::setting(&off));
        }
        pass.refuse(found::with_setting(finding, &methods))?;
    }
    let pubkey = pass.conf.flag(Kw::PubkeyAuthentication)?;
    if !pubkey.value {
        let finding = Finding::new(&cause::pubkey_authentication_off::CAUSE).mend(Mend::Config {
            keyword: b"pubkeyauthentication".to_vec(),
            value: b"yes".to_vec(),
        });
        pass.refuse(found::with_setting(finding, &pubkey))?;
    }
    let Some(lists) = lists else { return Ok(()) };
    if lists
        .iter()
        .any(|l| l.first().is_some_and(|m| is_publickey(m)))
    {
        return Ok(());
    }
    let later = lists
        .iter()
        .find_map(|l| l.split_at_checked(l.iter().position(|m| is_publickey(m))?));
    let (which, expected) = match later {
        Some((before, _)) => (
            &cause::authentication_methods_order::CAUSE,
            before.join(&b", then "[..]),
        ),
        None => (
            &cause::authentication_methods_exclude_publickey::CAUSE,
            methods.value.join(&b", or "[..]),
        ),
    };
    let finding = Finding::new(which)
        .arg("expected", expected)
        .mend(Mend::Config {
            keyword: b"authenticationmethods".to_vec(),
            value: b"publickey".to_vec(),
        });
    pass.refuse(found::with_setting(finding, &methods))
}

/// After the key: no list asks for more.
pub(crate) fn enough(pass: &mut Pass<'_>) -> Gate {
    if pass.account.is_none() {
        return Err(Stop::Skipped);
    }
    let methods = pass.conf.words(Kw::AuthenticationMethods)?;
    let Some(lists) = lists(pass, &methods)? else {
        return Ok(());
    };
    // `publickey:x` is offered, and no key completes it.
    let done = |l: &Vec<Vec<u8>>| l.first().is_some_and(|m| m == PUBLICKEY);
    if lists.is_empty() || lists.iter().any(|l| l.len() == 1 && done(l)) {
        return Ok(());
    }
    let Some(next) = lists.iter().find(|l| done(l)).or_else(|| {
        let mut open = lists.iter();
        open.find(|l| l.first().is_some_and(|m| is_publickey(m)))
    }) else {
        return Ok(());
    };
    let finding = Finding::new(&cause::authentication_methods_need_more::CAUSE)
        .arg(
            "expected",
            next[usize::from(done(next))..].join(&b", then "[..]),
        )
        .mend(Mend::Config {
            keyword: b"authenticationmethods".to_vec(),
            value: b"publickey".to_vec(),
        });
    pass.refuse(found::with_setting(finding, &methods))
}
