//! Steps: what leads from one state of a node to another with nothing between, and how each is
//! done and taken back at once.

use crate::journal::{Act, Step};
use crate::safe::{self, Place, Root, split};
use crate::safe_state::{ACL, Body, DEFAULT_ACL, Full, LABEL, Seen, State, wide};
use crate::safe_trouble::{Result, Trouble, Why};
use rustix::fs::{
    self, AtFlags, FileType, Gid, Mode, OFlags, RenameFlags, Timespec, Timestamps, Uid, XattrFlags,
};
use rustix::io::Errno;
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

/// The steps that lead from one state to another; of each the state after it. Empty: they are the
/// same.
pub(crate) fn ways(from: &State, to: &State) -> Vec<(Act, State)> {
    let (a, b) = match (from, to) {
        _ if from.same(to) => return Vec::new(),
        (_, State::Absent) => return vec![(Act::Remove, State::Absent)],
        (State::Absent, State::There(b)) => {
            let act = if b.body == Body::Dir {
                Act::MakeDir
            } else {
                Act::Put
            };
            return vec![(act, to.clone())];
        }
        (State::There(a), State::There(b)) => (a, b),
    };
    if a.body != b.body || matches!(a.body, Body::Link(_) | Body::Special(..)) {
        return vec![(Act::Put, to.clone())];
    }
    let mut now: Full = (**a).clone();
    let mut out = Vec::new();
    let mut push = |act, now: &Full| out.push((act, State::There(Box::new(now.clone()))));
    if (now.uid, now.gid) != (b.uid, b.gid) {
        now.chown(b.uid, b.gid);
        push(Act::Owner, &now);
    }
    // Its mask would be the group's rights for a moment: what the group keeps of it comes first.
    if now.xattr(ACL).is_some() && b.xattr(ACL).is_none() && now.mode != b.mode {
        now.chmod(b.mode);
        push(Act::Mode, &now);
    }
    if now.xattr(ACL) != b.xattr(ACL) {
        now.set_acl(b.xattr(ACL).map(<[u8]>::to_vec));
        push(Act::Attribute(ACL.to_vec()), &now);
    }
    let mut names: Vec<Vec<u8>> = Vec::new();
    names.extend(now.xattrs.iter().chain(&b.xattrs).map(|(n, _)| n.clone()));
    names.sort();
    names.dedup();
    for name in names {
        if name != ACL && now.xattr(&name) != b.xattr(&name) {
            now.set_xattr(&name, b.xattr(&name).map(<[u8]>::to_vec));
            push(Act::Attribute(name), &now);
        }
    }
    if now.mode != b.mode {
        now.chmod(b.mode);
        push(Act::Mode, &now);
    }
    out
}

/// A temporary node, and what has become of it.
struct Temp {
    place: Place,
    /// Where the old file was kept by name, where two names cannot be exchanged.
    kept: Option<Place>,
    dir: bool,
}

/// Steps under way.
pub(crate) struct Work<'a> {
    root: &'a Root,
    steps: &'a [Step],
    /// Directories that are not there yet, or not under their names.
    made: HashMap<Vec<u8>, Rc<OwnedFd>>,
    temps: HashMap<usize, Temp>,
    done: Vec<usize>,
    /// Of each step that is done: what it replaced under the name is now at the temporary name.
    swapped: HashMap<usize, bool>,
    /// The handles by which steps were done: taking back needs no path, which may lead elsewhere
    /// by then.
    held: HashMap<usize, (Place, Option<Seen>)>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(root: &'a Root, steps: &'a [Step]) -> Work<'a> {
        Work {
            root,
            steps,
            made: HashMap::new(),
            temps: HashMap::new(),
            done: Vec::new(),
            swapped: HashMap::new(),
            held: HashMap::new(),
        }
    }

    /// The name at a path, also where its directory waits under a temporary name.
    fn place(&self, path: &[u8]) -> Result<Place> {
        if let Some((dir, name)) = split(path)
            && let Some(fd) = self.made.get(dir)
        {
            return Ok(Place {
                dir: Rc::clone(fd),
                name: name.to_vec(),
                path: path.to_vec(),
            });
        }
        self.root.place(path, false)
    }

    /// Writes everything that needs room, under temporary names: a full disk is found here, with
    /// nothing changed. What lies in a directory that an earlier step opens to us waits for it.
    pub(crate) fn prepare(&mut self) -> Result<()> {
        for i in 0..self.steps.len() {
            let Some(step) = self.steps.get(i) else { break };
            match self.prepare_one(i, step) {
                Ok(()) => {}
                Err(t) if self.opened_by_a_step(i, &t) => {}
                Err(t) => return Err(t),
            }
        }
        Ok(())
    }

    fn opened_by_a_step(&self, i: usize, t: &Trouble) -> bool {
        if !matches!(t.why, Why::Foreign(_) | Why::Os(Errno::ACCESS)) {
            return false;
        }
        let Some(step) = self.steps.get(i) else {
            return false;
        };
        let earlier = self.steps.get(..i).unwrap_or_default();
        earlier.iter().any(|e| {
            step.path.len() > e.path.len()
                && step.path.starts_with(&e.path)
                && matches!(e.act, Act::Owner | Act::Mode | Act::Attribute(_))
        })
    }

    fn prepare_one(&mut self, i: usize, step: &Step) -> Result<()> {
        if self.temps.contains_key(&i) {
            return Ok(());
        }
        let State::There(full) = &step.after else {
            return Ok(());
        };
        match step.act {
            Act::Put => {
                let place = self.place(&step.path)?.beside(&step.temp);
                self.temps.insert(
                    i,
                    Temp {
                        place: place.clone(),
                        kept: None,
                        dir: false,
                    },
                );
                make(&place, full)
            }
            Act::MakeDir => {
                let place = self.place(&step.path)?.beside(&step.temp);
                fs::mkdirat(place.at(), &*place.name, Mode::from_raw_mode(0o700))
                    .map_err(|e| Trouble::os(&step.path, "make the directory", e))?;
                self.temps.insert(
                    i,
                    Temp {
                        place: place.clone(),
                        kept: None,
                        dir: true,
                    },
                );
                let flags = OFlags::RDONLY
                    | OFlags::DIRECTORY
                    | OFlags::NOFOLLOW
                    | OFlags::CLOEXEC
                    | OFlags::NOATIME;
                let fd = fs::openat(place.at(), &*place.name, flags, Mode::empty())
                    .map_err(|e| Trouble::os(&step.path, "make the directory", e))?;
                // It is the one that was made, not one that was put in its place.
                let st = fs::fstat(&fd).map_err(|e| Trouble::os(&step.path, "look at", e))?;
                if st.st_uid != rustix::process::geteuid().as_raw() {
                    return Err(Trouble::changed(
                        &step.path,
                        "it was replaced while it was made",
                    ));
                }
                dress(fd.as_fd(), full, &step.path)?;
                self.made.insert(step.path.clone(), Rc::new(fd));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Does every step. `relabel` gives the label that the policy wants at a path.
    pub(crate) fn run(&mut self, relabel: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>) -> Result<()> {
        for i in 0..self.steps.len() {
            let Some(step) = self.steps.get(i) else { break };
            self.prepare_one(i, step)?;
            self.one(i, step, relabel)?;
        }
        // New nodes have the label of their directory's policy by now, or another one.
        for step in self.steps {
            if matches!(step.act, Act::Put | Act::MakeDir)
                && let Some(label) = relabel(&step.path)
            {
                let place = self.place(&step.path)?;
                if let Some(seen) = place.seen()? {
                    set_xattr(&seen, &step.path, LABEL, Some(&label))?;
                }
            }
        }
        Ok(())
    }

    fn one(
        &mut self,
        i: usize,
        step: &Step,
        relabel: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<()> {
        let place = self.place(&step.path)?;
        let (now, seen) = place.look_with()?;
        if let Some(how) = step.before.difference(&now) {
            return Err(Trouble::changed(&step.path, how));
        }
        match &step.act {
            Act::Put | Act::MakeDir => self.publish(i, step, &place, seen.as_ref())?,
            Act::Remove => {
                let temp = place.beside(&step.temp);
                let dir = step.before.there().is_some_and(|f| f.body == Body::Dir);
                rename_new(&place, &temp).map_err(|e| Trouble::os(&step.path, "remove", e))?;
                self.temps.insert(
                    i,
                    Temp {
                        place: temp.clone(),
                        kept: None,
                        dir,
                    },
                );
                self.hold(i, &place, None);
                self.swapped.insert(i, true);
                self.is_the_one(&temp, seen.as_ref(), &step.path)?;
                if dir {
                    self.only_our_own_in(&temp, step)?;
                }
                place.sync()?;
                return Ok(());
            }
            Act::Label => {
                if let (Some(label), Some(seen)) = (relabel(&step.path), seen) {
                    set_xattr(&seen, &step.path, LABEL, Some(&label))?;
                    self.hold(i, &place, Some(seen));
                }
                return Ok(());
            }
            Act::Mode | Act::Owner | Act::Attribute(_) => {
                let seen = seen.ok_or_else(|| Trouble::changed(&step.path, "it is gone"))?;
                // Root does not make somebody's what may lie elsewhere too.
                let file = matches!(step.before.there(), Some(f) if f.body != Body::Dir);
                if step.act == Act::Owner && file {
                    if seen.stat.st_nlink > 1 {
                        return Err(Trouble::changed(&step.path, "it has several names now"));
                    }
                    if !self.root.trusts(seen.stat.st_uid) {
                        return Err(Trouble::new(
                            &step.path,
                            "change the owner of",
                            Why::Foreign(seen.stat.st_uid),
                        ));
                    }
                }
                // One system call: after an error nothing is changed.
                meta(&seen, &step.path, &step.act, &step.after)?;
                if let Some(open) = &seen.open {
                    let _ = fs::fsync(open);
                }
                self.hold(i, &place, Some(seen));
            }
        }
        let (now, _) = self.place(&step.path)?.look_with()?;
        match step.after.difference(&now) {
            None => Ok(()),
            Some(how) => Err(Trouble::changed(
                &step.path,
                format!("the change did not take: {how}"),
            )),
        }
    }

    /// Gives the temporary node its name.
    fn publish(&mut self, i: usize, step: &Step, to: &Place, old: Option<&Seen>) -> Result<()> {
        let temp = match self.temps.get(&i) {
            Some(temp) => temp.place.clone(),
            None => return Err(Trouble::changed(&step.path, "its new form is gone")),
        };
        let ours = temp
            .seen()?
            .ok_or_else(|| Trouble::changed(&step.path, "its new form is gone"))?;
        let trouble = |e| match e {
            Errno::EXIST => {
                Trouble::changed(&step.path, "something lies there now where nothing was")
            }
            e => Trouble::os(&step.path, "replace", e),
        };
        let Some(old) = old else {
            rename_new(&temp, to).map_err(trouble)?;
            self.hold(i, to, None);
            self.swapped.insert(i, false);
            to.sync()?;
            return self.is_the_one(to, Some(&ours), &step.path);
        };
        let exchanged = fs::renameat_with(
            temp.at(),
            &*temp.name,
            to.at(),
            &*to.name,
            RenameFlags::EXCHANGE,
        );
        match exchanged {
            Ok(()) => {}
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                // The old one stays under a name of its own until the end.
                let kept = temp.beside(&[&step.temp[..], b"k"].concat());
                fs::linkat(to.at(), &*to.name, kept.at(), &*kept.name, AtFlags::empty())
                    .map_err(trouble)?;
                if let Some(t) = self.temps.get_mut(&i) {
                    t.kept = Some(kept.clone());
                }
                fs::renameat(temp.at(), &*temp.name, to.at(), &*to.name).map_err(trouble)?;
                if let Err(e) = fs::renameat(kept.at(), &*kept.name, temp.at(), &*temp.name) {
                    // At once back under its name.
                    let _ = fs::renameat(kept.at(), &*kept.name, to.at(), &*to.name);
                    return Err(trouble(e));
                }
            }
            Err(e) => return Err(trouble(e)),
        }
        self.hold(i, to, None);
        self.swapped.insert(i, true);
        to.sync()?;
        // What came out must be what was looked at, and untouched since.
        self.is_the_one(&temp, Some(old), &step.path)?;
        self.is_the_one(to, Some(&ours), &step.path)
    }

    /// A step is done, by these handles.
    fn hold(&mut self, i: usize, place: &Place, seen: Option<Seen>) {
        self.done.push(i);
        self.held.insert(i, (place.clone(), seen));
    }

    /// Whether a name is of the node that was looked at, with the same bytes in it.
    fn is_the_one(&self, place: &Place, of: Option<&Seen>, path: &[u8]) -> Result<()> {
        let now = fs::statat(place.at(), &*place.name, AtFlags::SYMLINK_NOFOLLOW);
        let now = now.map_err(|e| Trouble::os(path, "look at", e))?;
        let same = of.is_some_and(|of| {
            let (a, b) = (&of.stat, &now);
            (a.st_dev, a.st_ino, a.st_size, a.st_mtime)
                == (b.st_dev, b.st_ino, b.st_size, b.st_mtime)
                && wide(a.st_mtime_nsec) == wide(b.st_mtime_nsec)
                || FileType::from_raw_mode(a.st_mode) == FileType::Directory
                    && (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
        });
        if same {
            Ok(())
        } else {
            Err(Trouble::changed(
                path,
                "it was replaced while it was changed",
            ))
        }
    }

    /// A directory that goes holds nothing but what goes with it.
    fn only_our_own_in(&self, dir: &Place, step: &Step) -> Result<()> {
        let ours: Vec<&[u8]> = self.steps.iter().map(|s| s.temp.as_slice()).collect();
        for name in names(dir).map_err(|e| Trouble::os(&step.path, "read", e))? {
            if !ours.contains(&name.as_slice()) {
                let name = String::from_utf8_lossy(&name).into_owned();
                let how = format!("{name} lies in it, which was not there before");
                return Err(Trouble::changed(&step.path, how));
            }
        }
        Ok(())
    }

    /// Takes back what is done, the last first; the paths for which that failed.
    pub(crate) fn back(&mut self) -> Vec<Vec<u8>> {
        let mut left = Vec::new();
        while let Some(i) = self.done.pop() {
            let Some(step) = self.steps.get(i) else {
                continue;
            };
            if self.back_one(i, step).is_err() {
                left.push(step.path.clone());
            }
        }
        left
    }

    fn back_one(&mut self, i: usize, step: &Step) -> Result<()> {
        let Some((place, seen)) = self.held.get(&i) else {
            return Ok(());
        };
        let trouble = |e| Trouble::os(&step.path, "take back", e);
        match &step.act {
            Act::Put | Act::MakeDir | Act::Remove => {
                let Some(temp) = self.temps.get(&i) else {
                    return Ok(());
                };
                let temp = &temp.place;
                if step.act == Act::Remove {
                    rename_new(temp, place).map_err(trouble)?;
                } else if self.swapped.get(&i) == Some(&true) {
                    let exchange = RenameFlags::EXCHANGE;
                    match fs::renameat_with(
                        temp.at(),
                        &*temp.name,
                        place.at(),
                        &*place.name,
                        exchange,
                    ) {
                        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                            fs::renameat(temp.at(), &*temp.name, place.at(), &*place.name)
                        }
                        other => other,
                    }
                    .map_err(trouble)?;
                } else {
                    rename_new(place, temp).map_err(trouble)?;
                }
                place.sync()
            }
            Act::Label => match (seen, step.before.there()) {
                (Some(seen), Some(full)) => set_xattr(seen, &step.path, LABEL, full.xattr(LABEL)),
                _ => Ok(()),
            },
            Act::Mode | Act::Owner | Act::Attribute(_) => {
                let Some(seen) = seen else {
                    return Ok(());
                };
                for (act, state) in ways(&step.after, &step.before) {
                    meta(seen, &step.path, &act, &state)?;
                }
                if let (Some(full), Act::Attribute(name)) = (step.before.there(), &step.act)
                    && name == LABEL
                {
                    set_xattr(seen, &step.path, LABEL, full.xattr(LABEL))?;
                }
                Ok(())
            }
        }
    }

    /// Removes the temporary nodes: the old ones after success, the new ones after none.
    pub(crate) fn clear(&mut self) -> Result<()> {
        let mut temps: Vec<(usize, Temp)> = self.temps.drain().collect();
        // What lies in a temporary directory goes before it.
        temps.sort_by_key(|(i, t)| (t.dir, std::cmp::Reverse(*i)));
        let mut first = None;
        for _ in 0..=temps.len() {
            let mut again = Vec::new();
            first = None;
            for (i, temp) in temps {
                match self.clear_one(i, &temp) {
                    Ok(()) => {}
                    Err(t) => {
                        first.get_or_insert(t);
                        again.push((i, temp));
                    }
                }
            }
            temps = again;
            if temps.is_empty() {
                break;
            }
        }
        // A directory in which something came to lie gets its name back.
        for (i, temp) in temps {
            if let Some(step) = self.steps.get(i)
                && step.act == Act::Remove
                && temp.dir
                && let Ok(place) = self.place(&step.path)
            {
                let _ = rename_new(&temp.place, &place);
            }
        }
        first.map_or(Ok(()), Err)
    }

    fn clear_one(&self, i: usize, temp: &Temp) -> Result<()> {
        let path = self.steps.get(i).map_or(&temp.place.path, |s| &s.path);
        for place in [Some(&temp.place), temp.kept.as_ref()]
            .into_iter()
            .flatten()
        {
            unlink(place, temp.dir).map_err(|e| Trouble::os(path, "clear away what lay at", e))?;
        }
        let _ = temp.place.sync();
        Ok(())
    }
}

/// The names in a directory.
pub(crate) fn names(dir: &Place) -> rustix::io::Result<Vec<Vec<u8>>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = fs::openat(dir.at(), &*dir.name, flags | OFlags::NOATIME, Mode::empty())
        .or_else(|_| fs::openat(dir.at(), &*dir.name, flags, Mode::empty()))?;
    let mut out = Vec::new();
    for entry in fs::Dir::new(fd)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            out.push(name);
        }
    }
    Ok(out)
}

/// Removes a name; one that is gone is fine.
pub(crate) fn unlink(place: &Place, dir: bool) -> rustix::io::Result<()> {
    let flags = if dir {
        AtFlags::REMOVEDIR
    } else {
        AtFlags::empty()
    };
    match fs::unlinkat(place.at(), &*place.name, flags) {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}

/// Renames to a name that is free.
fn rename_new(from: &Place, to: &Place) -> rustix::io::Result<()> {
    let (old, new) = (&*from.name, &*to.name);
    match fs::renameat_with(from.at(), old, to.at(), new, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            let st = fs::statat(from.at(), old, AtFlags::SYMLINK_NOFOLLOW)?;
            if FileType::from_raw_mode(st.st_mode) == FileType::Directory {
                // rename(2) replaces an empty directory alone.
                fs::renameat(from.at(), old, to.at(), new)
            } else {
                fs::linkat(from.at(), old, to.at(), new, AtFlags::empty())?;
                fs::unlinkat(from.at(), old, AtFlags::empty())
            }
        }
        other => other,
    }
}

/// Makes a node that is no directory, under a name that is free, with everything it is to have.
fn make(place: &Place, full: &Full) -> Result<()> {
    let trouble = |e| Trouble::os(&place.path, "make", e);
    match &full.body {
        Body::File(bytes) => {
            let flags =
                OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let fd = fs::openat(place.at(), &*place.name, flags, Mode::from_raw_mode(0o600))
                .map_err(trouble)?;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                match rustix::io::write(&fd, rest) {
                    Ok(0) => return Err(trouble(Errno::IO)),
                    Ok(n) => rest = rest.get(n..).unwrap_or_default(),
                    Err(Errno::INTR) => {}
                    Err(e) => return Err(trouble(e)),
                }
            }
            dress(fd.as_fd(), full, &place.path)?;
            fs::fsync(&fd).map_err(trouble)
        }
        Body::Link(target) => {
            fs::symlinkat(&**target, place.at(), &*place.name).map_err(trouble)?;
            own(place, full)?;
            times(place, full)
        }
        Body::Special(kind, device) => {
            fs::mknodat(
                place.at(),
                &*place.name,
                FileType::from_raw_mode(*kind),
                Mode::from_raw_mode(full.mode),
                *device,
            )
            .map_err(trouble)?;
            own(place, full)?;
            // A handle: the name may be another's by now. Only what the umask took is given back,
            // so that a system without /proc can do it too.
            let fd = safe::handle(place.at(), &place.name).map_err(trouble)?;
            let made = fs::fstat(&fd).map_err(trouble)?;
            if made.st_mode & 0o7777 != full.mode & 0o7777 {
                fs::chmod(safe::by_proc(&fd), Mode::from_raw_mode(full.mode)).map_err(trouble)?;
            }
            times(place, full)
        }
        Body::Dir => Err(trouble(Errno::ISDIR)),
    }
}

fn own(place: &Place, full: &Full) -> Result<()> {
    let (uid, gid) = (Some(Uid::from_raw(full.uid)), Some(Gid::from_raw(full.gid)));
    fs::chownat(
        place.at(),
        &*place.name,
        uid,
        gid,
        AtFlags::SYMLINK_NOFOLLOW,
    )
    .map_err(|e| Trouble::os(&place.path, "give an owner to", e))
}

fn stamps(full: &Full) -> Timestamps {
    let time = |(tv_sec, tv_nsec): (i64, i64)| Timespec { tv_sec, tv_nsec };
    Timestamps {
        last_access: time(full.atime),
        last_modification: time(full.mtime),
    }
}

/// A state that was on the disk has times; one that is new has none yet.
fn has_times(full: &Full) -> bool {
    full.mtime != (0, 0) || full.atime != (0, 0)
}

fn times(place: &Place, full: &Full) -> Result<()> {
    if !has_times(full) {
        return Ok(());
    }
    fs::utimensat(
        place.at(),
        &*place.name,
        &stamps(full),
        AtFlags::SYMLINK_NOFOLLOW,
    )
    .map_err(|e| Trouble::os(&place.path, "set the times of", e))
}

/// Owner, attributes, mode and times of something new that nobody else can open yet.
fn dress(fd: std::os::fd::BorrowedFd<'_>, full: &Full, path: &[u8]) -> Result<()> {
    let trouble = |e| Trouble::os(path, "give an owner to", e);
    let st = fs::fstat(fd).map_err(trouble)?;
    if (st.st_uid, st.st_gid) != (full.uid, full.gid) {
        let (uid, gid) = (Uid::from_raw(full.uid), Gid::from_raw(full.gid));
        fs::fchown(fd, Some(uid), Some(gid)).map_err(trouble)?;
    }
    // A default ACL of the directory gave it ACLs that it is not to have.
    for name in [ACL, DEFAULT_ACL] {
        if full.xattr(name).is_none() {
            match fs::fremovexattr(fd, name) {
                Ok(()) | Err(Errno::NODATA | Errno::NOTSUP | Errno::ACCESS) => {}
                Err(e) => return Err(Trouble::os(path, "take the ACL from", e)),
            }
        }
    }
    for (name, value) in &full.xattrs {
        match fs::fsetxattr(fd, &**name, value, XattrFlags::empty()) {
            Ok(()) => {}
            // Labels are the policy's: an ordinary user gets the one that belongs there.
            Err(Errno::PERM | Errno::NOTSUP) if name.starts_with(b"security.") => {}
            Err(e) => return Err(Trouble::os(path, "copy an attribute to", e)),
        }
    }
    fs::fchmod(fd, Mode::from_raw_mode(full.mode))
        .map_err(|e| Trouble::os(path, "set the mode of", e))?;
    if has_times(full) {
        fs::futimens(fd, &stamps(full)).map_err(|e| Trouble::os(path, "set the times of", e))?;
    }
    Ok(())
}

fn set_xattr(seen: &Seen, path: &[u8], name: &[u8], value: Option<&[u8]>) -> Result<()> {
    let done = match (&seen.open, value) {
        (Some(fd), Some(value)) => fs::fsetxattr(fd, name, value, XattrFlags::empty()),
        (Some(fd), None) => fs::fremovexattr(fd, name),
        (None, Some(value)) => {
            fs::setxattr(safe::by_proc(&seen.fd), name, value, XattrFlags::empty())
        }
        (None, None) => fs::removexattr(safe::by_proc(&seen.fd), name),
    };
    match done {
        Ok(()) | Err(Errno::NODATA) => Ok(()),
        Err(e) => Err(Trouble::os(path, "set an attribute of", e)),
    }
}

/// Owner, mode or attribute of the node that was looked at.
fn meta(seen: &Seen, path: &[u8], act: &Act, after: &State) -> Result<()> {
    let State::There(full) = after else {
        return Err(Trouble::changed(path, "it is gone"));
    };
    match act {
        Act::Owner => {
            let (uid, gid) = (Some(Uid::from_raw(full.uid)), Some(Gid::from_raw(full.gid)));
            fs::chownat(&seen.fd, "", uid, gid, AtFlags::EMPTY_PATH)
                .map_err(|e| Trouble::os(path, "change the owner of", e))
        }
        Act::Mode => {
            let mode = Mode::from_raw_mode(full.mode);
            match &seen.open {
                Some(fd) => fs::fchmod(fd, mode),
                None => fs::chmod(safe::by_proc(&seen.fd), mode),
            }
            .map_err(|e| Trouble::os(path, "change the mode of", e))
        }
        Act::Attribute(name) => set_xattr(seen, path, name, full.xattr(name)),
        _ => Ok(()),
    }
}
