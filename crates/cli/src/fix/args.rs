//! The command line of `fix` and `what-if`.

use crate::args::{Audit, Common, From, parse_from, parse_to};
use clap::{Args, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) const FIX: &str = "Plan the smallest set of changes that makes sshd accept the login, show each \
        with its reason, and make them on consent.\n\nEvery login of the machine is judged before \
        and after: a plan that would lock anybody out is refused, and so is one that would let in \
        anybody else. What somebody decided (DenyUsers, an expiry, a locked account …) is never \
        undone without --allow-weakening; the plan names whom to ask.";

pub(crate) const FIX_EXIT: &str = "Exit status:
  0  nothing is to be done, or the changes are made; with --dry-run: the plan would do
  1  the login stays refused, or the plan is refused by the guard
  2  this program could not work";

pub(crate) const WHAT_IF: &str = "Judge every account, key and address class of this machine by a \
        configuration, build or key file to come, and say who gains access, who loses it, and who \
        changes method, with the line that decides. Nothing is written.";

pub(crate) const WHAT_IF_EXIT: &str = "Exit status:
  0  done; with --expect: every assertion holds
  1  an assertion does not hold
  2  this program could not work";

/// `sshwhy fix`
#[derive(Args, Debug)]
pub struct Fix {
    /// The account that wants to log in; may be repeated. Without it: every account that could
    #[arg(long, value_name = "USER", help_heading = "Which login")]
    pub user: Vec<OsString>,
    /// The key it offers: a file, a fingerprint, a public key line in quotes, or `-`; may be
    /// repeated. Only a key named here is ever added. Without it: every key in the account's files
    #[arg(long, value_name = "KEY", value_hint = ValueHint::FilePath, allow_hyphen_values = true, help_heading = "Which login")]
    pub key: Vec<OsString>,
    /// Of a certificate file, mend for the certificate alone, not for its plain key
    #[arg(long, help_heading = "Which login")]
    pub exact: bool,
    /// The client's address, and its host name where sshd would look it up
    #[arg(long, value_name = "ADDR[,HOSTNAME]", value_parser = parse_from, help_heading = "Which login")]
    pub from: Option<From>,
    /// The address and port that the client connects to
    #[arg(long, value_name = "ADDR:PORT", value_parser = parse_to, help_heading = "Which login")]
    pub to: Option<SocketAddr>,
    /// The configuration to mend, instead of the running daemon's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Which server")]
    pub sshd_config: Option<PathBuf>,
    /// A mounted disk or an unpacked image
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Which server")]
    pub root: Option<PathBuf>,
    /// Judge as this build of sshd: debian-12, openssh-10.0, dropbear-2022.83 …
    #[arg(long, value_name = "PROFILE", help_heading = "Which server")]
    pub build: Option<String>,
    /// Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would
    #[arg(long, conflicts_with = "root", help_heading = "How far to look")]
    pub run_commands: bool,
    /// Show the plan and stop
    #[arg(long, help_heading = "What to do")]
    pub dry_run: bool,
    /// Make the changes without a question
    #[arg(long, conflicts_with = "dry_run", help_heading = "What to do")]
    pub yes: bool,
    /// Leave the running sshd alone
    #[arg(long, help_heading = "What to do")]
    pub no_reload: bool,
    /// Let everything go back by itself after so many seconds, unless a new login succeeds: one
    /// that is made at once, with the --key if that is a private one, else with a key of a
    /// minute; or the person's own, which keeps it with `sshwhy undo --keep`
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(5..=86400), conflicts_with_all = ["root", "dry_run"], help_heading = "What to do")]
    pub confirm: Option<u32>,
    /// Undo what somebody decided, too, and let in more than the login asked for
    #[arg(long, help_heading = "What to do")]
    pub allow_weakening: bool,
    /// Print the plan in another form instead, and change nothing
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        conflicts_with = "yes",
        help_heading = "What to do"
    )]
    pub print: Option<Form>,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// Another form of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A POSIX shell script that checks before it changes
    Script,
    /// An Ansible task file
    Ansible,
    /// One line for a console
    Rescue,
}

/// `sshwhy what-if`
#[derive(Args, Debug)]
pub struct WhatIf {
    /// The configuration to come, judged in the place of the one in force
    #[arg(long, value_name = "NEW", value_hint = ValueHint::FilePath, help_heading = "What changes")]
    pub sshd_config: Option<PathBuf>,
    /// The build of sshd to come: debian-13, openssh-10.0 …
    #[arg(long, value_name = "PROFILE", help_heading = "What changes")]
    pub build: Option<String>,
    /// A key or CA that is to be revoked; may be repeated
    #[arg(long, value_name = "KEY", value_hint = ValueHint::FilePath, help_heading = "What changes")]
    pub revoke: Vec<OsString>,
    /// The key file to come of the account named with --user
    #[arg(long, value_name = "F", value_hint = ValueHint::FilePath, requires = "user", help_heading = "What changes")]
    pub authorized_keys: Option<PathBuf>,
    /// Look at this account alone; may be repeated
    #[arg(long, value_name = "USER", help_heading = "Which logins")]
    pub user: Vec<OsString>,
    /// A mounted disk or an unpacked image
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Which logins")]
    pub root: Option<PathBuf>,
    /// Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would
    #[arg(long, conflicts_with = "root", help_heading = "Which logins")]
    pub run_commands: bool,
    /// Check assertions, one a line: `alice from 10.0.0.0/8 with KEY: accept`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to check")]
    pub expect: Option<PathBuf>,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

impl Fix {
    /// The same selectors, as `audit` takes them.
    pub(crate) fn as_audit(&self) -> Audit {
        Audit {
            user: self.user.clone(),
            key: self.key.clone(),
            exact: self.exact,
            from: self.from.clone(),
            to: self.to,
            sshd_config: self.sshd_config.clone(),
            root: self.root.clone(),
            build: self.build.clone(),
            run_commands: self.run_commands,
            logs: false,
            all: false,
            redact: false,
            common: self.common.clone(),
        }
    }
}

impl WhatIf {
    /// The machine as it is, as `audit` would look at it.
    pub(crate) fn as_audit(&self) -> Audit {
        Audit {
            user: self.user.clone(),
            key: Vec::new(),
            exact: false,
            from: None,
            to: None,
            sshd_config: None,
            root: self.root.clone(),
            build: None,
            run_commands: self.run_commands,
            logs: false,
            all: false,
            redact: false,
            common: self.common.clone(),
        }
    }
}
