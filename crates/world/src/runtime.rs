//! Facts that only a running system has.

use alloc::vec::Vec;

/// The listening daemon.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Daemon {
    /// Something listens where sshd should.
    pub listening: bool,
    /// When the listener last read its configuration, in seconds since the epoch: its start, or
    /// the last SIGHUP that is known.
    pub config_read_at: Option<i64>,
    /// Process id.
    pub pid: Option<u32>,
    /// The binary it runs was replaced on disk (`/proc/PID/exe` is deleted).
    pub binary_replaced: bool,
    /// The configuration file it was started with, where that is known.
    pub config: Option<Vec<u8>>,
    /// `-o Keyword=value` words of its command line.
    pub options: Vec<Vec<u8>>,
    /// It is started anew for each connection (`sshd -i`: inetd, or a socket unit that accepts).
    pub per_connection: bool,
}

/// A command that sshd would run to ask for keys or principals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRequest {
    /// The account it runs as.
    pub user: Vec<u8>,
    /// Its words after token expansion; the first is the path.
    pub argv: Vec<Vec<u8>>,
    /// The keyword that names it, for messages.
    pub keyword: &'static str,
}

/// How such a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOutcome {
    /// Standard output, at most 1 MiB.
    pub output: Vec<u8>,
    /// Output was longer than that.
    pub cut: bool,
    /// Exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// The signal.
    pub signal: Option<i32>,
    /// It was stopped after ten seconds.
    pub timed_out: bool,
    /// Wall time in milliseconds.
    pub millis: u64,
}

/// Which mandatory access control refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacMode {
    /// SELinux
    SeLinux,
    /// AppArmor
    AppArmor,
}

/// A denial of mandatory access control: predicted from the policy, or seen in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacDenial {
    /// Which one.
    pub mode: MacMode,
    /// The label the path has, or the AppArmor profile that confines sshd.
    pub have: Vec<u8>,
    /// The label the policy wants there, where known.
    pub want: Option<Vec<u8>>,
    /// The log line that shows it, if one was seen.
    pub log: Option<Vec<u8>>,
    /// Enforcing: it does refuse. Otherwise it only would.
    pub enforcing: bool,
}

/// A setting of the service unit that hides a path from the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    /// `ProtectHome=yes`
    pub setting: Vec<u8>,
    /// The unit file and line.
    pub file: Vec<u8>,
    /// Line number, from 1.
    pub line: u32,
}
