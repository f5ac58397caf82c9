//! `sshwhy serve`: its arguments.

use crate::args::Common;
use clap::{ArgGroup, Args, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const SERVE: &str = "An SSH server that decides as sshd does, and says why.\n\n\
        With `--like-sshd` it reads sshd's configuration and key files, on a port of its own; with \
        `--keys DIR` it knows one account, that of whoever runs it, and the keys in that folder.\n\n\
        Nobody is let in unless `--session` says so: the holder of a key is told, after proving it, \
        what became of that key under that name, and nothing else. The full finding of every attempt \
        goes to standard output, as JSON lines with --format json.\n\n\
        Run as root, a process of its own speaks to the network: unprivileged, in an empty directory, \
        with neither files nor keys.\n\n\
        SIGHUP reads the arguments' files anew for connections to come; SIGTERM and SIGINT end it: it \
        takes no more connections, and after 3 s cuts those that are there; programs of their sessions that \
        do not end with them go on.";

pub(crate) const SERVE_EXIT: &str = "Exit status:
  0  ended by a signal
  2  this program could not work: arguments, an address in use, a folder others may write to";

/// `sshwhy serve`
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("decision").required(true).args(["keys", "like_sshd"])))]
pub struct Serve {
    /// The address to listen on, or `stdin`: a listening socket on standard input (systemd, inetd)
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:2222")]
    pub listen: String,
    /// Let nobody in; tell the holder of a proven key what became of it (the default)
    #[arg(long, conflicts_with = "session", help_heading = "What happens")]
    pub explain_only: bool,
    /// Open sessions for the account that runs this: shell, commands, sftp. Not as root
    #[arg(long, help_heading = "What happens")]
    pub session: bool,
    /// A folder whose files `authorized_keys` and `*.pub` hold the keys of the account that runs
    /// this
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = ["root", "sshd_config"], help_heading = "Whose decision")]
    pub keys: Option<PathBuf>,
    /// A line of sshd_config for the folder of keys, such as `StrictModes no`; may be repeated
    #[arg(
        short = 'o',
        value_name = "LINE",
        conflicts_with = "like_sshd",
        help_heading = "Whose decision"
    )]
    pub option: Vec<OsString>,
    /// Decide by this machine's sshd_config, accounts and files
    #[arg(long, help_heading = "Whose decision")]
    pub like_sshd: bool,
    /// The configuration to decide by
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "like_sshd", help_heading = "Whose decision")]
    pub sshd_config: Option<PathBuf>,
    /// A tree that stands for the machine: its accounts and files decide
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "like_sshd", help_heading = "Whose decision")]
    pub root: Option<PathBuf>,
    /// Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would
    #[arg(
        long,
        requires = "like_sshd",
        conflicts_with = "root",
        help_heading = "Whose decision"
    )]
    pub run_commands: bool,
    /// Decide as this build of sshd: debian-12, openssh-10.0 … [default: with --like-sshd the one found
    /// there, with --keys openssh-10.0]
    #[arg(long, value_name = "PROFILE", help_heading = "Whose decision")]
    pub build: Option<String>,
    /// This server's own host key; made where there is none. Without it: a new one at each start
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub host_key: Option<PathBuf>,
    /// Post-quantum key exchange alone (OpenSSH from 9.0, PuTTY from 0.78), as with --session by default
    #[arg(long, help_heading = "Limits")]
    pub post_quantum: bool,
    /// With --session: a key exchange for older clients, too. What is recorded today may be read later
    #[arg(
        long,
        requires = "session",
        conflicts_with = "post_quantum",
        help_heading = "Limits"
    )]
    pub classical: bool,
    /// Seconds to log in
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Limits")]
    pub grace: u64,
    /// Most connections at a time
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1024,
        help_heading = "Limits"
    )]
    pub connections: usize,
    /// Most connections at a time from one address, or one IPv6 network of 64 bits
    #[arg(long, value_name = "N", default_value_t = 32, help_heading = "Limits")]
    pub per_source: usize,
    /// Seconds that a source waits for each connection which proved nothing, past the third; 0:
    /// nobody waits
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=3600), help_heading = "Limits")]
    pub penalty: u64,
    /// As root: the account that the process which speaks to the network runs as [default: _sshwhy
    /// where there is one, else nobody]
    #[arg(long, value_name = "NAME", help_heading = "Limits")]
    pub network_user: Option<OsString>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

/// `sshwhy serve-session`: becomes the program of a session.
#[derive(Args, Debug)]
pub struct ServeSession {
    /// The program, the name to call it by, its arguments; before them, `--first COMMAND`: what it
    /// runs before
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    pub program: Vec<OsString>,
}

/// `sshwhy serve-network`: the listening socket on standard input, the line to its parent on standard
/// output.
#[derive(Args, Debug)]
pub struct ServeNetwork {
    /// The user to become
    pub uid: u32,
    /// The group to become
    pub gid: u32,
}
