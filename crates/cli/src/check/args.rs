//! The command line of `sshwhy check`.

use crate::args::Common;
use clap::{Args, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

/// `--help`, at length.
pub const CHECK: &str = "From the client: ask a live server, within its limits, and say what can be known.\n\n\
    One connection offers the keys that your own client would offer, in its order: first a query \
    without a signature, then, where the server welcomes the key, the signature. It ends when it is \
    let in; no session is opened. What the wire or a file proves is called certain; the rest is ranked.\n\n\
    Nothing is written to known_hosts. A server that has another host key than the known one is \
    asked nothing.";

/// Exit codes.
pub const CHECK_EXIT: &str = "Exit status:
  0  the server lets the login in
  1  refused; what is proven is called certain, the rest is ranked
  2  this program could not work: arguments, a file that is not there
  3  undetermined: the server did not say what becomes of the key, or its patience asks to wait";

/// Whose habits to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum As {
    /// OpenSSH's ssh, with its ssh_config
    Openssh,
    /// PuTTY and plink, with their saved sessions
    Putty,
}

/// `sshwhy check`
#[derive(Args, Debug)]
pub struct Check {
    /// The server, as your client takes it; or the name of a saved session of PuTTY
    #[arg(value_name = "[USER@]HOST[:PORT]", required_unless_present = "putty_session", value_hint = ValueHint::Hostname)]
    pub target: Option<OsString>,
    /// The port
    #[arg(short, long, value_name = "PORT")]
    pub port: Option<u16>,
    /// A key file of any format; may be repeated. A public half is enough for the queries
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub identity: Vec<PathBuf>,
    /// Whose habits to follow; PuTTY's for a PPK or a saved session, else OpenSSH's
    #[arg(long = "as", value_enum, value_name = "CLIENT")]
    pub habits: Option<As>,
    /// A saved session of PuTTY
    #[arg(long, value_name = "NAME")]
    pub putty_session: Option<OsString>,
    /// PuTTY's settings as regedit exported them, instead of its files
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub putty_reg: Option<PathBuf>,
    /// This ssh_config instead of the usual ones
    #[arg(short = 'F', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// The host key's fingerprint, where you know it
    #[arg(long, value_name = "SHA256:…")]
    pub host_key: Option<String>,
    /// Open a shell once let in, read what comes, and close
    #[arg(long)]
    pub session: bool,
    /// Where the cause is not proven, ask up to three questions, each the one that settles most
    #[arg(long)]
    pub ask: bool,
    /// Log in another way after the refused keys, and audit from the inside: password, or key:FILE
    #[arg(long, value_name = "password|key:FILE")]
    pub via: Option<String>,
    /// The account that the other way leads to, if it is another one
    #[arg(long, value_name = "USER", requires = "via")]
    pub via_user: Option<OsString>,
    /// Agree beforehand to the look from the inside
    #[arg(long, requires = "via")]
    pub yes: bool,
    /// Print a read-only script for an administrator; `explain` judges what it prints
    #[arg(long, conflicts_with = "via")]
    pub collect: bool,
    /// Do not ask about further keys of yours, which your client would not offer
    #[arg(long)]
    pub no_other_keys: bool,
    /// Do not ask whether the key is for another name, which ssh_config, a saved session, the key's
    /// comment or the server's system points to: one more connection where the key is refused
    #[arg(long)]
    pub no_other_name: bool,
    /// Print what would be done, and its cost
    #[arg(long)]
    pub dry_run: bool,
    /// Do not wait where the server's patience asks for it: exit 3 instead
    #[arg(long)]
    pub no_wait: bool,
    /// Seconds for connecting and for each answer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    /// The passphrase of the key file: its first line; `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
    /// Options all commands share
    #[command(flatten)]
    pub common: Common,
}
