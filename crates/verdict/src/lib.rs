//! What sshd decides about one login attempt, and why.
//!
//! [`judge`] walks the gates in the order of the real sshd and stops where it would stop. Each
//! gate asks the [`World`] and the configuration; what it finds is a [`Finding`] with a cause of
//! the catalogue. After a refusal the world is mended (in memory) and judged again, so that every
//! further obstacle is proven too.
//!
//! **Invariants:** no I/O, no clock, no words for people (those stand in `causes`). A gate over a
//! fact that is not known is `unknown`, and an attempt that no gate refuses but one leaves open is
//! undetermined.
#![no_std]
extern crate alloc;

mod account;
mod added;
mod algorithm;
mod certificate;
mod classes;
mod command;
mod conf;
mod doorway;
mod dropbear;
mod elsewhere;
mod found;
mod grant;
mod hosts_access;
mod keyfile;
mod lines;
mod listener;
mod method;
mod nearest;
mod negotiation;
mod notes;
mod pam;
mod pass;
mod rc_files;
mod revoked;
mod root;
mod server;
mod session;
mod signature;
mod sources;
mod startup;
mod strict;

pub use classes::{AddressClass, ListedKey, address_classes, key_files, listed_keys, local_ends};
pub use doorway::{Doorway, doorway};
pub use grant::{Grant, grant};
pub use server::{KEY_FILE_LIMIT, Server};

use alloc::vec::Vec;
use pass::{Pass, Stop};
use sshwhy_causes::{Certainty, Finding};
use sshwhy_world::{Attempt, Gap, Overlay, World};

/// Most obstacles that are looked for behind one another.
const MAX_OBSTACLES: usize = 12;

/// What sshd would answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The key is accepted.
    Accept,
    /// The login is refused.
    Refuse,
    /// A fact is missing.
    Undetermined,
}

impl Verdict {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Accept => "accept",
            Verdict::Refuse => "refuse",
            Verdict::Undetermined => "undetermined",
        }
    }
}

/// How one gate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It let the attempt through.
    Pass,
    /// It refused.
    Fail,
    /// A fact is missing.
    Unknown,
    /// It was not reached, or does not apply.
    Skipped,
}

impl Outcome {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Unknown => "unknown",
            Outcome::Skipped => "skipped",
        }
    }
}

/// One gate that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name, after the sshd function it mirrors.
    pub gate: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What decided, as bytes from outside.
    pub detail: Vec<u8>,
}

/// The whole answer.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What sshd would answer.
    pub verdict: Verdict,
    /// What stops this login first, then what would stop it once that is mended.
    pub causes: Vec<Finding>,
    /// What ends the session of an accepted key.
    pub after_login: Vec<Finding>,
    /// What is worth knowing and decides nothing.
    pub notes: Vec<Finding>,
    /// The gates in order.
    pub trace: Vec<Step>,
    /// The facts that are missing, where they decide.
    pub gaps: Vec<Gap>,
}

impl Judgement {
    /// The cause that stops this login.
    #[must_use]
    pub fn first(&self) -> Option<&Finding> {
        self.causes.first()
    }
}

/// Judges one attempt.
#[must_use]
pub fn judge(server: &Server, world: &dyn World, attempt: &Attempt) -> Judgement {
    let mut first = walk(server, world, attempt, true);
    let mut judgement = Judgement {
        verdict: first.verdict,
        causes: Vec::new(),
        after_login: Vec::new(),
        notes: Vec::new(),
        trace: core::mem::take(&mut first.trace),
        gaps: core::mem::take(&mut first.gaps),
    };
    match first.verdict {
        Verdict::Refuse => {
            judgement.causes.extend(first.refusal.take());
            further_obstacles(server, world, attempt, &mut judgement.causes);
            judgement.gaps.clear();
        }
        Verdict::Undetermined => judgement.causes.append(&mut first.open),
        Verdict::Accept => {
            judgement.after_login = core::mem::take(&mut first.after_login);
            stale_configuration(server, world, &mut judgement);
        }
    }
    judgement.notes = notes::collect(server, world, attempt, &judgement, &mut first);
    judgement
}

/// The verdict and the first cause alone: for tables of many attempts.
#[must_use]
pub fn verdict_only(
    server: &Server,
    world: &dyn World,
    attempt: &Attempt,
) -> (Verdict, Option<Finding>) {
    let mut first = walk(server, world, attempt, false);
    (first.verdict, first.refusal.take())
}

/// One walk through all gates.
pub(crate) struct Walk {
    pub(crate) verdict: Verdict,
    pub(crate) refusal: Option<Finding>,
    pub(crate) open: Vec<Finding>,
    pub(crate) after_login: Vec<Finding>,
    pub(crate) trace: Vec<Step>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) skipped_lines: Vec<Finding>,
    pub(crate) notes: Vec<Finding>,
}

/// Walks through the gates; `to_the_end` looks behind an accept at the session too.
fn walk(server: &Server, world: &dyn World, attempt: &Attempt, to_the_end: bool) -> Walk {
    let mut pass = Pass::new(server, world, attempt);
    let refusal = pass.run();
    let verdict = match (&refusal, pass.gaps.is_empty()) {
        (Some(_), _) => Verdict::Refuse,
        (None, true) => Verdict::Accept,
        (None, false) => Verdict::Undetermined,
    };
    let after_login = if to_the_end && verdict == Verdict::Accept {
        session::look(&mut pass)
    } else {
        Vec::new()
    };
    Walk {
        verdict,
        refusal,
        open: core::mem::take(&mut pass.open),
        after_login,
        trace: core::mem::take(&mut pass.trace),
        gaps: core::mem::take(&mut pass.gaps),
        skipped_lines: core::mem::take(&mut pass.skipped_lines),
        notes: core::mem::take(&mut pass.notes),
    }
}

/// Mends what was found, judges again, and so on: what would still refuse.
fn further_obstacles(
    server: &Server,
    world: &dyn World,
    attempt: &Attempt,
    causes: &mut Vec<Finding>,
) {
    let mut overlay = Overlay::new(world);
    let mut added = added::Lines::default();
    while let Some(last) = causes.last() {
        if causes.len() >= MAX_OBSTACLES || last.mend.is_empty() {
            return;
        }
        for mend in &last.mend {
            overlay.apply(mend);
        }
        added.note(last);
        let mut next = walk(server, &overlay, attempt, false);
        let Some(mut finding) = next.refusal.take() else {
            return;
        };
        added.put_back(&mut finding);
        if causes.contains(&finding) {
            return;
        }
        causes.push(finding);
    }
}

/// An accept that hangs on a configuration which the daemon has not read yet is not known.
fn stale_configuration(server: &Server, world: &dyn World, judgement: &mut Judgement) {
    let Some(mut finding) = listener::not_reloaded(server, world) else {
        return;
    };
    let gap = Gap::could_not(
        "the configuration that the running sshd works with",
        "a file of it changed on disk after sshd read it",
        "",
    );
    finding.certainty = Certainty::Possible;
    finding.gap = Some(gap.clone());
    judgement.verdict = Verdict::Undetermined;
    judgement.gaps.push(gap);
    judgement.causes.push(finding);
}

/// A gate's answer.
pub(crate) type Gate<T = ()> = Result<T, Stop>;
