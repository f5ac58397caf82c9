//! pam_succeed_if: conditions on the account.

use super::ask::{Ask, Reply, TTY, number};
use super::code::{self, Code};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::signature::pam_succeed_if;
use sshwhy_world::Gap;

const FLAGS: [&[u8]; 6] = [
    b"debug",
    b"use_uid",
    b"quiet",
    b"quiet_fail",
    b"quiet_success",
    b"audit",
];

pub(super) fn account(ask: &mut Ask<'_, '_>) -> Result<Reply, Gap> {
    if ask.flag(b"use_uid") {
        // It asks about the one sshd runs as.
        match ask.pass.world.account(b"root").known()? {
            Some(root) => {
                let mut other = Ask {
                    pass: ask.pass,
                    account: &root,
                    service: ask.service,
                    entry: ask.entry,
                    args: ask.args,
                    choices: ask.choices,
                };
                return conditions(&mut other);
            }
            None => return Ok(ask.denied(code::USER_UNKNOWN, "uid 0 has no account")),
        }
    }
    conditions(ask)
}

fn conditions(ask: &mut Ask<'_, '_>) -> Result<Reply, Gap> {
    let words: Vec<Vec<u8>> = ask
        .args
        .iter()
        .filter(|a| !FLAGS.contains(&a.as_slice()))
        .cloned()
        .collect();
    let mut triples = words.chunks_exact(3);
    for triple in triples.by_ref() {
        let [left, test, right] = triple else { break };
        let answer = holds(ask, left, test, right)?;
        if answer != code::SUCCESS {
            let pattern = triple.join(&b' ');
            if answer == code::SERVICE_ERR {
                let why = format!(
                    "pam_succeed_if does not understand \"{}\"",
                    pattern.escape_ascii()
                );
                return Ok(ask.denied(answer, why));
            }
            let finding = ask.finding(&pam_succeed_if::CAUSE).arg("pattern", pattern);
            return Ok(Reply {
                code: answer,
                finding: Some(finding),
            });
        }
    }
    if !triples.remainder().is_empty() {
        return Ok(ask.denied(code::SERVICE_ERR, "pam_succeed_if has half a condition"));
    }
    Ok(code::SUCCESS.into())
}

fn holds(ask: &mut Ask<'_, '_>, left: &[u8], test: &[u8], right: &[u8]) -> Result<Code, Gap> {
    let is = |name: &[u8]| left.eq_ignore_ascii_case(name);
    let account = ask.account;
    let value: Vec<u8> = if is(b"login") || is(b"name") || is(b"user") {
        account.name.clone()
    } else if is(b"uid") {
        account.uid.to_string().into_bytes()
    } else if is(b"gid") {
        account.gid.to_string().into_bytes()
    } else if is(b"shell") {
        account.shell.clone()
    } else if is(b"home") || is(b"dir") || is(b"homedir") {
        account.home.clone()
    } else if is(b"service") {
        ask.service.to_vec()
    } else if is(b"ruser") {
        Vec::new()
    } else if is(b"rhost") {
        ask.rhost()?
    } else if is(b"tty") {
        TTY.to_vec()
    } else {
        return Ok(code::SERVICE_ERR);
    };
    let answer = |yes: bool| if yes { code::SUCCESS } else { code::AUTH_ERR };
    let numbers = |f: fn(i64, i64) -> bool| match (number(&value), number(right)) {
        (Some(l), Some(r)) => answer(f(l, r)),
        _ => code::SERVICE_ERR,
    };
    let listed = || right.split(|&b| b == b':').any(|w| w == value);
    let test = test.to_ascii_lowercase();
    Ok(match test.as_slice() {
        b"<" | b"lt" => numbers(|l, r| l < r),
        b"<=" | b"le" => numbers(|l, r| l <= r),
        b">" | b"gt" => numbers(|l, r| l > r),
        b">=" | b"ge" => numbers(|l, r| l >= r),
        b"eq" => numbers(|l, r| l == r),
        b"ne" => numbers(|l, r| l != r),
        b"=" => answer(value == right),
        b"!=" => answer(value != right),
        b"=~" | b"glob" => answer(matches(right, &value)),
        b"!~" | b"noglob" => answer(!matches(right, &value)),
        b"in" => answer(listed()),
        b"notin" => answer(!listed()),
        b"ingroup" | b"notingroup" => {
            let mut member = false;
            for group in right.split(|&b| b == b':').filter(|g| !g.is_empty()) {
                member |= ask.in_group(group)?;
            }
            answer(member == (test == b"ingroup"))
        }
        b"innetgr" | b"notinnetgr" => {
            let gap = Gap::not_looked(
                format!(
                    "whether {} is in the netgroup {}",
                    ask.account.name.escape_ascii(),
                    right.escape_ascii()
                ),
                "netgroups were not looked up",
                "getent netgroup, on the server",
            );
            answer(ask.choices.pick(2, &gap) == 0)
        }
        _ => code::SERVICE_ERR,
    })
}

/// fnmatch(3) without flags: a leading dot is a letter like any other.
fn matches(pattern: &[u8], value: &[u8]) -> bool {
    sshwhy_config::glob_match(&[b"-", pattern].concat(), &[b"-", value].concat())
}
