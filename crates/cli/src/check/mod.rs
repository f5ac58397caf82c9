//! `sshwhy check`: from the client, as much truth as the wire allows.

mod advice;
pub mod args;
pub(crate) mod entry;
mod json;
mod plan;
pub(crate) mod text;
pub(crate) mod via;

use crate::args::Format;
use crate::failure::Failure;
use crate::key::secret_input;
use crate::output;
use crate::questions;
use args::{As, Check};
use sshwhy_check::budget::Budget;
use sshwhy_check::identity::{self, Identity, Offers};
use sshwhy_check::probe::{Known, Limits, Question, Report, Stop, probe};
pub(crate) use sshwhy_check::proven::subject;
use sshwhy_check::putty::{self, Saved};
use sshwhy_check::target::{Asked, Habits, NoTarget, Target};
use sshwhy_check::{famous, hosts, local, names, others};
use sshwhy_keys::{Format as KeyFormat, sniff};
use sshwhy_rank::Place;
use std::cell::RefCell;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Most connections of one run that may fail.
const MOST_FAILING: usize = 2;

/// What was found out.
pub(crate) struct Outcome {
    pub(crate) target: Target,
    pub(crate) offers: Offers,
    /// The user's further keys.
    pub(crate) others: Vec<Identity>,
    pub(crate) report: Report,
    /// The key that the login is about.
    pub(crate) subject: Option<usize>,
}

pub(crate) fn run(args: &Check) -> Result<u8, Failure> {
    let (target, saved, configured) = target(args)?;
    let offers = identity::gather(&target, &args.identity);
    if args.collect {
        return via::collect(args, &target, &offers);
    }
    let known = known(args, &target, &saved)?;
    let budget = Budget::of_user();
    let others = if args.no_other_keys || !target.tries_keys() {
        Vec::new()
    } else {
        others::gather(&others::folders(&target, &offers), &offers, target.habits)
    };
    let plan = plan::Plan::new(&target, &offers, &others, budget.as_ref());
    if args.dry_run {
        return output::print(&args.common, 0, |out| match args.common.format {
            Format::Text => plan.text(&target, &offers, out),
            Format::Json => plan.json(&target, &offers, out),
        });
    }
    if plan.wait > Duration::ZERO {
        if args.no_wait {
            return output::print(&args.common, 3, |out| match args.common.format {
                Format::Text => plan.text(&target, &offers, out),
                Format::Json => plan.json(&target, &offers, out),
            });
        }
        wait_for(plan.wait);
    }
    if let Some(way) = &args.via {
        return via::run(args, way, target, offers, &known, &plan.order);
    }
    let keys = Keys {
        offers: &offers,
        order: &plan.order,
        others: &others,
    };
    let (mut report, connections) = ask(args, &target, &keys, &known, budget.as_ref())?;
    let subject = subject(&offers, &report);
    let identity = subject.and_then(|i| offers.identities.get(i));
    if let Some(identity) = identity.filter(|_| report.place(subject) == Place::Query)
        && connections < MOST_FAILING
        && !args.no_other_name
    {
        let asking = Asking {
            args,
            target: &target,
            known: &known,
            budget: budget.as_ref(),
        };
        asking.for_another_name(configured, identity, &mut report);
    }
    let outcome = Outcome {
        target,
        offers,
        others,
        report,
        subject,
    };
    let answers = match entry::open(&outcome).filter(|_| args.ask) {
        Some(signs) => questions::asked(&signs),
        None => Vec::new(),
    };
    let entry = entry::of(&outcome, &answers);
    let document = sshwhy_report::Document {
        command: "check",
        server: None,
        results: vec![entry],
    };
    let code = document.exit_code();
    output::print(&args.common, code, |out| match args.common.format {
        Format::Text => text::render(&outcome, &document, args.common.verbose, out),
        Format::Json => json::render(&outcome, &document, out),
    })
}

fn wait_for(time: Duration) {
    eprintln!(
        "sshwhy: waiting {} s, so that the server lays no penalty on this address",
        time.as_secs()
    );
    std::thread::sleep(time);
}

/// What a run has to ask about.
struct Keys<'a> {
    offers: &'a Offers,
    /// Which are offered, by their place.
    order: &'a [usize],
    others: &'a [Identity],
}

/// What another connection needs.
struct Asking<'a> {
    args: &'a Check,
    target: &'a Target,
    known: &'a Known,
    budget: Option<&'a Budget>,
}

impl Asking<'_> {
    /// Asks whether the refused key is for another name, where something points to one and the server's
    /// patience allows it now.
    fn for_another_name(
        &self,
        configured: Option<names::OtherName>,
        identity: &Identity,
        report: &mut Report,
    ) {
        let target = self.target;
        let wait = self.budget.map(|b| b.wait(&target.host, target.port));
        if wait.is_some_and(|w| w > Duration::ZERO) || famous::service(&target.host).is_some() {
            return;
        }
        let Some(name) = names::likely(configured, target, identity, report) else {
            return;
        };
        let question = Question {
            identities: &[],
            order: &[],
            others: &[],
            known: self.known,
            limits: limits(self.args),
            passphrase: &|_| None,
        };
        let (said, asked) = names::would_take(target, &name, identity, &question, &mut probe);
        note(self.args, target, &asked, self.budget);
        report.other_name = said.map(|welcome| (name, welcome));
    }
}

/// What one connection may cost.
fn limits(args: &Check) -> Limits {
    let answer = Duration::from_secs(args.timeout);
    Limits {
        answer,
        total: answer.saturating_mul(6),
        session: args.session,
        ..Limits::default()
    }
}

/// Keeps count of a connection that failed.
fn note(args: &Check, target: &Target, report: &Report, budget: Option<&Budget>) {
    if report.failed()
        && report.may_be_penalised()
        && let Some(budget) = budget
        && let Err(e) = budget.record(&target.host, target.port)
    {
        output::progress(&args.common, || {
            format!("the state folder cannot be written: {e}")
        });
    }
}

/// Makes the connections, the second where the first could not hear all keys; and how many.
fn ask(
    args: &Check,
    target: &Target,
    keys: &Keys<'_>,
    known: &Known,
    budget: Option<&Budget>,
) -> Result<(Report, usize), Failure> {
    let given = args
        .passphrase_file
        .as_deref()
        .map(secret_input::from_file)
        .transpose()?;
    let asked: RefCell<Vec<(PathBuf, Zeroizing<Vec<u8>>)>> = RefCell::new(Vec::new());
    let passphrase = |path: &Path| -> Option<Zeroizing<Vec<u8>>> {
        if let Some(given) = &given {
            return Some(Zeroizing::new(given.as_bytes().to_vec()));
        }
        if let Some((_, word)) = asked.borrow().iter().find(|(p, _)| p == path) {
            return Some(word.clone());
        }
        let prompt = format!(
            "Passphrase for {}: ",
            sshwhy_report::safe::shown(path.as_os_str().as_bytes())
        );
        let word = secret_input::ask(&prompt).ok()?;
        let word = Zeroizing::new(word.as_bytes().to_vec());
        asked.borrow_mut().push((path.to_owned(), word.clone()));
        Some(word)
    };
    let limits = limits(args);
    let mut connections = 0;
    let mut rest = keys.order.to_vec();
    let mut report = Report::default();
    let failures_before = budget.map_or(0, |b| b.failures(&target.host, target.port));
    for round in 0..MOST_FAILING {
        let wait = budget.map_or(Duration::ZERO, |b| b.wait(&target.host, target.port));
        if round > 0 && wait > Duration::ZERO {
            if args.no_wait {
                break;
            }
            wait_for(wait);
        }
        let question = Question {
            identities: &keys.offers.identities,
            order: &rest,
            others: keys.others,
            known,
            limits,
            passphrase: &passphrase,
        };
        let mut next = probe(target, &question);
        connections += 1;
        note(args, target, &next, budget);
        if round > 0 && next.methods.is_none() && !next.open {
            // The first one knows more.
            break;
        }
        let mut before = std::mem::take(&mut report.tried);
        before.append(&mut next.tried);
        next.tried = before;
        report = next;
        rest.retain(|i| report.of(*i).is_none());
        if report.stop != Some(Stop::Refusals) || rest.is_empty() || round + 1 == MOST_FAILING {
            break;
        }
    }
    report.failures_before = failures_before;
    Ok((report, connections))
}

/// Whose habits, and whom to ask; and the name that the user's settings have for this host instead.
fn target(args: &Check) -> Result<(Target, Saved, Option<names::OtherName>), Failure> {
    let bytes = |s: &std::ffi::OsString| s.as_bytes().to_vec();
    let asked = Asked {
        target: args.target.as_ref().map(bytes).unwrap_or_default(),
        port: args.port,
        user: None,
        config: args
            .config
            .as_ref()
            .map(|p| p.as_os_str().as_bytes().to_vec()),
        options: Vec::new(),
        session: args.putty_session.as_ref().map(bytes),
    };
    find(
        args.habits,
        &args.identity,
        args.putty_reg.as_deref(),
        &asked,
    )
    .and_then(|(found, saved)| {
        let target = found.map_err(|e| Failure::new("no server to ask", e.why, e.help))?;
        let configured = names::configured(&asked, &saved, &target);
        Ok((target, saved, configured))
    })
}

/// Whom `asked` means with these habits; where none are named, PuTTY's for a saved session, a registry
/// export or a PPK among `identity`. The inner error: there is no such server.
pub(crate) fn find(
    habits: Option<As>,
    identity: &[PathBuf],
    putty_reg: Option<&Path>,
    asked: &Asked,
) -> Result<(Result<Target, NoTarget>, Saved), Failure> {
    let is_ppk = |path: &PathBuf| {
        local::read(path).is_ok_and(|data| {
            let data = Zeroizing::new(data);
            let found = sniff(&data);
            found
                .blocks
                .iter()
                .any(|b| matches!(b.format, KeyFormat::Ppk { .. }))
        })
    };
    let putty = match habits {
        Some(As::Putty) => true,
        Some(As::Openssh) => false,
        None => asked.session.is_some() || putty_reg.is_some() || identity.iter().any(is_ppk),
    };
    let saved = match putty_reg {
        Some(file) => {
            let fail = |why: String| {
                Failure::new(
                    format!("cannot read PuTTY's settings from {}", file.display()),
                    why,
                    "on Windows: reg export HKCU\\Software\\SimonTatham\\PuTTY putty.reg",
                )
            };
            let data = local::read(file).map_err(|e| fail(e.to_string()))?;
            putty::from_reg(&data)
                .map_err(|e| fail(format!("line {}: expected {}", e.line, e.expected)))?
        }
        None if putty => putty::from_files(&|name| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        }),
        None => Saved::default(),
    };
    let target = if putty {
        Target::putty(asked, &saved)
    } else {
        Target::openssh(asked)
    };
    Ok((target, saved))
}

/// All host keys that this client knows.
fn known(args: &Check, target: &Target, saved: &Saved) -> Result<Known, Failure> {
    if let Some(given) = &args.host_key
        && !given.starts_with("SHA256:")
    {
        return Err(Failure::new(
            "the host key's fingerprint is not one",
            format!("expected SHA256:…, found {given}"),
            "on the server: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        ));
    }
    let mut known = Known {
        given: args
            .host_key
            .as_ref()
            .map(|g| g.trim_end_matches('=').to_owned()),
        ..Known::default()
    };
    match target.habits {
        Habits::Putty => known.putty = putty::known(saved, &target.host, target.port),
        Habits::OpenSsh => known.files = hosts::files(target),
    }
    Ok(known)
}
