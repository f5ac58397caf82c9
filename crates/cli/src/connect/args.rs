//! The command line of `sshwhy connect`.

use crate::args::Common;
use clap::{ArgAction, Args, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

/// `--help`, at length.
pub const CONNECT: &str = "Log in with a key: a shell, or a command whose standard input, output and error \
    are this program's.\n\n\
    Keys of every format, agents, ssh_config and known_hosts are used as ssh uses them. A host that \
    nobody knows is asked about at a terminal and refused elsewhere; a host whose key has changed is \
    refused. The agent is not forwarded unless asked for. When the login fails, the step at which \
    it failed is named.";

/// Exit codes.
pub const CONNECT_EXIT: &str = "Exit status:
  that of the command or shell at the other end
  255  no session came about, the connection broke, or a signal ended the command
  2    this program could not work: arguments, a file that is not there";

/// `sshwhy connect`
#[derive(Args, Debug)]
pub struct Connect {
    /// The server, as ssh takes it
    #[arg(value_name = "[USER@]HOST[:PORT]", value_hint = ValueHint::Hostname)]
    pub target: OsString,
    /// A command line, for the user's shell there; without it a shell
    #[arg(value_name = "COMMAND", trailing_var_arg = true)]
    pub command: Vec<OsString>,
    /// The port
    #[arg(short, long, value_name = "PORT")]
    pub port: Option<u16>,
    /// The user, where the target names none
    #[arg(short = 'l', long, value_name = "USER")]
    pub login: Option<OsString>,
    /// A private key file of any format; may be repeated
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub identity: Vec<PathBuf>,
    /// This ssh_config instead of the usual ones
    #[arg(short = 'F', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// A saved session of PuTTY: its key, user, port, and its host where the target is ''
    #[arg(long, value_name = "NAME", conflicts_with_all = ["config", "option", "jump"])]
    pub putty_session: Option<OsString>,
    /// PuTTY's settings as regedit exported them, instead of its files
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["config", "option", "jump"])]
    pub putty_reg: Option<PathBuf>,
    /// An option of ssh_config, `Keyword=value`; may be repeated
    #[arg(short, long, value_name = "OPTION")]
    pub option: Vec<OsString>,
    /// Hosts to go through, one after another
    #[arg(short = 'J', long, value_name = "[USER@]HOST[:PORT],…")]
    pub jump: Option<OsString>,
    /// The host key's fingerprint, where you know it
    #[arg(long, value_name = "SHA256:…")]
    pub host_key: Option<String>,
    /// Forward the agent: who is root there can use its keys while you are in
    #[arg(short = 'A', long, overrides_with = "no_agent_forwarding")]
    pub agent_forwarding: bool,
    /// Do not forward the agent, whatever ssh_config says
    #[arg(short = 'a', long)]
    pub no_agent_forwarding: bool,
    /// A terminal there, with a command too; twice: without a terminal here as well
    #[arg(short = 't', long, action = ArgAction::Count)]
    pub terminal: u8,
    /// No terminal there
    #[arg(short = 'T', long, conflicts_with = "terminal")]
    pub no_terminal: bool,
    /// Do not read standard input
    #[arg(short = 'n', long)]
    pub no_input: bool,
    /// COMMAND is the name of a subsystem
    #[arg(short = 's', long, requires = "command")]
    pub subsystem: bool,
    /// Seconds for connecting and for each answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// The passphrase of the key file: its first line; `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
    /// Options all commands share
    #[command(flatten)]
    pub common: Common,
}
