//! AuthorizedKeysCommand and AuthorizedPrincipalsCommand (`user_key_command_allowed2`,
//! `match_principals_command`, `subprocess`).

use crate::Gate;
use crate::certificate;
use crate::conf::{Kw, Said};
use crate::found;
use crate::lines::{Place, line_answer};
use crate::pass::{Granted, Pass, Stop};
use crate::session;
use crate::sources::{Near, Search, Tried};
use crate::strict::{Wrong, node_is_safe};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_authfile::{Line, LineKind, OfferedKey as Wanted, Span};
use sshwhy_causes::authorized_keys as cause;
use sshwhy_causes::{Cause, Evidence, Finding};
use sshwhy_keys::{Certificate, base64};
use sshwhy_world::access::EXECUTE;
use sshwhy_world::resolve::{Resolved, parent, resolve};
use sshwhy_world::{
    CommandOutcome, CommandRequest, Cred, Errno, Fact, Feature, Gap, Reader, read_all,
};

/// What a command said, or why it was not asked.
enum Asked {
    Said(CommandOutcome),
    Refused(Box<Finding>),
}

/// Splits a command line as `argv_split` does: blanks, both quotes, backslash before a quote, a
/// backslash or a blank.
fn split(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    let mut i = 0;
    while let Some(&b) = line.get(i) {
        let next = line.get(i + 1).copied();
        match (b, quote) {
            (b'\\', _)
                if matches!(next, Some(b'\'' | b'"' | b'\\'))
                    || (quote.is_none() && next == Some(b' ')) =>
            {
                word.get_or_insert_default().extend(next);
                i += 1;
            }
            (b' ' | b'\t', None) => out.extend(word.take()),
            (b'"' | b'\'', None) => {
                quote = Some(b);
                word.get_or_insert_default();
            }
            (b, Some(q)) if b == q => quote = None,
            (b, _) => word.get_or_insert_default().push(b),
        }
        i += 1;
    }
    if quote.is_some() {
        return None;
    }
    out.extend(word);
    Some(out)
}

/// Checks and runs a command. `Ok(None)`: the keyword is not set.
fn ask(
    pass: &Pass<'_>,
    command: Kw,
    user: Kw,
    keyword: &'static str,
    tokens: &dyn Fn(u8) -> Option<Vec<u8>>,
) -> Gate<Option<(Asked, Vec<u8>)>> {
    let said = pass.conf.text(command)?;
    let Some(line) = said.value.clone() else {
        return Ok(None);
    };
    let refused = |f: Finding, said: &Said<Option<Vec<u8>>>| {
        let f = found::with_setting(f, said).arg("command", line.as_slice());
        Ok(Some((Asked::Refused(Box::new(f)), line.clone())))
    };
    let runs_as = pass.conf.text(user)?;
    let Some(name) = runs_as.value.as_deref() else {
        // sshd does not start with this; the gate before has said so.
        return Err(Stop::Skipped);
    };
    // The account that logs in may be the one it runs as: %u is known here, and nothing else.
    let own = pass.account()?.name.clone();
    let name = expand(name, &|t| match t {
        b'u' => Some(own.clone()),
        b'%' => Some(b"%".to_vec()),
        _ => None,
    });
    let Some(account) = pass.world.account(&name).known()? else {
        let f = Finding::new(&cause::keys_command_user_missing::CAUSE)
            .arg("other_user", name.as_slice());
        return refused(found::with_setting(f, &runs_as), &said);
    };
    let Some(words) = split(&line).filter(|w| !w.is_empty()) else {
        return refused(Finding::new(&cause::keys_command_bad_output::CAUSE), &said);
    };
    // An unknown token ends sshd before it looks at the program.
    if let Some(token) = words.iter().skip(1).find_map(|w| unknown_token(w, tokens)) {
        let f = Finding::new(&cause::keys_file_bad_token::CAUSE)
            .arg("token", token)
            .arg("path", line.as_slice());
        return refused(f, &said);
    }
    let path = words[0].clone();
    let groups = pass.world.groups_of(&account).known()?;
    let cred = Cred {
        uid: account.uid,
        gid: account.gid,
        groups,
    };
    let resolved = match resolve(pass.world, &path, Some(&cred))? {
        Ok(r) => r,
        Err(stop) => {
            let f = Finding::new(&cause::keys_command_missing::CAUSE)
                .arg("path", path.as_slice())
                .arg("reason", stop.errno.text())
                .evidence(found::absent(if stop.errno == Errno::NotFound {
                    &path
                } else {
                    &stop.at
                }));
            return refused(f, &said);
        }
    };
    if let Some(f) = unsafe_command(pass, &resolved.real)? {
        return refused(f.arg("path_command", path.as_slice()), &said);
    }
    if let Some(evidence) = cannot_start(pass, &cred, &resolved)? {
        let f = Finding::new(&cause::keys_command_not_executable::CAUSE)
            .arg("path", path.as_slice())
            .arg("mode", found::octal(resolved.node.mode))
            .arg("status", "127")
            .arg("other_user", name.as_slice())
            .evidence(evidence);
        return refused(f, &said);
    }
    let mut argv = alloc::vec![path.clone()];
    for word in &words[1..] {
        argv.push(expand(word, tokens));
    }
    if words.len() == 1 && command == Kw::AuthorizedKeysCommand {
        argv.push(pass.user.clone());
    }
    let request = CommandRequest {
        user: name,
        argv,
        keyword,
    };
    let outcome = match pass.world.run(&request) {
        sshwhy_world::Fact::Known(outcome) => outcome,
        sshwhy_world::Fact::Unknown(gap) => return Err(gap.into()),
    };
    let fail = |which: &'static Cause, status: alloc::string::String| {
        Finding::new(which)
            .arg("path", path.as_slice())
            .arg("status", status)
    };
    if outcome.timed_out {
        let grace = pass.conf.number(Kw::LoginGraceTime)?;
        let f = fail(&cause::keys_command_slow::CAUSE, "none".to_string())
            .arg("other_user", request.user.as_slice());
        // sshd waits for as long as the login may take; 0 is for ever.
        if grace.value > 0 && grace.value.unsigned_abs().saturating_mul(1_000) <= outcome.millis {
            return refused(f.evidence(found::setting(&grace)), &said);
        }
        let f = found::with_setting(f, &said).arg("command", line.as_slice());
        let gap = Gap::could_not(
            alloc::format!("what {keyword} prints"),
            "it was stopped when it had not ended in time, and sshd would have waited longer",
            "run it by hand and see how long it takes",
        );
        return Err(Stop::Unknown(gap, Some(Box::new(f))));
    }
    if outcome.status != Some(0) {
        let status = match (outcome.status, outcome.signal) {
            (Some(n), _) => n.to_string(),
            (None, Some(n)) => alloc::format!("signal {n}"),
            (None, None) => "none".to_string(),
        };
        let which = if line.split(|&b| b == b' ').any(|w| w.starts_with(b"#")) {
            &cause::keys_command_trailing_comment::CAUSE
        } else if outcome.status == Some(127) {
            &cause::keys_command_not_executable::CAUSE
        } else {
            &cause::keys_command_failed::CAUSE
        };
        let f = fail(which, status)
            .arg("other_user", request.user.as_slice())
            .arg("mode", found::octal(resolved.node.mode));
        let f = match outcome.signal {
            Some(n) => f.arg("signal", n.to_string()),
            None => f,
        };
        return refused(f, &said);
    }
    Ok(Some((Asked::Said(outcome), line)))
}

/// The first token that `percent_expand` does not know.
fn unknown_token(word: &[u8], tokens: &dyn Fn(u8) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut bytes = word.iter().copied();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            match bytes.next() {
                Some(t) if tokens(t).is_some() => {}
                Some(t) => return Some(alloc::vec![b'%', t]),
                None => return Some(b"%".to_vec()),
            }
        }
    }
    None
}

fn expand(word: &[u8], tokens: &dyn Fn(u8) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = word.iter().copied();
    while let Some(b) = bytes.next() {
        if b == b'%'
            && let Some(t) = bytes.next()
        {
            match tokens(t) {
                Some(value) => out.extend_from_slice(&value),
                None => out.extend_from_slice(&[b'%', t]),
            }
        } else {
            out.push(b);
        }
    }
    out
}

/// What keeps execve(2) from starting the program as this account: its mode, its form, or the
/// interpreter that its first line names. sshd asks no shell to help.
fn cannot_start(
    pass: &Pass<'_>,
    cred: &Cred,
    program: &Resolved,
) -> Result<Option<Evidence>, Stop> {
    let mut evidence = found::path(pass.world, &program.real, &program.node);
    if !cred.may(&program.node, EXECUTE) || !program.node.is_file() {
        return Ok(Some(evidence));
    }
    let read = read_all(pass.world, &program.real, Reader::Root, session::HEAD);
    let Fact::Known(Ok((head, _))) = read else {
        return Ok(None);
    };
    if !head.is_empty() && !head.starts_with(b"#!") && !head.starts_with(b"\x7fELF") {
        evidence.detail = Some(b"no program, and no script with a #! line".to_vec());
        return Ok(Some(evidence));
    }
    let Some(starter) = session::starter(&head) else {
        return Ok(None);
    };
    Ok(match resolve(pass.world, &starter, Some(cred))? {
        Ok(_) => None,
        Err(_) => Some(found::absent(&starter)),
    })
}

/// `safe_path` for uid 0: the program and every directory above it are root's, and writable by
/// nobody else.
fn unsafe_command(pass: &Pass<'_>, real: &[u8]) -> Gate<Option<Finding>> {
    let rule = pass.has(Feature::UserGroupModes);
    let mut at = real.to_vec();
    loop {
        let Ok(node) = pass.world.lstat(&at).known()? else {
            return Ok(None);
        };
        if let Err(wrong) = node_is_safe(pass.world, &node, 0, rule)? {
            let what = if at == real { "file" } else { "directory" };
            let mut f = Finding::new(&cause::keys_command_unsafe::CAUSE)
                .arg("path", at.as_slice())
                .arg("what", what)
                .arg("mode", found::octal(node.mode))
                .arg("owner", found::user_name(pass.world, node.uid))
                .arg("group", found::group_name(pass.world, node.gid))
                .evidence(found::path(pass.world, &at, &node));
            f = match wrong {
                Wrong::Owner => f.mend(sshwhy_world::Mend::Owner {
                    path: at.clone(),
                    uid: 0,
                }),
                Wrong::Writable(bits) => f
                    .arg("clear", if bits & 2 == 0 { "g-w" } else { "go-w" })
                    .mend(sshwhy_world::Mend::Mode {
                        path: at.clone(),
                        clear: bits,
                        set: 0,
                    }),
            };
            return Ok(Some(f));
        }
        if at == b"/" {
            return Ok(None);
        }
        at = parent(&at).to_vec();
    }
}

/// AuthorizedKeysCommand.
pub(crate) fn keys(
    pass: &mut Pass<'_>,
    search: &mut Search,
    wanted: Wanted<'_>,
) -> Gate<Option<Granted>> {
    let account = pass.account()?.clone();
    let Some(key) = pass.attempt.key.as_ref() else {
        return Err(Stop::Skipped);
    };
    let attempt = pass.attempt;
    let tokens = |t: u8| {
        Some(match t {
            b'%' => b"%".to_vec(),
            b'u' => account.name.clone(),
            b'U' => account.uid.to_string().into_bytes(),
            b'h' => account.home.clone(),
            b't' => key.type_name().to_vec(),
            b'k' => base64::encode(&key.blob).into_bytes(),
            b'f' => key.key.as_ref().ok()?.fingerprint().into_bytes(),
            b'C' => alloc::format!(
                "{} 0 {} {}",
                attempt.from.addr,
                attempt.to.addr,
                attempt.to.port
            )
            .into_bytes(),
            _ => return None,
        })
    };
    let answer = ask(
        pass,
        Kw::AuthorizedKeysCommand,
        Kw::AuthorizedKeysCommandUser,
        "AuthorizedKeysCommand",
        &tokens,
    )?;
    let Some((answer, line)) = answer else {
        return Ok(None);
    };
    let output = match answer {
        Asked::Said(outcome) => outcome.output,
        Asked::Refused(f) => {
            search.tried.push(Tried::new(Near::Unsafe, &line, *f));
            return Ok(None);
        }
    };
    let mut good = 0;
    for (i, raw) in output.split(|&b| b == b'\n').enumerate() {
        let parsed = Line::read(raw, &pass.server.rules);
        let span = match &parsed.kind {
            LineKind::Candidate(c) => {
                good += 1;
                Span::new(c.key_type.start, c.base64.end)
            }
            _ => Span::default(),
        };
        let answer = parsed.candidate_for(&wanted);
        let place = Place {
            file: &line,
            number: i as u64 + 1,
            raw,
            key: span,
        };
        match line_answer(pass, &place, answer, wanted) {
            Ok(Some(granted)) => return Ok(Some(granted)),
            Ok(None) => {}
            Err(Stop::Refused(f)) => search.tried.push(Tried::new(Near::OnALine, &line, *f)),
            Err(other) => return Err(other),
        }
    }
    if good == 0 && !output.trim_ascii().is_empty() {
        let first = output.split(|&b| b == b'\n').next().unwrap_or_default();
        let mut place = found::text(&line, 1, first, 0..first.len());
        place.detail = Some(b"the first line that it prints".to_vec());
        let f = Finding::new(&cause::keys_command_bad_output::CAUSE)
            .arg("command", line.as_slice())
            .evidence(place);
        search.tried.push(Tried::new(Near::Unsafe, &line, f));
    }
    Ok(None)
}

/// AuthorizedPrincipalsCommand.
pub(crate) fn principals(pass: &Pass<'_>, cert: &Certificate) -> Gate<Result<Granted, Finding>> {
    let account = pass.account()?.clone();
    let Some(key) = pass.attempt.key.as_ref() else {
        return Err(Stop::Skipped);
    };
    let ca = cert.ca_key();
    let tokens = |t: u8| {
        Some(match t {
            b'%' => b"%".to_vec(),
            b'u' => account.name.clone(),
            b'U' => account.uid.to_string().into_bytes(),
            b'h' => account.home.clone(),
            b't' => key.type_name().to_vec(),
            b'T' => ca.key_type().name().to_vec(),
            b'f' => key.key.as_ref().ok()?.fingerprint().into_bytes(),
            b'F' => ca.fingerprint().into_bytes(),
            b'k' => base64::encode(&key.blob).into_bytes(),
            b'K' => base64::encode(ca.plain_blob()).into_bytes(),
            b'i' => cert.key_id.clone(),
            b's' => cert.serial.to_string().into_bytes(),
            _ => return None,
        })
    };
    let which = &sshwhy_causes::certificate::cert_principals_command::CAUSE;
    let answer = ask(
        pass,
        Kw::AuthorizedPrincipalsCommand,
        Kw::AuthorizedPrincipalsCommandUser,
        "AuthorizedPrincipalsCommand",
        &tokens,
    )?;
    let fallback = || certificate::describe(which, cert);
    let Some((answer, line)) = answer else {
        return Ok(Err(fallback()));
    };
    match answer {
        Asked::Said(outcome) => {
            let answer = certificate::principals_text(pass, cert, &line, &outcome.output)?;
            let of_command = |inner: Finding| {
                let mut f = fallback().arg("command", line.as_slice());
                f.args.fill(&inner.args);
                f.evidence.extend(inner.evidence);
                f
            };
            Ok(answer
                .map(|mut granted| {
                    granted.refused = granted.refused.map(|f| Box::new(of_command(*f)));
                    granted
                })
                .map_err(of_command))
        }
        Asked::Refused(inner) => {
            let mut f = fallback().arg("detail", inner.cause.id);
            f.args.fill(&inner.args);
            f.evidence.extend(inner.evidence);
            Ok(Err(f))
        }
    }
}
