//! PAM's account phase (`do_pam_account`) and its sessions, as far as files show them.
//!
//! The stack of the service is read and walked as libpam does. Modules whose answer files decide
//! are modelled; of the others every plausible answer is tried, and where all of them lead to the
//! same end, that end is known.

mod access;
mod ask;
pub(crate) mod choice;
mod code;
mod limits;
mod session;
mod simple;
mod stack;
pub(crate) use session::{Opened, session_phase};
pub(crate) use stack::{Stack, Type};
mod succeed_if;
mod time;
mod unix;

use crate::Gate;
use crate::conf::Kw;
use crate::found;
use crate::pass::{Pass, Stop};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::vec::Vec;
use ask::{Ask, Reply};
use choice::Choices;
use code::{Action, Code};
use sshwhy_causes::Finding;
use sshwhy_causes::signature as cause;
use sshwhy_world::resolve::{join, resolve};
use sshwhy_world::{Account, Feature, Gap, World};
use stack::{End, Entry, Kind, Trouble, walk};

/// Most failing modules among which the one to blame is searched.
const MOST_FAILING: usize = 8;

/// A stack of the service, read once for a server: no mend touches the files of PAM.
fn stack_of(pass: &Pass<'_>, service: &[u8], kind: Type) -> Result<Rc<Stack>, Trouble> {
    let key = (service.to_vec(), kind);
    if let Some(stack) = pass.server.pam.borrow().get(&key) {
        return Ok(Rc::clone(stack));
    }
    let stack = Rc::new(Stack::read(pass.world, service, kind)?);
    pass.server.pam.borrow_mut().insert(key, Rc::clone(&stack));
    Ok(stack)
}

/// `start_pam`: libpam reads its files as soon as the user is known, and where it gives up on them
/// sshd ends the connection before a key is asked about.
pub(crate) fn starts(pass: &mut Pass<'_>) -> Gate {
    if !pass.conf.is(Kw::UsePAM)? {
        return Ok(());
    }
    let service = service(pass)?;
    match stack_of(pass, &service, Type::Account) {
        Ok(_) => Ok(()),
        Err(Trouble::Gap(gap)) => Err(gap.into()),
        Err(Trouble::Abort { place, missing }) => {
            let finding = aborted(place.as_ref(), missing).arg("service", service.as_slice());
            refuse(pass, finding, code::ABORT)
        }
    }
}

/// pam_acct_mgmt(3), after the key.
pub(crate) fn account_phase(pass: &mut Pass<'_>) -> Gate {
    if !pass.conf.is(Kw::UsePAM)? {
        pass.say("UsePAM no");
        return Ok(());
    }
    let account = pass.account()?.clone();
    let service = service(pass)?;
    let stack = match stack_of(pass, &service, Type::Account) {
        Ok(stack) => stack,
        Err(Trouble::Gap(gap)) => return Err(gap.into()),
        Err(Trouble::Abort { place, missing }) => {
            let finding = aborted(place.as_ref(), missing).arg("service", service.as_slice());
            return refuse(pass, finding, code::ABORT);
        }
    };
    let mut run = Run {
        pass,
        kind: Type::Account,
        stack: &stack,
        service: &service,
        account: &account,
        memo: BTreeMap::new(),
    };
    let ends = run.all();
    let open = ends.iter().find_map(|e| match e {
        Outcome::Refuse { gaps, .. } => gaps.first(),
        Outcome::Accept { .. } => None,
    });
    let open = open.cloned();
    let accepts = ends
        .iter()
        .filter(|e| matches!(e, Outcome::Accept { .. }))
        .count();
    let new_password = ends
        .iter()
        .all(|e| matches!(e, Outcome::Accept { new_password: true }));
    let refusal = ends.into_iter().find_map(|e| match e {
        Outcome::Refuse { finding, code, .. } => Some((*finding, code)),
        Outcome::Accept { .. } => None,
    });
    match refusal {
        None => {
            pass.new_password = new_password;
            let answer = if new_password {
                code::NEW_AUTHTOK_REQD
            } else {
                code::SUCCESS
            };
            pass.say(detail(&service, answer));
            Ok(())
        }
        Some((finding, code)) if accepts == 0 => {
            pass.say(detail(&service, code));
            refuse(pass, finding, code)
        }
        Some((finding, code)) => {
            if pass.world.waived(finding.cause.id) {
                return Ok(());
            }
            let gap = open.unwrap_or_else(|| {
                Gap::could_not(
                    "what PAM's account phase answers",
                    "its modules are too many",
                    "",
                )
            });
            Err(Stop::Unknown(
                gap,
                Some(Box::new(with_status(pass, finding, code)?)),
            ))
        }
    }
}

fn detail(service: &[u8], code: Code) -> Vec<u8> {
    let mut out = b"PAM service ".to_vec();
    out.extend_from_slice(service);
    out.extend_from_slice(format!(": {code} ({})", code::text(code)).as_bytes());
    out
}

fn with_status(pass: &Pass<'_>, finding: Finding, code: Code) -> Gate<Finding> {
    let said = pass.conf.flag(Kw::UsePAM)?;
    Ok(finding
        .arg("status", code.to_string())
        .arg("reason", code::text(code))
        .evidence(found::setting(&said)))
}

fn refuse(pass: &Pass<'_>, finding: Finding, code: Code) -> Gate {
    pass.refuse(with_status(pass, finding, code)?)
}

/// The service's name. Before 9.8 it is the name of the program, which is `sshd`.
fn service(pass: &Pass<'_>) -> Gate<Vec<u8>> {
    if pass.has(Feature::PamServiceFixed)
        && let Some(name) = pass.conf.text(Kw::PAMServiceName)?.value
    {
        return Ok(name);
    }
    Ok(b"sshd".to_vec())
}

/// libpam gives up before any module is asked.
fn aborted(place: Option<&stack::Place>, missing: bool) -> Finding {
    let which = if missing {
        &cause::pam_service_missing::CAUSE
    } else {
        &cause::pam_denied::CAUSE
    };
    let mut finding = Finding::new(which);
    match place {
        Some(place) => {
            finding.args.set("file", place.file.as_slice());
            finding.args.set("line", place.line.to_string());
            let mut evidence = place.evidence();
            let why = if missing {
                &b"the file that it names cannot be opened, and libpam gives up"[..]
            } else {
                b"libpam gives up here"
            };
            evidence.detail = Some(why.to_vec());
            finding.evidence.push(evidence);
        }
        None => finding.evidence.push(found::absent(b"/etc/pam.d/sshd")),
    }
    finding
}

/// How one combination of answers ended.
enum Outcome {
    Accept {
        new_password: bool,
    },
    Refuse {
        finding: Box<Finding>,
        code: Code,
        gaps: Vec<Gap>,
    },
}

struct Run<'p, 'a> {
    pass: &'p Pass<'a>,
    kind: Type,
    stack: &'p Stack,
    service: &'p [u8],
    account: &'p Account,
    /// Answers that hang on no missing fact.
    memo: BTreeMap<usize, Reply>,
}

impl Run<'_, '_> {
    /// Every combination of what is not known.
    fn all(&mut self) -> Vec<Outcome> {
        let mut choices = Choices::default();
        let mut out = Vec::new();
        let mut gaps;
        loop {
            let outcome = self.once(&mut choices);
            out.push(outcome);
            gaps = choices.gaps().to_vec();
            if !choices.next() {
                break;
            }
        }
        if choices.exhausted() {
            // What was not tried may end otherwise, either way.
            out.push(Outcome::Accept {
                new_password: false,
            });
            out.push(Outcome::Refuse {
                finding: Box::new(self.plain(None)),
                code: code::PERM_DENIED,
                gaps,
            });
        }
        out
    }

    fn once(&mut self, choices: &mut Choices) -> Outcome {
        let mut findings = BTreeMap::new();
        let end = self.walk(choices, &[], &mut findings);
        if end.code == code::SUCCESS || end.code == code::NEW_AUTHTOK_REQD {
            return Outcome::Accept {
                new_password: end.code == code::NEW_AUTHTOK_REQD,
            };
        }
        let gaps = choices.gaps().to_vec();
        let blamed = self.blame(&end, choices);
        let entry = blamed.and_then(|i| self.stack.entries.get(i));
        let finding = blamed
            .and_then(|i| findings.remove(&i))
            .unwrap_or_else(|| self.plain(entry));
        let finding = if self.stack.missing
            && self.stack.other
            && finding.cause.id == cause::pam_denied::CAUSE.id
        {
            let path = [&b"/etc/pam.d/"[..], self.service].concat();
            let mut missing = Finding::new(&cause::pam_service_missing::CAUSE)
                .arg("path", path.as_slice())
                .evidence(found::absent(&path));
            missing.args.fill(&finding.args);
            missing.evidence.extend(finding.evidence);
            missing
        } else {
            finding
        };
        Outcome::Refuse {
            finding: Box::new(finding),
            code: end.code,
            gaps,
        }
    }

    fn plain(&self, entry: Option<&Entry>) -> Finding {
        let mut finding = Finding::new(&cause::pam_denied::CAUSE).arg("service", self.service);
        if let Some(entry) = entry {
            let mut evidence = entry.place.evidence();
            if entry.kind == Kind::MustFail {
                evidence.detail = Some(b"libpam does not understand this line".to_vec());
            }
            finding.args.set("file", entry.place.file.as_slice());
            finding.args.set("line", entry.place.line.to_string());
            finding.args.set("module", entry.module());
            finding.evidence.push(evidence);
        }
        finding
    }

    /// The module whose `no` decides: the first of the fewest that would have to say yes. The one
    /// that libpam's answer comes from goes first, except a pam_deny that only closes a list.
    fn blame(&mut self, end: &End, choices: &mut Choices) -> Option<usize> {
        let entries = &self.stack.entries;
        let failing: Vec<usize> = end
            .asked
            .iter()
            .filter(|(i, c)| {
                let closing = entries
                    .get(*i)
                    .is_none_or(|e| e.kind == Kind::MustFail || e.module() == b"pam_deny");
                !closing && !matches!(*c, code::SUCCESS | code::NEW_AUTHTOK_REQD | code::IGNORE)
            })
            .map(|(i, _)| *i)
            .take(MOST_FAILING)
            .collect();
        let sets = 1u32 << failing.len();
        for size in 1..=failing.len() as u32 {
            let mut best = None;
            for set in (1..sets).filter(|s| s.count_ones() == size) {
                let chosen: Vec<usize> = failing
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| set >> bit & 1 == 1)
                    .map(|(_, i)| *i)
                    .collect();
                choices.rewind();
                let end_then = self.walk(choices, &chosen, &mut BTreeMap::new());
                if !matches!(end_then.code, code::SUCCESS | code::NEW_AUTHTOK_REQD) {
                    continue;
                }
                if end.decider.is_some_and(|d| chosen.contains(&d)) && size == 1 {
                    best = chosen.first().copied();
                    break;
                }
                best = best.or(chosen.first().copied());
            }
            if best.is_some() {
                // The try is taken again, so that what comes next is not shifted.
                choices.rewind();
                self.walk(choices, &[], &mut BTreeMap::new());
                return best;
            }
        }
        choices.rewind();
        self.walk(choices, &[], &mut BTreeMap::new());
        end.decider.or(failing.first().copied())
    }

    /// One walk. The modules of `yes` answer with success.
    fn walk(
        &mut self,
        choices: &mut Choices,
        yes: &[usize],
        findings: &mut BTreeMap<usize, Finding>,
    ) -> End {
        let entries = &self.stack.entries;
        walk(entries, |i, entry| {
            let reply = match self.memo.get(&i) {
                Some(reply) => reply.clone(),
                None => {
                    let before = choices.used();
                    let reply = self.reply(entry, choices);
                    if choices.used() == before {
                        self.memo.insert(i, reply.clone());
                    }
                    reply
                }
            };
            if let Some(finding) = reply.finding {
                if self.pass.world.waived(finding.cause.id) {
                    return code::SUCCESS;
                }
                findings.insert(i, finding);
            }
            if yes.contains(&i) {
                code::SUCCESS
            } else {
                reply.code
            }
        })
    }

    fn reply(&self, entry: &Entry, choices: &mut Choices) -> Reply {
        let Kind::Module { path, args } = &entry.kind else {
            return code::PERM_DENIED.into();
        };
        let mut ask = Ask {
            pass: self.pass,
            account: self.account,
            service: self.service,
            entry,
            args,
            choices,
        };
        let answer = match self.kind {
            Type::Session => session::modelled(&mut ask, path),
            _ => modelled(&mut ask, path),
        };
        match answer {
            Ok(Some(reply)) => reply,
            Ok(None) => {
                let gap = ask.unmodelled();
                self.any(&mut ask, &gap)
            }
            Err(gap) => self.any(&mut ask, &gap),
        }
    }

    /// Any plausible answer: of those that the control field treats alike, one.
    fn any(&self, ask: &mut Ask<'_, '_>, gap: &Gap) -> Reply {
        let mut seen: Vec<(Action, bool)> = Vec::new();
        let mut codes: Vec<Code> = Vec::new();
        for &code in code::PLAUSIBLE {
            let good = matches!(code, code::SUCCESS | code::NEW_AUTHTOK_REQD);
            let kind = (ask.entry.control.of(code), good);
            if !seen.contains(&kind) || good {
                seen.push(kind);
                codes.push(code);
            }
        }
        let chosen = ask.choices.pick(codes.len(), gap);
        let code = codes.get(chosen).copied().unwrap_or(code::SUCCESS);
        if matches!(code, code::SUCCESS | code::NEW_AUTHTOK_REQD | code::IGNORE) {
            return code.into();
        }
        ask.denied(code, gap.what.clone())
    }
}

/// The modules whose answer files show. `None`: it is not one of them.
fn modelled(ask: &mut Ask<'_, '_>, path: &[u8]) -> Result<Option<Reply>, Gap> {
    let reply = match ask.entry.module() {
        b"pam_unix" => unix::account(ask)?,
        b"pam_nologin" => simple::nologin(ask)?,
        b"pam_access" => access::account(ask)?,
        b"pam_time" => time::account(ask)?,
        b"pam_succeed_if" => succeed_if::account(ask)?,
        b"pam_listfile" => simple::listfile(ask)?,
        b"pam_localuser" => simple::localuser(ask)?,
        b"pam_shells" => simple::shells(ask)?,
        b"pam_usertype" => simple::usertype(ask)?,
        b"pam_deny" => ask.denied(code::AUTH_ERR, "pam_deny refuses everybody"),
        // sshd runs as root; pam_faillock counts in the auth phase, which a key does not enter.
        b"pam_permit" | b"pam_rootok" | b"pam_faillock" | b"pam_userdb" => code::SUCCESS.into(),
        b"pam_warn" => code::IGNORE.into(),
        b"pam_env" => ask.denied(code::SERVICE_ERR, "pam_env has no account phase"),
        // These have no function for the account phase.
        b"pam_cap" | b"pam_faildelay" | b"pam_ftp" | b"pam_group" | b"pam_issue"
        | b"pam_keyinit" | b"pam_limits" | b"pam_mail" | b"pam_mkhomedir" | b"pam_motd"
        | b"pam_namespace" | b"pam_pwhistory" | b"pam_rhosts" | b"pam_selinux"
        | b"pam_setquota" | b"pam_systemd" | b"pam_timestamp" | b"pam_tty_audit" | b"pam_umask"
        | b"pam_xauth" => ask.denied(code::MODULE_UNKNOWN, "the module has no account phase"),
        _ if is_missing(ask.pass.world, path)? => {
            ask.denied(code::MODULE_UNKNOWN, "the module is not installed")
        }
        _ => return Ok(None),
    };
    Ok(Some(reply))
}

/// Whether the directory that holds PAM's own modules is there, and this one is not in it.
fn is_missing(world: &dyn World, path: &[u8]) -> Result<bool, Gap> {
    let there = |path: &[u8]| -> Result<bool, Gap> { Ok(resolve(world, path, None)?.is_ok()) };
    if path.first() == Some(&b'/') {
        return Ok(there(b"/usr/lib")? && !there(path)?);
    }
    let mut dirs: Vec<Vec<u8>> = [
        &b"/usr/lib/security"[..],
        b"/usr/lib64/security",
        b"/lib/security",
        b"/lib64/security",
    ]
    .iter()
    .map(|d| d.to_vec())
    .collect();
    for machine in [
        "x86_64",
        "aarch64",
        "i386",
        "riscv64",
        "powerpc64le",
        "s390x",
    ] {
        dirs.push(format!("/usr/lib/{machine}-linux-gnu/security").into_bytes());
        dirs.push(format!("/lib/{machine}-linux-gnu/security").into_bytes());
    }
    dirs.push(b"/usr/lib/arm-linux-gnueabihf/security".to_vec());
    let mut home = false;
    for dir in dirs {
        if there(&join(&dir, b"pam_permit.so"))? {
            home = true;
            if there(&join(&dir, path))? {
                return Ok(false);
            }
        }
    }
    Ok(home)
}
