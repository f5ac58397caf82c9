//! PAM's session (`do_pam_session`): whether it opens, and the limits that it sets.

use super::ask::{Ask, Reply};
use super::choice::Choices;
use super::stack::{Entry, Kind, Trouble};
use super::{Outcome, Run, Type, aborted, access, code, is_missing, limits, service, simple};
use super::{stack_of, succeed_if};
use crate::pass::{Pass, Stop};
use alloc::collections::BTreeMap;
use sshwhy_causes::{Finding, after_auth as cause};
use sshwhy_world::{Account, Gap};

/// What fork(2) says where a limit is reached.
const EAGAIN: &str = "Resource temporarily unavailable";

/// What came of pam_open_session(3).
pub(crate) enum Opened {
    /// It opens, or may open.
    Yes {
        /// The limit on processes leaves no room for a session.
        no_room: Option<Finding>,
    },
    /// It does not, whatever the modules answer that no file shows.
    No(Finding),
}

/// pam_open_session(3), after the key was accepted.
pub(crate) fn session_phase(pass: &Pass<'_>, account: &Account) -> Result<Opened, Gap> {
    let service = match service(pass) {
        Ok(service) => service,
        Err(Stop::Unknown(gap, _)) => return Err(gap),
        Err(_) => return Ok(Opened::Yes { no_room: None }),
    };
    let stack = match stack_of(pass, &service, Type::Session) {
        Ok(stack) => stack,
        Err(Trouble::Gap(gap)) => return Err(gap),
        Err(Trouble::Abort { place, missing }) => {
            let why = aborted(place.as_ref(), missing);
            return Ok(Opened::No(failed(why, &service, code::ABORT)));
        }
    };
    let mut run = Run {
        pass,
        kind: Type::Session,
        stack: &stack,
        service: &service,
        account,
        memo: BTreeMap::new(),
    };
    if let Some((why, code)) = run.certain_refusal() {
        return Ok(Opened::No(failed(why, &service, code)));
    }
    let no_room = if account.uid == 0 {
        None
    } else {
        stack
            .entries
            .iter()
            .find_map(|e| room(&run, e).ok().flatten())
    };
    Ok(Opened::Yes { no_room })
}

/// A module's reason, as the cause that sshd makes of it.
fn failed(why: Finding, service: &[u8], code: code::Code) -> Finding {
    let mut finding = Finding::new(&cause::pam_session_failed::CAUSE)
        .arg("service", service)
        .arg("reason", code::text(code));
    finding.args.fill(&why.args);
    finding.evidence = why.evidence;
    finding
}

impl Run<'_, '_> {
    /// The refusal, if every combination of what is not known ends in one.
    fn certain_refusal(&mut self) -> Option<(Finding, code::Code)> {
        let mut choices = Choices::default();
        let mut first = None;
        loop {
            match self.once(&mut choices) {
                Outcome::Accept { .. } => return None,
                Outcome::Refuse { finding, code, .. } => {
                    first = first.or(Some((*finding, code)));
                }
            }
            if !choices.next() {
                break;
            }
        }
        first.filter(|_| !choices.exhausted())
    }
}

/// pam_limits with a limit on processes that the session's own two already pass.
fn room(run: &Run<'_, '_>, entry: &Entry) -> Result<Option<Finding>, Gap> {
    let Kind::Module { args, .. } = &entry.kind else {
        return Ok(None);
    };
    if entry.module() != b"pam_limits" {
        return Ok(None);
    }
    let mut choices = Choices::default();
    let ask = Ask {
        pass: run.pass,
        account: run.account,
        service: run.service,
        entry,
        args,
        choices: &mut choices,
    };
    let Some(limit) = limits::lowest(&ask, b"nproc")?.filter(|l| l.value <= 1) else {
        return Ok(None);
    };
    let finding = Finding::new(&cause::setuid_resource_limit::CAUSE)
        .arg("reason", EAGAIN)
        .arg("file", limit.file.as_slice())
        .evidence(limit.evidence())
        .evidence(entry.place.evidence());
    Ok(Some(finding))
}

/// The modules whose answer files show. `None`: it is not one of them.
pub(super) fn modelled(ask: &mut Ask<'_, '_>, path: &[u8]) -> Result<Option<Reply>, Gap> {
    let reply = match ask.entry.module() {
        b"pam_deny" => ask.denied(code::SESSION_ERR, "pam_deny refuses everybody"),
        b"pam_permit" | b"pam_unix" => code::SUCCESS.into(),
        b"pam_warn" => code::IGNORE.into(),
        b"pam_limits" => limits::logins(ask)?,
        // For these a session is asked for like a login.
        b"pam_access" => access::account(ask)?,
        b"pam_succeed_if" => succeed_if::account(ask)?,
        b"pam_listfile" => simple::listfile(ask)?,
        b"pam_localuser" => simple::localuser(ask)?,
        // These have no function for sessions.
        b"pam_cap" | b"pam_faildelay" | b"pam_faillock" | b"pam_ftp" | b"pam_group"
        | b"pam_issue" | b"pam_nologin" | b"pam_pwhistory" | b"pam_rhosts" | b"pam_rootok"
        | b"pam_securetty" | b"pam_sepermit" | b"pam_shells" | b"pam_time" | b"pam_userdb"
        | b"pam_wheel" => ask.denied(code::MODULE_UNKNOWN, "the module has no session phase"),
        _ if is_missing(ask.pass.world, path)? => {
            ask.denied(code::MODULE_UNKNOWN, "the module is not installed")
        }
        _ => return Ok(None),
    };
    Ok(Some(reply))
}
