//! Changes made, all or none.
//!
//! First the journal is on the disk; then everything that needs room is written under temporary
//! names; then each change takes one step in which nothing lies between before and after; then
//! sshd itself tests its configuration; and only then is what was there before let go. Any error
//! until then takes all of it back.

use crate::apply_steps::{Work, names, unlink, ways};
use crate::change::{Change, Made, What};
use crate::journal::{Act, Confirm, Lock, Phase, Run, Step, Store, Times, now};
use crate::plan_after::without_acl;
use crate::reload::{self, Command};
use crate::safe::{Place, Root, split};
use crate::safe_state::{ACL, Body, Full, State, Time, acl_bytes, mtime_of};
use crate::safe_trouble::{Result, Trouble, Why};
use rustix::fs::{AtFlags, RenameFlags, Timespec, Timestamps, UTIME_OMIT};
use rustix::io::Errno;
use sshwhy_world::Acl;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// The time that sshd's test of its configuration has.
const TEST_TIME: Duration = Duration::from_secs(30);
/// Where SELinux shows that it is on.
const SELINUX: &str = "/sys/fs/selinux/enforce";
/// Where restorecon(8) is found: no search path decides about a program that root runs.
const RESTORECON: [&str; 4] = [
    "/usr/sbin/restorecon",
    "/sbin/restorecon",
    "/usr/bin/restorecon",
    "/bin/restorecon",
];

/// What the changes are made to, and with what.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The root directory of the machine: `/`, or where a disk is mounted.
    pub root: PathBuf,
    /// The accounts whose directories may be entered, by uid.
    pub accounts: Vec<u32>,
    /// Where the journals lie; see [`Store::usual`].
    pub store: PathBuf,
    /// The server's test of its configuration (`/usr/sbin/sshd -t -f FILE`), where a change is to
    /// the configuration.
    pub test: Option<Command>,
    /// restorecon(8), where labels are enforced or logged; see [`restorecon`].
    pub restorecon: Option<PathBuf>,
    /// Commands that make the daemon read its files again; kept for whoever takes the run back.
    pub reload: Vec<Command>,
    /// The run goes back by itself unless it is confirmed.
    pub confirm: Option<Confirm>,
    /// The run that waits to be confirmed and that this one is to prove.
    pub beside: Option<String>,
}

impl Setting {
    /// Nothing but the changes, on the machine at `root`.
    #[must_use]
    pub fn new(root: &Path, accounts: &[u32]) -> Setting {
        Setting {
            root: root.to_path_buf(),
            accounts: accounts.to_vec(),
            store: Store::usual(root),
            test: None,
            restorecon: restorecon(root),
            reload: Vec::new(),
            confirm: None,
            beside: None,
        }
    }
}

/// restorecon(8), if SELinux is on and the tree is this machine's own.
#[must_use]
pub fn restorecon(root: &Path) -> Option<PathBuf> {
    if root != Path::new("/") || !Path::new(SELINUX).exists() {
        return None;
    }
    let found = RESTORECON.iter().map(Path::new).find(|p| p.exists());
    found.map(Path::to_path_buf)
}

/// A run whose journal is on the disk, and that has not begun.
#[derive(Debug)]
pub struct Staged {
    store: Store,
    root: Root,
    setting: Setting,
    run: Run,
    lock: Lock,
}

/// A run that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its id, for `sshwhy undo`.
    pub id: String,
    /// What was changed.
    pub paths: Vec<Vec<u8>>,
    /// What could not be cleared away afterwards.
    pub rests: Option<Trouble>,
    /// What was not taken back because somebody changed it since, and how; only where a run goes
    /// back by itself.
    pub skipped: Vec<Trouble>,
}

/// Makes the changes. `None`: there was nothing to do.
///
/// # Errors
/// Something that was in the way; then nothing is changed, unless [`Trouble::left`] says so.
pub fn apply(changes: &[Change], setting: &Setting) -> Result<Option<Done>> {
    match stage(changes, setting)? {
        Some(staged) => staged.carry_out().map(Some),
        None => Ok(None),
    }
}

/// Looks at everything that is to be changed, and writes the journal. `None`: nothing to do.
///
/// # Errors
/// What the changes expect is not what lies there; another run is at work, or waits to be
/// confirmed; the journal cannot be written.
pub fn stage(changes: &[Change], setting: &Setting) -> Result<Option<Staged>> {
    if changes.is_empty() {
        return Ok(None);
    }
    let store = Store::open(&setting.store)?;
    let lock = store.lock()?;
    let root = Root::open(&setting.root, &setting.accounts)?;
    recover(&store, &root, setting.beside.as_deref())?;
    let id = store.fresh()?;
    let steps = steps(&root, changes, &id)?;
    if steps.is_empty() {
        return Ok(None);
    }
    let run = Run {
        dirs: parents(&root, &steps)?,
        id,
        made: now().0,
        of: None,
        accounts: setting.accounts.clone(),
        steps,
        reload: setting.reload.clone(),
        confirm: setting.confirm.clone(),
    };
    Staged::new(store, root, setting.clone(), run, lock).map(Some)
}

impl Staged {
    pub(crate) fn new(
        store: Store,
        root: Root,
        setting: Setting,
        run: Run,
        lock: Lock,
    ) -> Result<Staged> {
        store.write(&run)?;
        Ok(Staged {
            store,
            root,
            setting,
            run,
            lock,
        })
    }

    /// The id of the run.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.run.id
    }

    /// The journals.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Nothing is done, and the journal goes.
    pub fn forget(self) {
        self.store.forget(&self.run.id);
        drop(self.lock);
    }

    /// Makes the changes.
    ///
    /// # Errors
    /// Something that was in the way; then nothing is changed, unless [`Trouble::left`] says so.
    pub fn carry_out(self) -> Result<Done> {
        let id = self.run.id.clone();
        let mut relabel = |path: &[u8]| {
            let program = self.setting.restorecon.as_ref()?;
            wanted_label(program, &self.root.outside(path))
        };
        let steps = &self.run.steps;
        let mut work = Work::new(&self.root, steps);
        let test = self.setting.test.as_ref();
        let passed_before = test.map(|t| reload::run(t, TEST_TIME).ok);
        let done = self
            .store
            .set_phase(&id, Phase::Applying)
            .and_then(|()| work.prepare())
            .and_then(|()| work.run(&mut relabel))
            .and_then(|()| match test.map(|t| reload::run(t, TEST_TIME)) {
                Some(outcome) if !outcome.ok => Err(Trouble::new(
                    b"",
                    "keep the change",
                    Why::Refused {
                        said: outcome.said,
                        before: passed_before == Some(false),
                    },
                )),
                _ => Ok(()),
            });
        if let Err(mut trouble) = done {
            trouble.left = work.back();
            let _ = work.clear();
            give_times(&self.root, &self.run, true);
            if trouble.left.is_empty() {
                self.store.forget(&id);
            } else {
                let _ = self.store.set_phase(&id, Phase::Stopped);
            }
            return Err(trouble);
        }
        let rests = work.clear().err();
        drop(work);
        give_times(&self.root, &self.run, false);
        let noted = self.note_times();
        let phase = if self.run.confirm.is_some() {
            Phase::Unconfirmed
        } else {
            Phase::Applied
        };
        // What is done is done: a word that could not be written is found out by looking.
        let said = self.store.set_phase(&id, phase);
        let mut paths: Vec<Vec<u8>> = steps.iter().map(|s| s.path.clone()).collect();
        paths.dedup();
        Ok(Done {
            id,
            paths,
            rests: rests.or(noted.err()).or(said.err()),
            skipped: Vec::new(),
        })
    }

    fn note_times(&self) -> Result<()> {
        let mut text = String::new();
        for d in &self.run.dirs {
            let time = self
                .root
                .dir(&d.path, false)
                .ok()
                .and_then(|d| mtime_of(d).ok());
            let (seconds, nanoseconds) = time.unwrap_or((0, 0));
            text.push_str(&format!("{seconds} {nanoseconds}\n"));
        }
        self.store.note(&self.run.id, "times", text.as_bytes())
    }
}

/// The times of the directories: as before, if nothing was done; as wanted, else.
fn give_times(root: &Root, run: &Run, back: bool) {
    for d in &run.dirs {
        let time = if back { Some(d.before) } else { d.want };
        if let (Some(time), Ok(dir)) = (time, root.dir(&d.path, false)) {
            set_mtime(&dir, time);
        }
    }
    if back {
        return;
    }
    // A directory that was made anew has had entries made in it since.
    for step in &run.steps {
        if step.act == Act::MakeDir
            && let Some(full) = step.after.there()
            && full.mtime != (0, 0)
            && let Ok(dir) = root.dir(&step.path, false)
        {
            set_mtime(&dir, full.mtime);
        }
    }
}

/// The times that the directories of a run had at its end, in their order; `None`: not known.
pub(crate) fn noted_times(store: &Store, id: &str) -> Vec<Option<Time>> {
    let raw = store.noted(id, "times").unwrap_or_default();
    let text = String::from_utf8_lossy(&raw).into_owned();
    text.lines()
        .filter_map(|l| {
            let (a, b) = l.split_once(' ')?;
            let time = (a.parse().ok()?, b.parse().ok()?);
            Some((time != (0, 0)).then_some(time))
        })
        .collect()
}

pub(crate) fn set_mtime(dir: &std::os::fd::OwnedFd, (tv_sec, tv_nsec): Time) {
    let stamps = Timestamps {
        last_access: Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_OMIT,
        },
        last_modification: Timespec { tv_sec, tv_nsec },
    };
    // The directory itself, by its handle; older kernels take it by name alone.
    if rustix::fs::utimensat(dir, "", &stamps, AtFlags::EMPTY_PATH).is_err() {
        let _ = rustix::fs::utimensat(dir, ".", &stamps, AtFlags::empty());
    }
}

/// The directories that exist and whose entries the steps change.
pub(crate) fn parents(root: &Root, steps: &[Step]) -> Result<Vec<Times>> {
    let mut out: Vec<Times> = Vec::new();
    for step in steps.iter().filter(|s| !s.temp.is_empty()) {
        let Some((path, _)) = split(&step.path) else {
            continue;
        };
        if out.iter().any(|t| t.path == path) {
            continue;
        }
        let dir = match root.dir(path, true) {
            Ok(dir) => dir,
            // One that the run makes.
            Err(t) if t.why == Why::Os(Errno::NOENT) => continue,
            Err(t) => return Err(t),
        };
        out.push(Times {
            path: path.to_vec(),
            before: mtime_of(dir).map_err(|e| Trouble::os(path, "look at", e))?,
            want: None,
        });
    }
    Ok(out)
}

/// A temporary name that nobody guesses and that tells its run.
pub(crate) fn temp_name(id: &str, n: usize) -> Vec<u8> {
    format!(".sshwhy-{id}-{n}").into_bytes()
}

/// Appends the steps from one state to another.
pub(crate) fn push(out: &mut Vec<Step>, id: &str, path: &[u8], from: &State, to: &State) {
    let mut before = from.clone();
    for (act, after) in ways(from, to) {
        push_one(out, id, path, act, before, after.clone());
        before = after;
    }
}

pub(crate) fn push_one(
    out: &mut Vec<Step>,
    id: &str,
    path: &[u8],
    act: Act,
    before: State,
    after: State,
) {
    let temp = match act {
        Act::Put | Act::MakeDir | Act::Remove => temp_name(id, out.len()),
        _ => Vec::new(),
    };
    out.push(Step {
        path: path.to_vec(),
        act,
        before,
        after,
        temp,
    });
}

/// What the changes do, each from the state that lies there.
fn steps(root: &Root, changes: &[Change], id: &str) -> Result<Vec<Step>> {
    let mut known: BTreeMap<Vec<u8>, State> = BTreeMap::new();
    let mut out = Vec::new();
    for (n, change) in changes.iter().enumerate() {
        let path = &change.path;
        if let Some(name) = &change.by {
            root.leads(name, path)?;
        }
        let from = match known.get(path) {
            Some(state) => state.clone(),
            None if in_a_new_directory(&known, path) => State::Absent,
            None => {
                let earlier = changes.get(..n).unwrap_or_default();
                let opened = earlier.iter().any(|e| {
                    matches!(e.what, What::Owner { .. }) && path.starts_with(e.path.as_slice())
                });
                root.place(path, opened)?.look()?
            }
        };
        let how = match (&change.before, &from) {
            (None, State::Absent) => None,
            (None, State::There(_)) => Some("something lies there now where nothing was".into()),
            (Some(_), State::Absent) => Some("it is gone".into()),
            (Some(node), State::There(full)) => full.differs_from(node),
        };
        if let Some(how) = how {
            return Err(Trouble::changed(path, how));
        }
        let to = target(change, &from)?;
        match &change.what {
            What::Label { .. } => push_one(&mut out, id, path, Act::Label, from, to.clone()),
            What::Replace { .. } => push_one(&mut out, id, path, Act::Put, from, to.clone()),
            _ => push(&mut out, id, path, &from, &to),
        }
        known.insert(path.clone(), to);
    }
    Ok(out)
}

fn in_a_new_directory(known: &BTreeMap<Vec<u8>, State>, path: &[u8]) -> bool {
    // Known directories that are new have no times yet.
    let mut at = path;
    while let Some((dir, _)) = split(at) {
        if let Some(State::There(full)) = known.get(dir)
            && full.body == Body::Dir
            && full.links == 0
        {
            return true;
        }
        at = dir;
    }
    false
}

fn new_node(body: Body, made: Made) -> State {
    let links = u64::from(body != Body::Dir);
    State::There(Box::new(Full {
        body,
        mode: made.mode & 0o7777,
        uid: made.uid,
        gid: made.gid,
        links,
        atime: (0, 0),
        mtime: (0, 0),
        xattrs: Vec::new(),
    }))
}

/// The state that a change leads to.
fn target(change: &Change, from: &State) -> Result<State> {
    let path = &change.path;
    let mut full = match from {
        State::There(full) => Some((**full).clone()),
        State::Absent => None,
    };
    let gone = || Trouble::changed(path, "it is gone");
    let expect = |expected: &Option<Vec<u8>>, full: &Option<Full>| match (expected, full) {
        (Some(bytes), Some(f)) => match &f.body {
            Body::File(now) if **now == *bytes => Ok(()),
            Body::File(_) => Err(Trouble::changed(path, "its content is another now")),
            _ => Err(Trouble::changed(path, "it is no regular file")),
        },
        (Some(_), None) => Err(gone()),
        (None, _) => Ok(()),
    };
    let to = match &change.what {
        What::Mode { to } => {
            full.as_mut().ok_or_else(gone)?.chmod(*to);
            full
        }
        What::Owner { uid, gid } => {
            let f = full.as_mut().ok_or_else(gone)?;
            let (mode, gid) = (f.mode, gid.unwrap_or(f.gid));
            f.chown(*uid, gid);
            f.mode = mode;
            full
        }
        What::Acl { to } => {
            let f = full.as_mut().ok_or_else(gone)?;
            if to.is_none() {
                let old = f.xattr(ACL).and_then(Acl::from_xattr);
                f.mode = without_acl(f.mode, old.as_ref());
            }
            f.set_acl(to.as_ref().map(acl_bytes));
            full
        }
        What::Label { .. } => Some(full.ok_or_else(gone)?),
        What::Write {
            before,
            after,
            made,
        } => {
            expect(before, &full)?;
            match full.as_mut() {
                Some(f) if matches!(f.body, Body::File(_)) => {
                    f.body = Body::File(Rc::new(after.clone()));
                    (f.atime, f.mtime, f.links) = ((0, 0), (0, 0), 1);
                    f.keep_for_new_bytes();
                    full
                }
                Some(_) => return Err(Trouble::changed(path, "it is no regular file")),
                None => return Ok(new_node(Body::File(Rc::new(after.clone())), *made)),
            }
        }
        What::MakeDir(made) => match full {
            Some(_) => {
                return Err(Trouble::changed(
                    path,
                    "something lies there now where nothing was",
                ));
            }
            None => return Ok(new_node(Body::Dir, *made)),
        },
        What::Replace {
            before,
            after,
            made,
        } => {
            expect(before, &full)?;
            if full.is_some_and(|f| f.body == Body::Dir) {
                return Err(Trouble::changed(path, "it is a directory"));
            }
            return Ok(new_node(Body::File(Rc::new(after.clone())), *made));
        }
        What::Remove { before } => {
            expect(before, &full)?;
            if full.ok_or_else(gone)?.body == Body::Dir {
                return Err(Trouble::changed(path, "it is a directory"));
            }
            None
        }
    };
    Ok(to.map_or(State::Absent, |f| State::There(Box::new(f))))
}

/// The label that restorecon(8) would set at a path, if it would.
fn wanted_label(program: &Path, path: &Path) -> Option<Vec<u8>> {
    let command = [
        program.as_os_str(),
        "-n".as_ref(),
        "-v".as_ref(),
        path.as_os_str(),
    ]
    .map(|w| w.as_encoded_bytes().to_vec())
    .to_vec();
    let outcome = reload::run(&command, TEST_TIME);
    if !outcome.ok {
        return None;
    }
    label_in(&outcome.said)
}

/// `Would relabel PATH from A to B`, `Relabeled …`, or before 2.7 `restorecon reset PATH context
/// A->B`.
fn label_in(said: &[u8]) -> Option<Vec<u8>> {
    let text = said.trim_ascii_end();
    let word = text.rsplit(|b| b.is_ascii_whitespace()).next()?;
    let label = match word.windows(2).rposition(|w| w == b"->") {
        Some(at) => word.get(at + 2..)?,
        None if text.windows(4).any(|w| w == b" to ") => word,
        None => return None,
    };
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_:.,-".contains(b);
    (label.iter().all(plain) && label.iter().filter(|&&b| b == b':').count() >= 2).then(|| {
        let mut label = label.to_vec();
        label.push(0);
        label
    })
}

/// Runs that were killed: what they left under temporary names is cleared away, and their phase
/// is what the machine shows. `beside`: a run that may wait to be confirmed.
///
/// # Errors
/// A run waits to be confirmed, or a journal cannot be read.
pub fn recover(store: &Store, root: &Root, beside: Option<&str>) -> Result<()> {
    for id in store.ids()? {
        match store.phase(&id) {
            Phase::Planned => store.forget(&id),
            Phase::Applying | Phase::Undoing => settle(store, root, &id)?,
            _ => {}
        }
        if store.phase(&id) == Phase::Unconfirmed && beside != Some(id.as_str()) {
            return Err(Trouble::new(b"", "begin", Why::Awaits(id)));
        }
    }
    Ok(())
}

/// Clears away what a killed run left, and says how far it came.
pub(crate) fn settle(store: &Store, root: &Root, id: &str) -> Result<()> {
    let run = store.read(id)?;
    let whose = Root::open(root.path(), &run.accounts)?;
    sweep(&whose, &run);
    let mut last: BTreeMap<&[u8], (&State, &State)> = BTreeMap::new();
    for step in &run.steps {
        let first = last
            .get(step.path.as_slice())
            .map_or(&step.before, |(b, _)| b);
        last.insert(&step.path, (first, &step.after));
    }
    let (mut all_before, mut all_after) = (true, true);
    for (path, (before, after)) in last {
        let now = whose
            .place(path, false)
            .and_then(|p| p.look())
            .unwrap_or(State::Absent);
        all_before &= before.same(&now);
        all_after &= after.same(&now);
    }
    if store.phase(id) == Phase::Undoing {
        // What it was taken back by is settled by itself.
        let phase = match (all_before, all_after) {
            (true, _) => Phase::Undone,
            (_, true) => Phase::Applied,
            _ => Phase::Stopped,
        };
        return store.set_phase(id, phase);
    }
    if all_before || all_after {
        give_times(&whose, &run, all_before);
    }
    if all_before {
        store.forget(id);
        return Ok(());
    }
    let phase = match (all_after, &run.confirm) {
        (false, _) => Phase::Stopped,
        (true, None) => Phase::Applied,
        // Its end was not written down, so nobody confirmed it.
        (true, Some(_)) => Phase::Unconfirmed,
    };
    store.set_phase(id, phase)?;
    if all_after && let Some(of) = &run.of {
        store.set_phase(of, Phase::Undone)?;
    }
    Ok(())
}

/// Removes the temporary names of a run. What turns out to be somebody's, put there in the
/// instant of an exchange, is put back.
fn sweep(root: &Root, run: &Run) {
    let ours: Vec<&[u8]> = run.steps.iter().map(|s| s.temp.as_slice()).collect();
    for step in run.steps.iter().rev().filter(|s| !s.temp.is_empty()) {
        let Ok(place) = root.place(&step.path, false) else {
            continue;
        };
        let temp = place.beside(&step.temp);
        let _ = unlink(&place.beside(&[&step.temp[..], b"k"].concat()), false);
        let Ok(Some(seen)) = temp.seen() else {
            continue;
        };
        let dir = rustix::fs::FileType::from_raw_mode(seen.stat.st_mode)
            == rustix::fs::FileType::Directory;
        if dir {
            empty(&temp, &ours);
            if unlink(&temp, true).is_err() && step.act == Act::Remove {
                let free = RenameFlags::NOREPLACE;
                let _ = rustix::fs::renameat_with(
                    temp.at(),
                    &*temp.name,
                    place.at(),
                    &*place.name,
                    free,
                );
            }
        } else {
            let lies = |p: &Place| p.look().unwrap_or(State::Absent);
            let exchanged = step.after.there().is_some() && step.after.same(&lies(&place));
            if exchanged && !step.before.same(&lies(&temp)) && step.before != State::Absent {
                let _ = rustix::fs::renameat_with(
                    temp.at(),
                    &*temp.name,
                    place.at(),
                    &*place.name,
                    RenameFlags::EXCHANGE,
                );
            }
            let _ = unlink(&temp, false);
        }
        let _ = temp.sync();
    }
}

/// Removes what is ours in a temporary directory of ours.
fn empty(dir: &Place, ours: &[&[u8]]) {
    let flags = rustix::fs::OFlags::PATH
        | rustix::fs::OFlags::DIRECTORY
        | rustix::fs::OFlags::NOFOLLOW
        | rustix::fs::OFlags::CLOEXEC;
    let none = rustix::fs::Mode::empty();
    let Ok(fd) = rustix::fs::openat(dir.at(), &*dir.name, flags, none) else {
        return;
    };
    let fd = Rc::new(fd);
    for name in names(dir).unwrap_or_default() {
        let plain = name.strip_suffix(b"k").unwrap_or(&name);
        if ours.contains(&name.as_slice()) || ours.contains(&plain) {
            let inner = Place {
                dir: Rc::clone(&fd),
                path: [&dir.path[..], b"/", &name].concat(),
                name,
            };
            empty(&inner, ours);
            if unlink(&inner, false).is_err() {
                let _ = unlink(&inner, true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_from_what_restorecon_says() {
        let new = b"Would relabel /home/a to b/.ssh from system_u:object_r:user_home_t:s0 to \
                    system_u:object_r:ssh_home_t:s0\n";
        let want = b"system_u:object_r:ssh_home_t:s0\0";
        assert_eq!(label_in(new).unwrap(), want);
        let old =
            b"restorecon reset /x context u:object_r:a_t:s0->system_u:object_r:ssh_home_t:s0\n";
        assert_eq!(label_in(old).unwrap(), want);
        assert!(label_in(b"").is_none());
        assert!(label_in(b"restorecon: lstat(/x) failed\n").is_none());
    }
}
