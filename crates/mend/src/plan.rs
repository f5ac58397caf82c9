//! From what the engine finds to the changes that would take it away.
//!
//! One cause after another is taken away in a world of changes, and that world is judged again,
//! until the engine says accept or somebody has to decide something. Nothing here is taken on
//! trust: a change that does not help is not part of the plan.

use crate::change::{Change, Decision, NotDone, Plan, Reload, Touch, What};
use crate::plan_after::After;
use crate::plan_ways::{Way, way};
use crate::{plan_config, plan_lines, plan_links, plan_paths};
use sshwhy_causes::{Finding, Fix, Safety, Where, template};
use sshwhy_config::Kw;
use sshwhy_verdict::{Judgement, Server, Verdict, judge};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Account, Attempt, Cred, Fact, Node, Reader, World, read_whole};

/// Most causes that are taken away for one login.
const MOST_STEPS: usize = 32;
/// Most bytes of a file that is edited.
const FILE_LIMIT: usize = 16 << 20;

/// What a plan is asked for.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The machine as it is.
    pub world: &'a dyn World,
    /// The configuration that sshd reads.
    pub config: &'a [u8],
    /// The logins that are to be accepted.
    pub attempts: &'a [Attempt],
    /// The keys were named by the person: they may be added to the account's own file.
    pub key_named: bool,
    /// Somebody's decisions may be undone.
    pub allow_weakening: bool,
}

/// One change before it is known what it finds.
pub(crate) struct Draft {
    pub(crate) path: Vec<u8>,
    pub(crate) what: What,
    pub(crate) safety: Safety,
    pub(crate) touches: Vec<Touch>,
}

/// What is done about one finding.
pub(crate) enum Step {
    /// These changes.
    Change(Vec<Draft>),
    /// The daemon has to read what is on disk; `true`: by a restart.
    Reload(bool),
    /// Nothing: people have to.
    Stop(Left),
}

/// What is left to people.
pub(crate) enum Left {
    Ask(Decision),
    NotDone(NotDone),
}

/// Where a plan stands.
pub(crate) struct Here<'a, 'w> {
    pub(crate) world: &'a After<'w>,
    pub(crate) server: &'a Server,
    pub(crate) attempt: &'a Attempt,
    pub(crate) account: Option<Account>,
    pub(crate) ask: &'a Ask<'a>,
}

impl Here<'_, '_> {
    /// Whether the person named the key that this login offers.
    pub(crate) fn may_add(&self) -> bool {
        self.ask.key_named && self.attempt.key.is_some()
    }

    /// The bytes of a file, as root reads them.
    pub(crate) fn read(&self, real: &[u8]) -> Option<Vec<u8>> {
        read_whole(self.world, real, Reader::Root, FILE_LIMIT)
            .ok()?
            .ok()
    }

    /// The bytes of a file, with the rights of the account alone.
    pub(crate) fn read_as_account(&self, path: &[u8]) -> Option<Vec<u8>> {
        let account = self.account.as_ref()?;
        let cred = Cred {
            uid: account.uid,
            gid: account.gid,
            groups: self.world.groups_of(account).ok()?,
        };
        let real = resolve(self.world, path, Some(&cred)).ok()?.ok()?.real;
        read_whole(self.world, &real, Reader::User(&cred), FILE_LIMIT)
            .ok()?
            .ok()
    }

    pub(crate) fn node(&self, real: &[u8]) -> Option<Node> {
        self.world.lstat(real).ok()?.ok()
    }

    /// Where a path leads, with all rights.
    pub(crate) fn real(&self, path: &[u8]) -> Option<(Vec<u8>, Node)> {
        let found = resolve(self.world, path, None).ok()?.ok()?;
        Some((found.real, found.node))
    }
}

/// Makes the plan.
#[must_use]
pub fn plan(ask: &Ask<'_>) -> Plan {
    let mut plan = Plan {
        accepts: true,
        ..Plan::default()
    };
    for attempt in ask.attempts {
        let before = (plan.changes.clone(), plan.reload.clone());
        if !one(ask, attempt, &mut plan) {
            (plan.changes, plan.reload) = before;
            plan.accepts = false;
            continue;
        }
        let server = Server::read(ask.world, ask.config);
        for change in plan.changes.iter_mut().skip(before.0.len()) {
            change.by = plan_links::by(ask, &server, attempt, &change.path);
        }
    }
    say_reload(ask, &mut plan);
    plan
}

/// Plans for one login. `false`: it would still be refused.
fn one(ask: &Ask<'_>, attempt: &Attempt, plan: &mut Plan) -> bool {
    let mut seen: Vec<Finding> = Vec::new();
    for _ in 0..MOST_STEPS {
        let mut after = After::of(ask.world, &plan.changes);
        if plan.reload.is_some() || changes_config(ask, plan) {
            after.reload();
        }
        let server = Server::read(&after, ask.config);
        let judgement = judge(&server, &after, attempt);
        let here = Here {
            world: &after,
            server: &server,
            attempt,
            account: account_of(&after, attempt),
            ask,
        };
        if judgement.verdict == Verdict::Accept {
            for finding in &judgement.after_login {
                leave(plan, left(finding));
            }
            return true;
        }
        let Some(first) = judgement.first() else {
            plan.gaps.extend(judgement.gaps.iter().cloned());
            return false;
        };
        if judgement.verdict == Verdict::Undetermined && way(first.cause.id) != Way::Reload {
            plan.gaps.extend(judgement.gaps.iter().cloned());
            return false;
        }
        if seen.contains(first) {
            leave(plan, left(first));
            return false;
        }
        match step(&here, first) {
            Step::Change(drafts) if !drafts.is_empty() => {
                for draft in drafts {
                    if let Some(why) = plan_links::refused(&here, &draft.path) {
                        leave(
                            plan,
                            Left::NotDone(plan_links::not_done(first.cause.id, why)),
                        );
                        return false;
                    }
                    if let Some((dir, owner)) = foreign_dir(&here, &draft.path) {
                        leave(plan, not_done(first, not_entered(&here, &dir, owner)));
                        return false;
                    }
                    add(ask.world, plan, draft, first.cause.id);
                }
            }
            Step::Change(_) => {
                leave(plan, left(first));
                return false;
            }
            Step::Reload(restart) => {
                let reload = plan.reload.get_or_insert_with(Reload::default);
                reload.restart |= restart;
            }
            Step::Stop(stop) => {
                leave(plan, stop);
                leave_others(&here, &judgement, plan);
                return false;
            }
        }
        seen.push(first.clone());
    }
    if let Some(last) = seen.last() {
        leave(plan, left(last));
    }
    false
}

fn account_of(world: &dyn World, attempt: &Attempt) -> Option<Account> {
    world.account(&attempt.user).ok().flatten()
}

/// What is done about one finding.
fn step(here: &Here<'_, '_>, finding: &Finding) -> Step {
    let done = match way(finding.cause.id) {
        Way::Rights => plan_paths::rights(here, finding),
        Way::Access => plan_paths::access(here, finding),
        Way::Regular => plan_paths::regular(here, finding),
        Way::Label => plan_paths::label(here, finding),
        Way::HostKeys => plan_paths::host_keys(here, finding),
        Way::PrivsepDir => plan_paths::privsep_dir(here, finding),
        Way::Line => plan_lines::line(here, finding),
        Way::Text => plan_lines::whole(here, finding),
        Way::AddKey => plan_lines::add_key(here, finding),
        Way::Setting => plan_config::setting(here, finding),
        Way::Reload => {
            return Step::Reload(finding.cause.id == "sshd-upgraded-not-restarted");
        }
        Way::Decision(true) if here.ask.allow_weakening => {
            plan_config::undo_decision(here, finding)
        }
        Way::Decision(_) | Way::People => Err(left(finding)),
    };
    match done {
        Ok(drafts) => Step::Change(drafts),
        Err(left) => Step::Stop(left),
    }
}

/// The first directory on the way to a path that belongs neither to root nor to the account, as
/// the machine was found: one that is given to the account is not entered in the same run, nor by
/// the run that takes it back.
fn foreign_dir(here: &Here<'_, '_>, path: &[u8]) -> Option<(Vec<u8>, u32)> {
    let found = here.ask.world;
    let own = here.account.as_ref().map_or(0, |a| a.uid);
    let slashes = path.iter().enumerate().filter(|(_, b)| **b == b'/');
    slashes
        .filter_map(|(i, _)| path.get(..i.max(1)))
        .filter_map(|dir| Some((dir, found.lstat(dir).ok()?.ok()?)))
        .find(|(_, node)| node.is_dir() && node.uid != 0 && node.uid != own)
        .map(|(dir, node)| (dir.to_vec(), node.uid))
}

fn not_entered(here: &Here<'_, '_>, dir: &[u8], owner: u32) -> Vec<u8> {
    [
        b"the directory ",
        dir,
        b" on the way belongs to ",
        &user_name(here.world, owner),
        b", neither root nor the account, and is not entered",
    ]
    .concat()
}

/// The further obstacles that people have to take away too.
fn leave_others(here: &Here<'_, '_>, judgement: &Judgement, plan: &mut Plan) {
    for finding in judgement.causes.iter().skip(1) {
        let open = match way(finding.cause.id) {
            Way::Decision(can) => !(can && here.ask.allow_weakening),
            Way::People => true,
            _ => false,
        };
        if open {
            leave(plan, left(finding));
        }
    }
}

fn leave(plan: &mut Plan, left: Left) {
    match left {
        Left::Ask(decision) => {
            if !plan.ask.contains(&decision) {
                plan.ask.push(decision);
            }
        }
        Left::NotDone(not_done) => {
            if !plan.not_done.contains(&not_done) {
                plan.not_done.push(not_done);
            }
        }
    }
}

/// What people have to do about a finding, in the words of its cause.
pub(crate) fn left(finding: &Finding) -> Left {
    let decision = matches!(way(finding.cause.id), Way::Decision(_));
    let what = template::sentence(finding.cause.title, &finding.args).unwrap_or_default();
    let fix = best_fix(finding, decision);
    let (text, commands) = match fix {
        Some(fix) => (
            template::sentence(fix.text, &finding.args).unwrap_or_default(),
            fix.commands
                .iter()
                .map(|c| template::command(c, &finding.args))
                .collect::<Option<Vec<_>>>()
                .unwrap_or_default(),
        ),
        None => (b"ask the administrator of the server".to_vec(), Vec::new()),
    };
    if decision {
        Left::Ask(Decision {
            cause: finding.cause.id,
            what,
            ask: text,
            origin: finding.args.get("origin").map(<[u8]>::to_vec),
            commands,
        })
    } else {
        Left::NotDone(NotDone {
            cause: finding.cause.id,
            why: what,
            instead: text,
            commands,
        })
    }
}

/// The fix of the cause's file that people are told: the first one whose facts are all there; of a
/// decision the first on the server.
fn best_fix(finding: &Finding, decision: bool) -> Option<&'static Fix> {
    let told = |fix: &&Fix| {
        !fix.text.is_empty()
            && template::sentence(fix.text, &finding.args).is_some()
            && fix
                .commands
                .iter()
                .all(|c| template::command(c, &finding.args).is_some())
    };
    let mut fixes = finding.cause.fixes.iter().filter(told);
    if decision {
        fixes.find(|fix| fix.at == Where::Server)
    } else {
        fixes.next()
    }
}

/// Not done for a reason of its own; what helps stands in the cause's words.
pub(crate) fn not_done(finding: &Finding, why: impl Into<Vec<u8>>) -> Left {
    let why = why.into();
    match left(finding) {
        Left::Ask(mut decision) => {
            decision.what.extend_from_slice(b": ");
            decision.what.extend_from_slice(&why);
            Left::Ask(decision)
        }
        Left::NotDone(old) => Left::NotDone(NotDone { why, ..old }),
    }
}

/// Adds a change, joined with an earlier one of the same kind at the same path.
fn add(base: &dyn World, plan: &mut Plan, draft: Draft, reason: &'static str) {
    let after = After::of(base, &plan.changes);
    let before = after.lstat(&draft.path).ok().and_then(Result::ok);
    let idle = match (&draft.what, &before) {
        (What::Mode { to }, Some(node)) => node.mode == *to,
        (What::Owner { uid, gid }, Some(node)) => {
            node.uid == *uid && gid.is_none_or(|gid| node.gid == gid)
        }
        (What::Acl { to }, Some(node)) => node.acl == *to,
        _ => false,
    };
    if idle {
        return;
    }
    let mut same = plan.changes.iter_mut().filter(|c| c.path == draft.path);
    let joined = same.find_map(|c| {
        join(&mut c.what, &draft.what).then(|| {
            c.safety = worse(c.safety, draft.safety);
            if !c.reasons.contains(&reason) {
                c.reasons.push(reason);
            }
            for touch in &draft.touches {
                if !c.touches.contains(touch) {
                    c.touches.push(touch.clone());
                }
            }
        })
    });
    if joined.is_none() {
        plan.changes.push(Change {
            path: draft.path,
            what: draft.what,
            before,
            reasons: vec![reason],
            safety: draft.safety,
            touches: draft.touches,
            by: None,
        });
    }
}

/// Whether the later change could be taken into the earlier one.
fn join(earlier: &mut What, later: &What) -> bool {
    match (earlier, later) {
        (What::Mode { to }, What::Mode { to: new }) => *to = *new,
        (What::Acl { to }, What::Acl { to: new }) => to.clone_from(new),
        (What::Owner { uid, gid }, What::Owner { uid: u, gid: g }) => {
            *uid = *u;
            *gid = g.or(*gid);
        }
        (
            What::Write { after, .. } | What::Replace { after, .. },
            What::Write { after: new, .. },
        ) => after.clone_from(new),
        _ => return false,
    }
    true
}

fn worse(a: Safety, b: Safety) -> Safety {
    match (a, b) {
        (Safety::Weakens, _) | (_, Safety::Weakens) => Safety::Weakens,
        (Safety::Neutral, _) | (_, Safety::Neutral) => Safety::Neutral,
        _ => Safety::Tightens,
    }
}

/// The configuration files that the changes write.
fn config_files(world: &dyn World, server: &Server, changes: &[Change]) -> Vec<Vec<u8>> {
    let mut real: Vec<Vec<u8>> = Vec::new();
    for file in server.config.files() {
        if let Ok(Ok(found)) = resolve(world, file, None) {
            real.push(found.real);
        }
    }
    let mut out: Vec<Vec<u8>> = Vec::new();
    for change in changes.iter().filter(|c| c.is_write()) {
        if real.contains(&change.path) && !out.contains(&change.path) {
            out.push(change.path.clone());
        }
    }
    out
}

fn changes_config(ask: &Ask<'_>, plan: &Plan) -> bool {
    if plan.changes.iter().all(|c| !c.is_write()) {
        return false;
    }
    let after = After::of(ask.world, &plan.changes);
    let server = Server::read(&after, ask.config);
    !config_files(&after, &server, &plan.changes).is_empty()
}

/// Says whether the daemon has to hear of the changes, and how.
fn say_reload(ask: &Ask<'_>, plan: &mut Plan) {
    let after = After::of(ask.world, &plan.changes);
    let new = Server::read(&after, ask.config);
    let files = config_files(&after, &new, &plan.changes);
    if files.is_empty() && plan.reload.is_none() {
        return;
    }
    let old = Server::read(ask.world, ask.config);
    let listens = |server: &Server| -> Vec<(Kw, Vec<u8>)> {
        let kinds = [Kw::Port, Kw::ListenAddress, Kw::AddressFamily];
        let lines = server.config.lines().iter();
        lines
            .filter(|l| kinds.contains(&l.kw))
            .map(|l| (l.kw, l.raw.trim_ascii().to_vec()))
            .collect()
    };
    let listener = listens(&old) != listens(&new);
    let reload = plan.reload.get_or_insert_with(Reload::default);
    reload.files = files;
    reload.listener = listener;
}

/// Whether a login is accepted in a world, for whoever checks a plan.
#[must_use]
pub fn accepted(world: &dyn World, config: &[u8], attempt: &Attempt) -> bool {
    let server = Server::read(world, config);
    matches!(
        sshwhy_verdict::verdict_only(&server, world, attempt).0,
        Verdict::Accept
    )
}

/// The account's name in words for a plan.
pub(crate) fn user_name(world: &dyn World, uid: u32) -> Vec<u8> {
    if uid == 0 {
        return b"root".to_vec();
    }
    match world.accounts() {
        Fact::Known(all) => all
            .into_iter()
            .find(|a| a.uid == uid)
            .map_or_else(|| uid.to_string().into_bytes(), |a| a.name),
        Fact::Unknown(_) => uid.to_string().into_bytes(),
    }
}
