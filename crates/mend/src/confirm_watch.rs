//! Who takes back a run that nobody confirmed: a process that waits, a timer, a unit at boot.

use crate::confirm::{Cover, has_systemd};
use crate::journal::{Phase, Store};
use crate::reload;
use crate::safe_trouble::{Result, Trouble, Why};
use crate::undo;
use rustix::io::Errno;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a watcher looks whether the run was confirmed.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a watcher tries after the deadline, should somebody else be at work.
const PATIENCE: Duration = Duration::from_secs(600);
/// The unit that takes back at boot.
const UNIT: &str = "/etc/systemd/system/sshwhy-revert.service";
/// What makes it start.
const WANTED: &str = "/etc/systemd/system/multi-user.target.wants/sshwhy-revert.service";

/// What came of taking back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was confirmed, or taken back by somebody else.
    Settled,
    /// It is taken back; what was skipped, as somebody had changed it since; what the daemon said
    /// where telling it failed.
    Back {
        /// What was skipped.
        skipped: Vec<Trouble>,
        /// The reload's failure.
        reload: Option<Vec<u8>>,
    },
}

/// Starts everything that takes the run back should this process not live to: before the change.
/// `program` is run with `undo --watch ID` and `undo --at-boot`, and `more` after either.
///
/// # Errors
/// No process can be started that waits. Then nothing may be changed.
pub fn start(
    store: &Store,
    id: &str,
    seconds: u32,
    program: &Path,
    more: &[&str],
) -> Result<Cover> {
    let trouble = |e: std::io::Error| {
        Trouble::os(
            program.as_os_str().as_encoded_bytes(),
            "start",
            Errno::from_io_error(&e).unwrap_or(Errno::IO),
        )
    };
    let mut child = Command::new(program)
        .args(["undo", "--watch", id])
        .args(more)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(trouble)?;
    // It says when it is out of reach of this session's end.
    let mut word = [0; 1];
    let read = child.stdout.take().map(|mut out| out.read_exact(&mut word));
    if !matches!(read, Some(Ok(()))) {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Trouble::new(
            b"",
            "start the process that takes the change back",
            Why::Journal("it ended at once".to_owned()),
        ));
    }
    let mut cover = Cover {
        process: true,
        timer: false,
        boot: false,
    };
    if has_systemd() && rustix::process::geteuid().is_root() {
        cover.boot = boot_unit(store, program, more).is_ok();
        cover.timer = timer(id, seconds, program, more);
    }
    Ok(cover)
}

/// The program where it will be at boot: the system's own, or a copy beside the journals.
fn lasting(store: &Store, program: &Path) -> std::io::Result<PathBuf> {
    let system = ["/usr/", "/bin/", "/sbin/", "/opt/"];
    if system.iter().any(|s| program.starts_with(s)) {
        return Ok(program.to_path_buf());
    }
    let (copy, new) = (store.path().join("sshwhy"), store.path().join(".sshwhy"));
    fs::copy(program, &new)?;
    fs::rename(&new, &copy)?;
    Ok(copy)
}

fn words(program: &Path, more: &[&str]) -> std::io::Result<String> {
    let mut out = String::new();
    let program = program.to_str().ok_or(std::io::ErrorKind::InvalidInput)?;
    for word in [program, "undo", "--at-boot"].iter().chain(more) {
        // systemd.service(5), quoting: within double quotes C escapes and specifiers count.
        let quoted = word
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('%', "%%")
            .replace('$', "$$");
        if quoted.contains('\n') {
            return Err(std::io::ErrorKind::InvalidInput.into());
        }
        out.push_str(&format!("\"{quoted}\" "));
    }
    Ok(out.trim_end().to_owned())
}

fn boot_unit(store: &Store, program: &Path, more: &[&str]) -> std::io::Result<()> {
    let line = words(&lasting(store, program)?, more)?;
    let unit = format!(
        "[Unit]\nDescription=Take back a change by sshwhy that nobody confirmed\n\
         After=local-fs.target\nBefore=ssh.service sshd.service ssh.socket sshd.socket \
         dropbear.service\n\n[Service]\nType=oneshot\nExecStart={line}\n\n\
         [Install]\nWantedBy=multi-user.target\n"
    );
    let new = format!("{UNIT}.new");
    let mut file = fs::File::create(&new)?;
    file.write_all(unit.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, UNIT)?;
    if let Some(dir) = Path::new(WANTED).parent() {
        fs::create_dir_all(dir)?;
    }
    match std::os::unix::fs::symlink(UNIT, WANTED) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn timer(id: &str, seconds: u32, program: &Path, more: &[&str]) -> bool {
    let run = "/usr/bin/systemd-run";
    let mut command: reload::Command = [
        run.to_owned(),
        "--quiet".to_owned(),
        "--collect".to_owned(),
        format!("--unit=sshwhy-revert-{id}"),
        format!("--on-active={seconds}"),
        "--timer-property=AccuracySec=1s".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec();
    command.push(program.as_os_str().as_encoded_bytes().to_vec());
    for word in ["undo", "--expired", id].iter().chain(more) {
        command.push(word.as_bytes().to_vec());
    }
    reload::run(&command, Duration::from_secs(10)).ok
}

/// The unit goes as soon as no run waits.
pub fn clear_up(store: &Store) {
    let waits = |id: &String| matches!(store.phase(id), Phase::Unconfirmed) || is_open(store, id);
    if !store.ids().unwrap_or_default().iter().any(waits) {
        let _ = fs::remove_file(WANTED);
        let _ = fs::remove_file(UNIT);
        let _ = fs::remove_file(store.path().join("sshwhy"));
    }
}

/// A run that was to be confirmed and was killed before its end.
fn is_open(store: &Store, id: &str) -> bool {
    let on_the_way = matches!(
        store.phase(id),
        Phase::Planned | Phase::Applying | Phase::Stopped | Phase::Unconfirmed | Phase::Undoing
    );
    on_the_way && store.read(id).is_ok_and(|r| r.confirm.is_some())
}

/// The process that waits: it leaves the session of whoever started it, says so on standard
/// output, waits for the deadline, and takes the run back if nobody confirmed it.
///
/// # Errors
/// It cannot be taken back.
pub fn watch(store_path: &Path, root: &Path, id: &str) -> Result<Fate> {
    // A login that ends takes its session's processes with it.
    let _ = rustix::process::setsid();
    let missing = || Trouble::new(b"", "find the run", Why::NoRun(id.to_owned()));
    let store = Store::existing(store_path)?.ok_or_else(missing)?;
    let run = store.read(id)?;
    let deadline = run.confirm.ok_or_else(missing)?.deadline;
    let left = deadline.saturating_sub(crate::journal::now().0).max(0);
    let end = Instant::now() + Duration::from_secs(left.unsigned_abs());
    let mut out = std::io::stdout();
    let _ = out.write_all(b".").and_then(|()| out.flush());
    while Instant::now() < end {
        if !is_open(&store, id) {
            clear_up(&store);
            return Ok(Fate::Settled);
        }
        std::thread::sleep(PAUSE.min(end.saturating_duration_since(Instant::now())));
    }
    expired(store_path, root, id)
}

/// Takes a run back whose time is up, with all that was begun after it, the newest first.
///
/// # Errors
/// It cannot be taken back.
pub fn expired(store_path: &Path, root: &Path, id: &str) -> Result<Fate> {
    let Some(store) = Store::existing(store_path)? else {
        return Ok(Fate::Settled);
    };
    let begun = Instant::now();
    let mut fate = Fate::Settled;
    let ids = store.ids()?;
    for other in ids.iter().rev().filter(|i| i.as_str() >= id) {
        while is_open(&store, other) {
            match back(store_path, root, other) {
                Ok(f) => {
                    fate = f;
                    break;
                }
                Err(t) if t.why == Why::Busy && begun.elapsed() < PATIENCE => {
                    std::thread::sleep(PAUSE);
                }
                Err(t) => return Err(t),
            }
        }
    }
    clear_up(&store);
    Ok(fate)
}

/// After a reboot: whatever nobody confirmed goes back, the newest first. The daemon is not told:
/// it starts after this.
///
/// # Errors
/// The last that could not be taken back.
pub fn at_boot(store_path: &Path, root: &Path) -> Result<usize> {
    let Some(store) = Store::existing(store_path)? else {
        return Ok(0);
    };
    let (mut done, mut failed) = (0, None);
    for id in store.ids()?.iter().rev() {
        if is_open(&store, id) {
            match undo::look(store_path, root, Some(id)).and_then(|u| u.carry_out(true)) {
                Ok(_) => done += 1,
                // It was never begun.
                Err(t) if matches!(t.why, Why::NoRun(_)) => {}
                Err(t) => failed = Some(t),
            }
        }
    }
    clear_up(&store);
    failed.map_or(Ok(done), Err)
}

fn back(store_path: &Path, root: &Path, id: &str) -> Result<Fate> {
    let undo = match undo::look(store_path, root, Some(id)) {
        Ok(undo) => undo,
        Err(t) if matches!(t.why, Why::NoRun(_)) => return Ok(Fate::Settled),
        Err(t) => return Err(t),
    };
    let commands = undo.of.reload.clone();
    // It may have been confirmed while the lock was waited for.
    if matches!(undo.phase, Phase::Undone | Phase::Applied) {
        return Ok(Fate::Settled);
    }
    let done = undo.carry_out(true)?;
    let told = reload::carry_out(&commands);
    Ok(Fate::Back {
        skipped: done.map(|d| d.skipped).unwrap_or_default(),
        reload: told.err().map(|(_, said)| said),
    })
}
