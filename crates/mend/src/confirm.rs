//! A run that goes back by itself unless a new login proves that it may stay.
//!
//! Who confirms: a login of ours on a real connection, with a key of the person's or with one that
//! is made for it and lives a minute; or the person, from a login that began after the change.
//! Who takes back: `confirm_watch::watch`, a process of its own session that was started before the change;
//! where systemd runs, its timer too, and after a reboot a unit that runs before sshd.
//!
//! The private half of the key that is made for it never leaves memory. Its line is a run of its
//! own, beside the one that it proves: in a journal before it is in a file, and taken back by
//! whoever takes back.

use crate::apply::{Setting, apply};
use crate::change::{Change, Made, What};
use crate::journal::{Confirm, Phase, Store, civil, now};
use crate::safe_trouble::{Result, Trouble, Why};
use crate::undo;
use ed25519_dalek::{Signer as _, SigningKey};
use sshwhy_causes::Safety;
use sshwhy_keys::base64;
use sshwhy_wire::{AfterSuccess, Attempt, LoginPlan, SignError, Signer, Step, login as log_in};
use sshwhy_world::Node;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// The time that one try to connect has.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// The time that a throw-away key is good for, in seconds, where the server knows of such.
const KEY_LIFE: i64 = 60;
/// A note of a run: from when on a login may confirm it.
const READY: &str = "ready";
/// Ancestors that are looked at.
const GENERATIONS: usize = 64;

/// The terms of a run that goes back after so many seconds.
#[must_use]
pub fn terms(seconds: u32) -> Confirm {
    Confirm {
        deadline: now().0.saturating_add(i64::from(seconds)),
        boot: fs::read("/proc/sys/kernel/random/boot_id")
            .unwrap_or_default()
            .trim_ascii()
            .to_vec(),
        session: session(),
        ticks: ticks(),
    }
}

/// The SSH connection that this process belongs to: its server process, and when that began, in
/// clock ticks since boot. `None`: it belongs to none, or that is not to be seen from here.
#[must_use]
pub fn session() -> Option<(u32, u64)> {
    let mut pid = std::process::id();
    for _ in 0..GENERATIONS {
        let (name, parent, began) = stat(pid)?;
        if matches!(name.as_slice(), b"sshd" | b"sshd-session" | b"dropbear") {
            return Some((pid, began));
        }
        if parent <= 1 {
            return None;
        }
        pid = parent;
    }
    None
}

/// Name, parent and start of a process (proc_pid_stat(5)).
fn stat(pid: u32) -> Option<(Vec<u8>, u32, u64)> {
    let raw = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let open = raw.iter().position(|&b| b == b'(')?;
    let close = raw.iter().rposition(|&b| b == b')')?;
    let name = raw.get(open + 1..close)?.to_vec();
    let rest = std::str::from_utf8(raw.get(close + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let began = fields.nth(17)?.parse().ok()?;
    Some((name, parent, began))
}

/// Clock ticks since boot.
fn ticks() -> u64 {
    let raw = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let first = raw.split_ascii_whitespace().next().unwrap_or("0");
    let (seconds, rest) = first.split_once('.').unwrap_or((first, "0"));
    let hz = rustix::param::clock_ticks_per_second().max(1);
    let number = |t: &str| t.parse::<u64>().unwrap_or(0);
    number(seconds)
        .saturating_mul(hz)
        .saturating_add(number(rest).saturating_mul(hz) / 100)
}

/// The change is made and the daemon has read it: a login from now on proves something.
///
/// # Errors
/// The note cannot be written.
pub fn ready(store: &Store, id: &str) -> Result<()> {
    store.note(id, READY, ticks().to_string().as_bytes())
}

/// Keeps a run, on the word of this program, whose own login succeeded.
///
/// # Errors
/// It does not wait to be confirmed, or the note cannot be written.
pub fn keep(store: &Store, id: &str) -> Result<()> {
    let _lock = store.lock()?;
    match store.phase(id) {
        Phase::Unconfirmed => store.set_phase(id, Phase::Applied),
        phase => Err(no(id, format!("it is {}", phase.word()))),
    }
}

/// Keeps a run, on the word of the person. The newest that waits, if none is named; its id.
///
/// # Errors
/// This is not a login that began after the change; or no run waits.
pub fn keep_from_here(store: &Store, id: Option<&str>) -> Result<String> {
    let id = match id {
        Some(id) => store.read(id)?.id,
        None => {
            let waits = |i: &String| store.phase(i) == Phase::Unconfirmed;
            let found = store.ids()?.into_iter().rev().find(waits);
            found.ok_or_else(|| {
                let none = Why::NoRun("that waits to be confirmed".to_owned());
                Trouble::new(b"", "find the run", none)
            })?
        }
    };
    let before = store.read(&id)?.confirm;
    let ready = store
        .noted(&id, READY)
        .and_then(|raw| String::from_utf8(raw).ok()?.trim().parse::<u64>().ok());
    may_keep(
        &id,
        before.as_ref().and_then(|c| c.session),
        ready,
        session(),
    )?;
    keep(store, &id)?;
    Ok(id)
}

fn no(id: &str, why: impl Into<String>) -> Trouble {
    Trouble::new(
        format!("run {id}").as_bytes(),
        "keep",
        Why::Journal(why.into()),
    )
}

fn may_keep(
    id: &str,
    old: Option<(u32, u64)>,
    ready: Option<u64>,
    here: Option<(u32, u64)>,
) -> Result<()> {
    let Some(ready) = ready else {
        return Err(no(id, "the change is not wholly made yet"));
    };
    let Some(here) = here else {
        return Err(no(
            id,
            "this is no SSH login, so it proves nothing about logging in",
        ));
    };
    if Some(here) == old {
        return Err(no(id, "this is the login that it was started from"));
    }
    if here.1 < ready {
        return Err(no(
            id,
            "this login began before the change, so it does not prove that a new one is let in",
        ));
    }
    Ok(())
}

/// A key that is made to prove one login. Its private half is wiped on drop and never written.
pub struct ThrowAway {
    key: SigningKey,
    blob: Vec<u8>,
}

/// What the server understands on a key's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knows {
    /// `restrict`: OpenSSH 7.2.
    pub restrict: bool,
    /// `expiry-time` with a time in UTC (`Z`): OpenSSH 9.1.
    pub expiry: bool,
}

impl ThrowAway {
    /// A new key.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn new() -> Result<ThrowAway> {
        let mut seed = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *seed)
            .map_err(|_| Trouble::os(b"", "make a key", rustix::io::Errno::NOSYS))?;
        let key = SigningKey::from_bytes(&seed);
        let mut blob = Vec::new();
        put(&mut blob, b"ssh-ed25519");
        put(&mut blob, key.verifying_key().as_bytes());
        Ok(ThrowAway { key, blob })
    }

    /// Its line: it runs `true` and nothing else, from this machine alone, for a minute. `from` is
    /// left out for a server that knows no patterns there.
    #[must_use]
    pub fn line(&self, knows: Knows) -> Vec<u8> {
        let mut line = String::new();
        line.push_str(if knows.restrict {
            "restrict"
        } else {
            "no-pty,no-port-forwarding,no-agent-forwarding,no-X11-forwarding"
        });
        line.push_str(",command=\"true\",from=\"127.0.0.1,::1\"");
        if knows.expiry {
            let end = now().0.saturating_add(KEY_LIFE);
            let (year, month, day) = civil(end);
            let clock = end.rem_euclid(86400);
            line.push_str(&format!(
                ",expiry-time=\"{year:04}{month:02}{day:02}{:02}{:02}{:02}Z\"",
                clock / 3600,
                clock % 3600 / 60,
                clock % 60
            ));
        }
        line.push_str(" ssh-ed25519 ");
        line.push_str(&base64::encode(&self.blob));
        line.push_str(" sshwhy throw-away, goes by itself\n");
        line.into_bytes()
    }

    /// The change that puts the line at the end of a key file, which is as `node` and holds
    /// `bytes`.
    #[must_use]
    pub fn change(&self, path: &[u8], node: &Node, bytes: &[u8], knows: Knows) -> Change {
        let mut after = bytes.to_vec();
        if !after.is_empty() && !after.ends_with(b"\n") {
            after.push(b'\n');
        }
        after.extend_from_slice(&self.line(knows));
        Change {
            path: path.to_vec(),
            what: What::Write {
                before: Some(bytes.to_vec()),
                after,
                made: Made {
                    uid: node.uid,
                    gid: node.gid,
                    mode: node.mode,
                },
            },
            before: Some(node.clone()),
            reasons: vec!["key-not-listed"],
            safety: Safety::Weakens,
            touches: Vec::new(),
            by: None,
        }
    }

    /// Who signs with it.
    #[must_use]
    pub fn signer(self) -> Arc<dyn Signer> {
        Arc::new(self)
    }
}

impl Signer for ThrowAway {
    fn public_blob(&self) -> Vec<u8> {
        self.blob.clone()
    }

    fn sign(&self, algorithm: &[u8], message: &[u8]) -> core::result::Result<Vec<u8>, SignError> {
        if algorithm != b"ssh-ed25519" {
            return Err(SignError::Algorithm(algorithm.to_vec()));
        }
        let mut out = Vec::new();
        put(&mut out, algorithm);
        put(&mut out, &self.key.sign(message).to_bytes());
        Ok(out)
    }
}

/// A string (RFC 4251 §5).
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A new login on a new connection: it succeeds, and the server goes on to talk. A login says
/// something about its own address class alone: what is proven is that of `to` seen from here.
///
/// # Errors
/// Why not, in a sentence without a full stop.
pub fn login(
    to: SocketAddr,
    user: &[u8],
    algorithms: &[&[u8]],
    signer: &Arc<dyn Signer>,
) -> core::result::Result<SocketAddr, String> {
    let mut stream = TcpStream::connect_timeout(&to, CONNECT_TIME)
        .map_err(|e| format!("no connection to {to}: {e}"))?;
    let _ = stream.set_nodelay(true);
    let from = stream
        .local_addr()
        .map_err(|e| format!("the connection has no address: {e}"))?;
    let blob = signer.public_blob();
    let steps = algorithms
        .iter()
        .map(|a| Step::Sign(Attempt::new(a, &blob, Arc::clone(signer))))
        .collect();
    let report = log_in(&mut stream, &LoginPlan::new(user, steps));
    match (report.success(), &report.after_success) {
        (true, Some(AfterSuccess::Alive)) => Ok(from),
        (true, _) => Err("the key was accepted and the connection ended at once".to_owned()),
        (false, _) => match report.disconnect() {
            Some(d) => Err(format!(
                "the server hung up: {}",
                String::from_utf8_lossy(&d.text)
            )),
            None => Err("the server refused the key".to_owned()),
        },
    }
}

/// Proves a run by a login with a throw-away key, whose line is put at the end of the key file at
/// `path` for that long. The line is a run of its own beside the one that it proves: it goes in
/// any case, and where this process is killed, with that one.
///
/// # Errors
/// The line cannot be put there, or cannot be taken back. Within: why the login failed.
pub fn prove(
    setting: &Setting,
    run: &str,
    key: ThrowAway,
    file: (&[u8], &Node, &[u8]),
    knows: Knows,
    login_as: (&[u8], SocketAddr),
) -> Result<core::result::Result<SocketAddr, String>> {
    let (path, node, bytes) = file;
    let mut own = setting.clone();
    own.beside = Some(run.to_owned());
    own.test = None;
    own.reload = Vec::new();
    let change = key.change(path, node, bytes, knows);
    let Some(done) = apply(&[change], &own)? else {
        return Ok(Err("the line was there already".to_owned()));
    };
    let signer = key.signer();
    let (user, to) = login_as;
    let outcome = login(to, user, &[b"ssh-ed25519"], &signer);
    undo::look(&setting.store, &setting.root, Some(&done.id))?.carry_out(false)?;
    Ok(outcome)
}

/// What takes a run back if this process does not live to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// A process of its own session waits.
    pub process: bool,
    /// systemd's timer waits.
    pub timer: bool,
    /// A unit takes it back after a reboot.
    pub boot: bool,
}

/// Whether systemd runs this machine: only then is a reboot covered.
#[must_use]
pub fn has_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_login_that_began_after_the_change_confirms() {
        let old = Some((7, 100));
        let ok = |ready, here| may_keep("x", old, ready, here).is_ok();
        assert!(ok(Some(500), Some((9, 500))));
        assert!(!ok(None, Some((9, 500))), "not wholly made");
        assert!(!ok(Some(500), None), "a console");
        assert!(!ok(Some(500), Some((9, 499))), "open since before");
        assert!(!ok(Some(50), old), "the same connection");
        assert!(may_keep("x", None, Some(500), Some((9, 600))).is_ok());
    }

    #[test]
    fn a_throw_away_line_is_bound_as_far_as_the_server_knows() {
        let key = ThrowAway::new().unwrap();
        let line =
            |restrict, expiry| String::from_utf8(key.line(Knows { restrict, expiry })).unwrap();
        let new = line(true, true);
        assert!(
            new.starts_with("restrict,command=\"true\",from=\"127.0.0.1,::1\",expiry-time=\"2"),
            "{new}"
        );
        assert!(
            new.contains("Z\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"),
            "{new}"
        );
        let old = line(false, false);
        assert!(old.starts_with("no-pty,no-port-forwarding,"), "{old}");
        assert!(
            !old.contains("restrict") && !old.contains("expiry"),
            "{old}"
        );
        assert_ne!(ThrowAway::new().unwrap().blob, key.blob);
    }

    #[test]
    fn time_since_boot_grows_and_this_process_began_before_now() {
        let (name, parent, began) = stat(std::process::id()).unwrap();
        assert!(!name.is_empty() && parent > 0);
        assert!(began <= ticks() + 1, "{began} {}", ticks());
    }
}
