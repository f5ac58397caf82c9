//! A machine of a test's own: name spaces for mounts, network and processes, in which the test runs
//! once more as root. Nothing of the host is changed.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program under test. What runs as another user needs a copy in a place that user reaches.
pub(crate) const BUILT: &str = env!("CARGO_BIN_EXE_sshwhy");
const INSIDE: &str = "SSHWHY_TEST_INSIDE";
/// Seconds until a test that hangs is ended.
const PATIENCE: &str = "480";

/// What a shell said that had to succeed.
pub(crate) fn sh(command: &str) -> Output {
    let done = Command::new("sh").args(["-ec", command]).output().unwrap();
    assert!(done.status.success(), "{command}: {}", text(&done));
    done
}

/// Standard output, and behind it standard error.
pub(crate) fn text(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

/// Says that something is not tested; on CI that is a failure.
pub(crate) fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
    assert!(std::env::var_os("CI").is_none(), "SKIPPED: {what}");
}

/// Where the lab keeps the servers of other suites (`crates/lab/src/setup.rs`).
fn lab() -> PathBuf {
    let var = |name: &str| std::env::var_os(name).filter(|v: &OsString| !v.is_empty());
    let below = || {
        let own = || var("HOME").map(|home| PathBuf::from(home).join(".cache"));
        var("XDG_CACHE_HOME").map(PathBuf::from).or_else(own)
    };
    let named = var("SSHWHY_LAB_CACHE").map(PathBuf::from);
    named
        .or_else(|| Some(below()?.join("sshwhy/lab")))
        .unwrap_or_default()
}

/// Runs `case` on a machine that `furnish` has made; `name` is that of the very test that calls.
pub(crate) fn own(name: &str, furnish: fn(), case: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        furnish();
        return case();
    }
    let apart = ["-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc"];
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let can = root
        && Path::new("/usr/sbin/sshd").exists()
        && Command::new("unshare")
            .args(apart)
            .args(["mount", "-t", "tmpfs", "none", "/mnt"])
            .output()
            .is_ok_and(|o| o.status.success());
    if !can {
        return skipped(&format!("{name}: no root, no sshd, or no name spaces"));
    }
    let done = Command::new("unshare")
        .args(apart)
        .args(["timeout", "-k", "1", PATIENCE])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .env("SSHWHY_LAB_CACHE", lab())
        .env("HOME", "/root")
        .env("XDG_STATE_HOME", "/mnt/state")
        .env("TERM", "vt100")
        .env_remove("SSH_CONNECTION")
        .env_remove("SSH_AUTH_SOCK")
        .output()
        .unwrap();
    let said = text(&done);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
    // What was skipped inside is skipped.
    for line in said.lines().filter(|l| l.starts_with("SKIPPED: ")) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}
