//! How many failing connections a server has seen of us, kept between runs.
//!
//! OpenSSH 9.8 and later lay a penalty of 5 s on a source for each connection that ends
//! unauthenticated, and drop its connections once more than 15 s have added up
//! (sshd_config(5), PerSourcePenalties). The record holds host, port and time, and no secret.

use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What one failing connection costs, in seconds (`authfail`).
const COST: u64 = 5;
/// The sum that may not be passed, in seconds: below `min` with room for somebody else's mistake.
const MOST: u64 = 10;
/// How long a failure is remembered, in seconds: longer than the longest penalty.
const MEMORY: u64 = 900;

/// The record of one user.
#[derive(Clone, Debug)]
pub struct Budget {
    file: PathBuf,
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| d.as_secs())
}

impl Budget {
    /// In the user's state folder: `$XDG_STATE_HOME/sshwhy`, or `~/.local/state/sshwhy`.
    #[must_use]
    pub fn of_user() -> Option<Budget> {
        let var = |name: &str| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        let state = var("XDG_STATE_HOME").or_else(|| Some(var("HOME")?.join(".local/state")))?;
        Some(Budget::at(&state.join("sshwhy/checks")))
    }

    /// In this file.
    #[must_use]
    pub fn at(file: &Path) -> Budget {
        Budget {
            file: file.to_owned(),
        }
    }

    fn lines(&self) -> Vec<(u64, String)> {
        let Ok(file) = File::open(&self.file) else {
            return Vec::new();
        };
        let mut text = String::new();
        let _ = file.take(1 << 20).read_to_string(&mut text);
        let now = now();
        text.lines()
            .filter_map(|line| {
                let (time, server) = line.split_once(' ')?;
                Some((time.parse().ok()?, server.to_owned()))
            })
            .filter(|(time, _)| *time <= now && now.saturating_sub(*time) < MEMORY)
            .collect()
    }

    /// How long to wait before another connection to this server may fail.
    #[must_use]
    pub fn wait(&self, host: &[u8], port: u16) -> Duration {
        let server = server(host, port);
        let times: Vec<u64> = self
            .lines()
            .into_iter()
            .filter(|(_, s)| *s == server)
            .map(|(t, _)| t)
            .collect();
        Duration::from_secs(wait_after(&times, now()))
    }

    /// Failures of the last minutes at this server.
    #[must_use]
    pub fn failures(&self, host: &[u8], port: u16) -> usize {
        let server = server(host, port);
        self.lines().iter().filter(|(_, s)| *s == server).count()
    }

    /// Takes a failing connection down.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub fn record(&self, host: &[u8], port: u16) -> std::io::Result<()> {
        if let Some(dir) = self.file.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(dir)?;
        }
        let mut open = OpenOptions::new();
        open.create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600);
        let lock = open.open(self.file.with_extension("lock"))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        let mut lines = self.lines();
        lines.push((now(), server(host, port)));
        let text: String = lines.iter().map(|(t, s)| format!("{t} {s}\n")).collect();
        let new = self.file.with_extension("new");
        let mut open = OpenOptions::new();
        let mut file = open
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&new, &self.file)
    }
}

/// One word for a server; what is no plain name is escaped.
fn server(host: &[u8], port: u16) -> String {
    format!("{}:{port}", host.to_ascii_lowercase().escape_ascii()).replace(' ', "\\x20")
}

/// Seconds until the next failure keeps the sum within [`MOST`], each failure costing [`COST`].
fn wait_after(times: &[u64], now: u64) -> u64 {
    let mut until = 0u64;
    for &time in times {
        until = until.max(time).saturating_add(COST);
    }
    let owed = until.saturating_sub(now);
    owed.saturating_add(COST).saturating_sub(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_quick_failures_are_free_and_the_third_waits() {
        assert_eq!(wait_after(&[], 100), 0);
        assert_eq!(wait_after(&[100], 100), 0);
        assert_eq!(wait_after(&[100, 100], 100), 5);
        assert_eq!(wait_after(&[100, 100], 105), 0);
        assert_eq!(wait_after(&[100, 110, 200], 200), 0);
    }

    #[test]
    fn failures_are_kept_for_each_server() {
        let dir = tempfile::tempdir().unwrap();
        let budget = Budget::at(&dir.path().join("state/checks"));
        budget.record(b"Web one", 22).unwrap();
        budget.record(b"web one", 22).unwrap();
        assert_eq!(budget.failures(b"web one", 22), 2);
        assert_eq!(budget.failures(b"web one", 2222), 0);
        assert!(budget.wait(b"web one", 22) > Duration::ZERO);
        assert_eq!(budget.wait(b"web", 22), Duration::ZERO);
    }
}
