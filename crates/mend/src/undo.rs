//! Taking back.
//!
//! What lies on the machine is compared with every state that the run, and runs that took it back
//! and were killed, led through. What is one of them goes back to what was before the run; what
//! is none of them was changed by somebody since, and then nothing is touched. Taking back is a
//! run like any other, with a journal of its own.

use crate::apply::{Done, Setting, Staged, noted_times, parents, push, push_one, settle};
use crate::journal::{Act, Phase, Run, Step, Store, Times, now};
use crate::safe::{Root, split};
use crate::safe_state::{Body, LABEL, State, mtime_of};
use crate::safe_trouble::{Result, Trouble, Why};
use std::path::Path;

/// One run, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub id: String,
    /// When it was made, in seconds since the epoch.
    pub made: i64,
    /// How far it is.
    pub phase: Phase,
    /// The run that it took back.
    pub of: Option<String>,
    /// What it changed.
    pub paths: Vec<Vec<u8>>,
    /// When it goes back by itself, in seconds since the epoch.
    pub deadline: Option<i64>,
}

/// All runs, the oldest first. A journal that cannot be read is left out.
///
/// # Errors
/// The directory of journals cannot be read.
pub fn runs(store: &Store) -> Result<Vec<Summary>> {
    let mut out = Vec::new();
    for id in store.ids()? {
        if let Ok(run) = store.read(&id) {
            out.push(summary(store, &run));
        }
    }
    Ok(out)
}

fn summary(store: &Store, run: &Run) -> Summary {
    let mut paths: Vec<Vec<u8>> = Vec::new();
    for step in &run.steps {
        if !paths.contains(&step.path) {
            paths.push(step.path.clone());
        }
    }
    Summary {
        id: run.id.clone(),
        made: run.made,
        phase: store.phase(&run.id),
        of: run.of.clone(),
        paths,
        deadline: run.confirm.as_ref().map(|c| c.deadline),
    }
}

/// What taking a run back would do.
#[derive(Debug)]
pub struct Undo {
    /// The run that is taken back.
    pub of: Run,
    /// Its phase.
    pub phase: Phase,
    /// The steps; none: everything is as it was before the run.
    pub steps: Vec<Step>,
    /// What was changed by somebody since, and how. With any, nothing is touched, unless a run
    /// goes back by itself.
    pub conflicts: Vec<Trouble>,
    store: Store,
    root: Root,
    lock: crate::journal::Lock,
    id: String,
    interrupted: bool,
}

/// Looks at what taking back would do, and clears away what a killed run left. Without `id`: the
/// newest run that changed something and was not itself a taking back.
///
/// # Errors
/// There is no such run, its journal cannot be read, or another run is at work.
pub fn look(store_path: &Path, root: &Path, id: Option<&str>) -> Result<Undo> {
    let none = |id: &str| Trouble::new(b"", "find the run", Why::NoRun(id.to_owned()));
    let store = Store::existing(store_path)?.ok_or_else(|| none(id.unwrap_or("to take back")))?;
    let lock = store.lock()?;
    let anybody = Root::open(root, &[])?;
    let mut interrupted = false;
    for other in store.ids()? {
        match store.phase(&other) {
            Phase::Planned => store.forget(&other),
            // A run that awaits is settled, too: its word is only written at its end.
            Phase::Applying | Phase::Undoing => {
                interrupted = true;
                settle(&store, &anybody, &other)?;
            }
            Phase::Stopped => interrupted = true,
            _ => {}
        }
    }
    let of = match id {
        Some(id) => store.read(id)?,
        None => newest(&store)?.ok_or_else(|| none("to take back"))?,
    };
    let phase = store.phase(&of.id);
    let root = Root::open(root, &of.accounts)?;
    let mut states: Vec<Step> = of.steps.clone();
    for other in store.ids()? {
        if let Ok(run) = store.read(&other)
            && run.of.as_ref() == Some(&of.id)
            && store.phase(&other) == Phase::Stopped
        {
            states.extend(run.steps);
        }
    }
    let id = store.fresh()?;
    let mut undo = Undo {
        phase,
        steps: Vec::new(),
        conflicts: Vec::new(),
        store,
        root,
        lock,
        id,
        interrupted,
        of,
    };
    if phase != Phase::Undone {
        undo.compare(&states);
    }
    Ok(undo)
}

fn newest(store: &Store) -> Result<Option<Run>> {
    for id in store.ids()?.iter().rev() {
        if store.phase(id).can_be_undone() {
            let run = store.read(id)?;
            if run.of.is_none() {
                return Ok(Some(run));
            }
        }
    }
    Ok(None)
}

impl Undo {
    fn compare(&mut self, states: &[Step]) {
        let mut seen: Vec<&[u8]> = Vec::new();
        let mut gone: Vec<Vec<u8>> = Vec::new();
        let mut steps = Vec::new();
        for step in self.of.steps.iter().rev() {
            if seen.contains(&step.path.as_slice()) {
                continue;
            }
            seen.push(&step.path);
            let now = match self.root.place(&step.path, false).and_then(|p| p.look()) {
                Ok(now) => now,
                Err(Trouble {
                    why: Why::Os(rustix::io::Errno::NOENT),
                    ..
                }) => State::Absent,
                Err(t) => {
                    self.conflicts.push(t);
                    continue;
                }
            };
            let first = self.of.steps.iter().find(|s| s.path == step.path);
            let Some(target) = first.map(|s| s.before.clone()) else {
                continue;
            };
            let on_this = || states.iter().filter(|s| s.path == step.path);
            let known = on_this().any(|s| s.before.same(&now) || s.after.same(&now));
            if !known {
                let how = step.after.difference(&now).unwrap_or_default();
                self.conflicts.push(Trouble::changed(
                    &step.path,
                    format!("somebody changed it since: {how}"),
                ));
                continue;
            }
            // Nothing comes back into a directory that is gone for good.
            let inside_gone = split(&step.path).is_some_and(|(d, _)| gone.iter().any(|g| g == d));
            if now == State::Absent && inside_gone {
                continue;
            }
            if target == State::Absent {
                gone.push(step.path.clone());
            }
            let labelled = step.act == Act::Label;
            let replaced = self
                .of
                .steps
                .iter()
                .any(|s| s.path == step.path && s.act == Act::Put);
            let other_times = |a: &State, b: &State| match (a.there(), b.there()) {
                (Some(a), Some(b)) => a.body != Body::Dir && a.mtime != b.mtime,
                _ => false,
            };
            if replaced && other_times(&now, &target) {
                // The bytes may be the same; the file is another, with times of its own.
                push_one(&mut steps, &self.id, &step.path, Act::Put, now, target);
                continue;
            }
            push(&mut steps, &self.id, &step.path, &now, &target);
            if labelled {
                relabel(&mut steps, &step.path, &now, &target);
            }
        }
        self.steps = steps;
    }

    /// Takes it back. `by_itself`: what somebody changed since is left alone, and the rest goes
    /// back.
    ///
    /// # Errors
    /// What stood in the way; then nothing is changed, unless [`Trouble::left`] says so.
    pub fn carry_out(mut self, by_itself: bool) -> Result<Option<Done>> {
        if let Some(first) = self.conflicts.first()
            && !by_itself
        {
            return Err(first.clone());
        }
        let skipped = std::mem::take(&mut self.conflicts);
        if self.steps.is_empty() {
            self.store.set_phase(&self.of.id, Phase::Undone)?;
            self.times_of_the_untouched();
            return Ok(None);
        }
        let mut dirs = parents(&self.root, &self.steps)?;
        let noted = noted_times(&self.store, &self.of.id);
        for (n, old) in self.of.dirs.iter().enumerate() {
            // A directory that somebody has changed since keeps its time.
            let then = noted.get(n).copied().flatten();
            let untouched = |now| self.interrupted || then.is_none_or(|t| t == now);
            if !dirs.iter().any(|d| d.path == old.path)
                && let Some(before) = self
                    .root
                    .dir(&old.path, false)
                    .ok()
                    .and_then(|d| mtime_of(d).ok())
            {
                dirs.push(Times {
                    path: old.path.clone(),
                    before,
                    want: None,
                });
            }
            for d in dirs.iter_mut().filter(|d| d.path == old.path) {
                d.want = untouched(d.before).then_some(old.before);
            }
        }
        let run = Run {
            id: self.id.clone(),
            made: now().0,
            of: Some(self.of.id.clone()),
            accounts: self.of.accounts.clone(),
            steps: std::mem::take(&mut self.steps),
            dirs,
            reload: self.of.reload.clone(),
            confirm: None,
        };
        let setting = Setting {
            root: self.root.path().to_path_buf(),
            accounts: self.of.accounts.clone(),
            store: self.store.path().to_path_buf(),
            test: None,
            restorecon: None,
            reload: Vec::new(),
            confirm: None,
            beside: None,
        };
        let (store, of, phase) = (self.store.clone(), self.of.id.clone(), self.phase);
        let staged = Staged::new(self.store, self.root, setting, run, self.lock)?;
        store.set_phase(&of, Phase::Undoing)?;
        match staged.carry_out() {
            Ok(mut done) => {
                store.set_phase(&of, Phase::Undone)?;
                done.skipped = skipped;
                Ok(Some(done))
            }
            Err(t) => {
                let _ = store.set_phase(
                    &of,
                    if t.left.is_empty() {
                        phase
                    } else {
                        Phase::Stopped
                    },
                );
                Err(t)
            }
        }
    }

    /// A killed run may have touched the times of directories alone.
    fn times_of_the_untouched(&self) {
        if !self.interrupted {
            return;
        }
        for d in &self.of.dirs {
            if let Ok(dir) = self.root.dir(&d.path, false) {
                crate::apply::set_mtime(&dir, d.before);
            }
        }
    }
}

/// The label goes back too: it is no difference by which states are told apart.
fn relabel(steps: &mut Vec<Step>, path: &[u8], now: &State, target: &State) {
    let (State::There(now), State::There(target)) = (now, target) else {
        return;
    };
    if now.xattr(LABEL) != target.xattr(LABEL) && !steps.iter().any(|s| s.path == path) {
        steps.push(Step {
            path: path.to_vec(),
            act: Act::Attribute(LABEL.to_vec()),
            before: State::There(now.clone()),
            after: State::There(target.clone()),
            temp: Vec::new(),
        });
    }
}
