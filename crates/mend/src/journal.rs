//! What was before, on disk before anything changes.
//!
//! One directory holds all journals; each run has one of its own there, named by its time-ordered
//! id. It comes into being whole (a rename) with everything that the run will change, before the
//! first change; only its phase is rewritten later. What lies on the machine is always told by
//! looking: each step's states before and after are here, so a run that was killed needs no
//! bookkeeping to be taken back.
//!
//! **Invariant:** nothing in a journal is trusted to be a path to write to without the checks that
//! the change itself had to pass.

use crate::journal_text as text;
use crate::safe_state::{State, Time};
use crate::safe_trouble::{Result, Trouble, Why};
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where root's journals lie.
pub const SYSTEM: &str = "/var/lib/sshwhy";
/// The longest journal that is read, without the bytes of files.
const LONGEST: u64 = 64 << 20;
/// Runs that are kept; older ones that are over are removed.
const KEEP: usize = 100;
/// How long another run is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What one step does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// A file, link or special node comes to a name, over what was there.
    Put,
    /// What lies at a name goes.
    Remove,
    /// A directory is made.
    MakeDir,
    /// chmod(2)
    Mode,
    /// chown(2)
    Owner,
    /// An extended attribute is set or removed.
    Attribute(Vec<u8>),
    /// The label that restorecon(8) would set is set.
    Label,
}

/// One step: nothing lies between `before` and `after`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The path, absolute.
    pub path: Vec<u8>,
    /// What is done.
    pub act: Act,
    /// What lies there before.
    pub before: State,
    /// What lies there after.
    pub after: State,
    /// The temporary name in the same directory; empty where none is needed.
    pub temp: Vec<u8>,
}

/// When a directory's entries changed: they change under our hands, and that is taken back too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// The directory.
    pub path: Vec<u8>,
    /// Its time before the run.
    pub before: Time,
    /// The time to give it at the end of the run; `None`: what the run makes it.
    pub want: Option<Time>,
}

/// A run that goes back by itself unless it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// When it goes back, in seconds since the epoch.
    pub deadline: i64,
    /// The boot that it happened in (`/proc/sys/kernel/random/boot_id`).
    pub boot: Vec<u8>,
    /// The SSH connection that it was started from, as its server process and that one's start.
    pub session: Option<(u32, u64)>,
    /// Clock ticks since boot when it was applied: a login that confirms it is younger.
    pub ticks: u64,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id: the time it was made, and a random end.
    pub id: String,
    /// When it was made, in seconds since the epoch.
    pub made: i64,
    /// The run that it takes back.
    pub of: Option<String>,
    /// The accounts whose directories may be entered, by uid.
    pub accounts: Vec<u32>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The directories whose entries change.
    pub dirs: Vec<Times>,
    /// Commands that make the daemon read its files again.
    pub reload: Vec<Vec<Vec<u8>>>,
    /// It goes back by itself.
    pub confirm: Option<Confirm>,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The journal is there, and nothing is changed.
    Planned,
    /// It is being done, or was killed while it was.
    Applying,
    /// It was killed, and what it left half made is cleared away. The machine is before or after
    /// at each path.
    Stopped,
    /// Done.
    Applied,
    /// Done, and goes back by itself unless it is confirmed.
    Unconfirmed,
    /// It is being taken back, or that was killed.
    Undoing,
    /// Taken back.
    Undone,
}

/// The words of the phases, on disk and for people.
const PHASES: [(Phase, &str); 7] = [
    (Phase::Planned, "planned"),
    (Phase::Applying, "applying"),
    (Phase::Stopped, "stopped"),
    (Phase::Applied, "applied"),
    (Phase::Unconfirmed, "unconfirmed"),
    (Phase::Undoing, "undoing"),
    (Phase::Undone, "undone"),
];

impl Phase {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = PHASES.iter().find(|(p, _)| *p == self);
        found.map_or("", |(_, w)| w)
    }

    /// There may be something to take back.
    #[must_use]
    pub fn can_be_undone(self) -> bool {
        !matches!(self, Phase::Planned | Phase::Undone)
    }
}

/// The directory of journals.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
}

/// Whoever holds it changes the machine; nobody else does.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "its life is the lock")] File);

fn io_trouble<'a>(path: &'a Path, doing: &'static str) -> impl Fn(io::Error) -> Trouble + 'a {
    move |e| {
        let errno = Errno::from_io_error(&e).unwrap_or(Errno::IO);
        Trouble::os(path.as_os_str().as_encoded_bytes(), doing, errno)
    }
}

/// Seconds since the epoch, and microseconds.
pub(crate) fn now() -> (i64, u32) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default();
    (
        i64::try_from(now.as_secs()).unwrap_or(0),
        now.subsec_micros(),
    )
}

/// Year, month and day of a day since the epoch (proleptic Gregorian).
pub(crate) fn civil(seconds: i64) -> (i64, i64, i64) {
    let days = seconds.div_euclid(86400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// `20261122-201530-123456-9f3a1c`: ordered by time, and not to be guessed.
fn new_id(last: Option<&str>) -> Result<String> {
    let (mut seconds, mut micros) = now();
    let mut random = [0u8; 6];
    getrandom::fill(&mut random).map_err(|_| Trouble::os(b"", "get random bytes", Errno::NOSYS))?;
    loop {
        let (year, month, day) = civil(seconds);
        let (hour, minute, second) = (
            seconds.rem_euclid(86400) / 3600,
            seconds.rem_euclid(3600) / 60,
            seconds.rem_euclid(60),
        );
        let when =
            format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}-{micros:06}");
        // A clock that was set back does not put the newest run behind an older one.
        if let Some(last) = last.and_then(|l| l.get(..when.len()))
            && when.as_str() <= last
        {
            let ahead = parse_when(last).unwrap_or((seconds, micros));
            (seconds, micros) = if ahead.1 >= 999_999 {
                (ahead.0 + 1, 0)
            } else {
                (ahead.0, ahead.1 + 1)
            };
            continue;
        }
        let random: String = random.iter().map(|b| format!("{b:02x}")).collect();
        return Ok(format!("{when}-{random}"));
    }
}

/// The time in an id.
fn parse_when(when: &str) -> Option<(i64, u32)> {
    let number = |from: usize, to: usize| when.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (y, m) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days =
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day
            - 1
            - 719_468;
    let seconds = days * 86400 + number(9, 11)? * 3600 + number(11, 13)? * 60 + number(13, 15)?;
    Some((seconds, u32::try_from(number(16, 22)?).ok()?))
}

fn is_id(name: &str) -> bool {
    name.len() >= 24 && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

impl Store {
    /// Where the journals of whoever runs this lie: below `root` for root, in the state directory
    /// of the user else.
    #[must_use]
    pub fn usual(root: &Path) -> PathBuf {
        if rustix::process::geteuid().is_root() {
            return root.join(SYSTEM.trim_start_matches('/'));
        }
        let state = std::env::var_os("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(|p| p.is_absolute());
        let home = || std::env::var_os("HOME").map_or_else(|| "/".into(), PathBuf::from);
        state
            .unwrap_or_else(|| home().join(".local/state"))
            .join("sshwhy")
    }

    /// Opens the directory, and makes it where it is missing: mode 0700.
    ///
    /// # Errors
    /// It cannot be made, or belongs to somebody else.
    pub fn open(path: &Path) -> Result<Store> {
        if !path.exists() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
            made.map_err(io_trouble(path, "make the directory of journals"))?;
            sync_dir(path.parent().unwrap_or(path))?;
        }
        Store::existing(path)?.ok_or_else(|| {
            Trouble::os(
                path.as_os_str().as_encoded_bytes(),
                "open the directory of journals",
                Errno::NOENT,
            )
        })
    }

    /// Opens the directory, if there is one.
    ///
    /// # Errors
    /// It belongs to somebody else, or is no directory.
    pub fn existing(path: &Path) -> Result<Option<Store>> {
        let meta = match fs::symlink_metadata(path) {
            Ok(meta) => meta,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io_trouble(path, "open the directory of journals")(e)),
        };
        let bad = |why: &str| {
            Trouble::new(
                path.as_os_str().as_encoded_bytes(),
                "use",
                Why::Journal(why.to_owned()),
            )
        };
        if !meta.is_dir() {
            return Err(bad("it is no directory"));
        }
        if meta.uid() != rustix::process::geteuid().as_raw() {
            return Err(bad("the directory of journals belongs to somebody else"));
        }
        if meta.mode() & 0o077 != 0 {
            fs::set_permissions(path, PermissionsExt::from_mode(0o700))
                .map_err(io_trouble(path, "close to others"))?;
        }
        Ok(Some(Store {
            path: path.to_path_buf(),
        }))
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the right to change the machine.
    ///
    /// # Errors
    /// [`Why::Busy`]: somebody else has it.
    pub fn lock(&self) -> Result<Lock> {
        let path = self.path.join("lock");
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::open(&path, flags, Mode::from_raw_mode(0o600))
            .map_err(|e| io_trouble(&path, "lock")(e.into()))?;
        // A process that was forked a moment ago holds the lock until it executes its program.
        let until = Instant::now() + PATIENCE;
        loop {
            match rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Lock(File::from(fd))),
                Err(Errno::WOULDBLOCK) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(Errno::WOULDBLOCK) => return Err(Trouble::new(b"", "begin", Why::Busy)),
                Err(e) => return Err(io_trouble(&path, "lock")(e.into())),
            }
        }
    }

    /// The ids of all runs, the oldest first.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn ids(&self) -> Result<Vec<String>> {
        let list = fs::read_dir(&self.path).map_err(io_trouble(&self.path, "read"))?;
        let mut ids: Vec<String> = list
            .filter_map(|e| e.ok()?.file_name().into_string().ok())
            .filter(|n| is_id(n))
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// The directory of a run.
    pub(crate) fn dir(&self, id: &str) -> PathBuf {
        self.path.join(id)
    }

    /// An id for a new run.
    pub(crate) fn fresh(&self) -> Result<String> {
        new_id(self.ids()?.last().map(String::as_str))
    }

    /// Writes a run down, whole, and onto the disk: after this it may begin.
    pub(crate) fn write(&self, run: &Run) -> Result<()> {
        self.tidy();
        let (journal, blobs) = text::encode(run);
        let making = self.path.join(format!(".new-{}", run.id));
        let made = (|| {
            DirBuilder::new()
                .mode(0o700)
                .create(&making)
                .map_err(io_trouble(&making, "make the journal"))?;
            for (i, blob) in blobs.iter().enumerate() {
                write_synced(&making.join(format!("bytes-{i}")), blob)?;
            }
            write_synced(&making.join("journal"), &journal)?;
            write_synced(&making.join("phase"), Phase::Planned.word().as_bytes())?;
            sync_dir(&making)?;
            let place = self.dir(&run.id);
            fs::rename(&making, &place).map_err(io_trouble(&place, "make the journal"))?;
            sync_dir(&self.path)
        })();
        if made.is_err() {
            let _ = fs::remove_dir_all(&making);
        }
        made
    }

    /// Reads a run. `id` may be the beginning of one id alone.
    ///
    /// # Errors
    /// There is none, or its journal is damaged.
    pub fn read(&self, id: &str) -> Result<Run> {
        let ids = self.ids()?;
        let mut fitting = ids.iter().filter(|i| i.starts_with(id));
        let (Some(found), None) = (fitting.next(), fitting.next()) else {
            return Err(Trouble::new(b"", "find the run", Why::NoRun(id.to_owned())));
        };
        let dir = self.dir(found);
        let raw = read_file(&dir.join("journal"), LONGEST)?;
        let blob = |n: usize| {
            let path = dir.join(format!("bytes-{n}"));
            read_file(&path, crate::safe_state::LIMIT).ok()
        };
        text::decode(&raw, blob).map_err(|why| {
            Trouble::new(
                dir.as_os_str().as_encoded_bytes(),
                "read the journal",
                Why::Journal(why),
            )
        })
    }

    /// How far a run is.
    #[must_use]
    pub fn phase(&self, id: &str) -> Phase {
        let raw = read_file(&self.dir(id).join("phase"), 64).unwrap_or_default();
        let word = raw.trim_ascii();
        let found = PHASES.iter().find(|(_, w)| w.as_bytes() == word);
        // A journal without a word is one whose word was being written.
        found.map_or(Phase::Applying, |(p, _)| *p)
    }

    /// Writes how far a run is, onto the disk.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn set_phase(&self, id: &str, phase: Phase) -> Result<()> {
        self.note(id, "phase", phase.word().as_bytes())
    }

    /// Writes a small file of a run, whole or not at all.
    pub(crate) fn note(&self, id: &str, name: &str, bytes: &[u8]) -> Result<()> {
        let dir = self.dir(id);
        let (new, place) = (dir.join(format!(".{name}")), dir.join(name));
        let _ = fs::remove_file(&new);
        write_synced(&new, bytes)?;
        fs::rename(&new, &place).map_err(io_trouble(&place, "write"))?;
        sync_dir(&dir)
    }

    /// Reads a small file of a run.
    pub(crate) fn noted(&self, id: &str, name: &str) -> Option<Vec<u8>> {
        read_file(&self.dir(id).join(name), 1 << 20).ok()
    }

    /// A run of which nothing is left on the machine is forgotten.
    pub(crate) fn forget(&self, id: &str) {
        // Its name goes first: half a journal is never read.
        let gone = self.path.join(format!(".old-{id}"));
        if fs::rename(self.dir(id), &gone).is_ok() {
            let _ = fs::remove_dir_all(gone);
        }
    }

    /// Clears away what was left half made or half removed, and the oldest runs.
    fn tidy(&self) {
        if let Ok(list) = fs::read_dir(&self.path) {
            for entry in list.flatten() {
                let name = entry.file_name();
                let name = name.as_encoded_bytes();
                if name.starts_with(b".new-") || name.starts_with(b".old-") {
                    let _ = fs::remove_dir_all(entry.path());
                }
            }
        }
        let ids = self.ids().unwrap_or_default();
        let extra = ids.len().saturating_sub(KEEP);
        for id in ids.iter().take(extra) {
            if matches!(self.phase(id), Phase::Applied | Phase::Undone) {
                self.forget(id);
            }
        }
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(io_trouble(path, "make"))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(io_trouble(path, "write"))
}

fn sync_dir(path: &Path) -> Result<()> {
    match File::open(path).and_then(|d| d.sync_all()) {
        Ok(()) => Ok(()),
        Err(e) if e.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => Ok(()),
        Err(e) => Err(io_trouble(path, "bring to the disk")(e)),
    }
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let read = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .and_then(|f| f.take(limit + 1).read_to_end(&mut bytes));
    read.map_err(io_trouble(path, "read"))?;
    if bytes.len() as u64 > limit {
        return Err(Trouble::new(
            path.as_os_str().as_encoded_bytes(),
            "read",
            Why::Large(bytes.len() as u64),
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_if_the_clock_goes_back() {
        let ahead = "29991231-235959-999999-000000000000";
        let id = new_id(Some(ahead)).unwrap();
        assert!(id.as_str() > ahead, "{id}");
        assert!(id.starts_with("30000101-000000-000000-"), "{id}");
        assert!(is_id(&id) && is_id(&new_id(None).unwrap()));
    }

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(951_782_400), (2000, 2, 29));
        assert_eq!(civil(-86400), (1969, 12, 31));
        let leap = parse_when("20000229-010203-000004").unwrap();
        assert_eq!(leap, (951_782_400 + 3723, 4));
    }
}
