//! `sshwhy agent`: its arguments, and its help.

use crate::args::Common;
use clap::{ArgAction, Args, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const AGENT: &str = "Agents that hold keys: ask any of them, and run our own.\n\n\
        Without --socket the agent is the one that SSH_AUTH_SOCK names, as for ssh and for PuTTY's \
        tools.";

const LIST: &str = "Say which agent answers, where, and with which keys.\n\n\
        Keys stand in the order in which a client offers them. Whether a key is encrypted, asks for \
        confirmation, has a lifetime or destinations is told where the agent tells it: ours does, \
        Pageant tells which are encrypted, ssh-agent tells none of it. Without --socket the other \
        agents at the usual places are named too.";

const LIST_EXIT: &str = "Exit status:
  0  an agent answers, and holds keys
  1  none answers, or it is locked, or holds no key: the cause is named
  2  this program could not work";

const TEST: &str = "Let each key of the agent sign by every algorithm it has, and check the signatures.\n\n\
        What is signed is an SSHSIG of the namespace agent-test@sshwhy: it is of no use to anybody. \
        A signature of SHA-1 where SHA-2 was asked for is found, whatever name it carries. Keys that \
        need a touch or a confirmation, or whose passphrase would be asked for, are skipped unless \
        they are named.";

const TEST_EXIT: &str = "Exit status:
  0  every key that was tested signs as asked
  1  one does not, or no agent answers: the cause is named
  2  this program could not work";

const ADD: &str = "Add private keys of any format, PPK included, to the agent.\n\n\
        A certificate beside the key (NAME-cert.pub) is added too. With --encrypted a key stays \
        encrypted in our agent, and in Pageant if it is a PPK, until it is first used. With -h a key \
        is used towards the hosts named alone; their keys are taken from known_hosts.";

const START: &str = "Start an agent.\n\n\
        It runs in the background and prints the lines that lead a shell to it:\n    \
        eval \"$(sshwhy agent start)\"\n\
        With --exec it runs for one command and ends with it; with --foreground it stays where it \
        is. Started by systemd with a socket, it takes that. SIGTERM ends it and wipes its keys, \
        SIGUSR1 drops them.";

const DONE_EXIT: &str = "Exit status:
  0  done
  1  the answer is no: the agent refused, the passphrase is wrong, no agent answers
  2  this program could not work: arguments, no such file";

/// `sshwhy agent`
#[derive(Args, Debug)]
pub struct Agent {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with an agent.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Say which agent answers, and with which keys
    #[command(long_about = LIST, after_help = LIST_EXIT)]
    List(List),
    /// Add keys
    #[command(long_about = ADD, after_help = DONE_EXIT, disable_help_flag = true)]
    Add(Add),
    /// Remove keys
    #[command(after_help = DONE_EXIT)]
    Remove(Remove),
    /// Lock the agent with a passphrase
    #[command(after_help = DONE_EXIT)]
    Lock(Lock),
    /// Unlock the agent
    #[command(after_help = DONE_EXIT)]
    Unlock(Lock),
    /// Let each key sign, and check the signatures
    #[command(long_about = TEST, after_help = TEST_EXIT)]
    Test(Test),
    /// Start an agent of our own
    #[command(long_about = START, after_help = DONE_EXIT)]
    Start(Start),
    /// End an agent of our own
    #[command(after_help = DONE_EXIT)]
    Stop(Stop),
}

impl Action {
    /// Options all commands share.
    #[must_use]
    pub fn common(&self) -> &Common {
        match self {
            Action::List(a) => &a.common,
            Action::Add(a) => &a.common,
            Action::Remove(a) => &a.common,
            Action::Lock(a) | Action::Unlock(a) => &a.common,
            Action::Test(a) => &a.common,
            Action::Start(a) => &a.common,
            Action::Stop(a) => &a.common,
        }
    }
}

/// Which agent.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// The agent's socket, instead of SSH_AUTH_SOCK
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub socket: Option<PathBuf>,
}

/// `sshwhy agent list`
#[derive(Args, Debug)]
pub struct List {
    /// Keys that should be there: files, or fingerprints
    #[arg(value_name = "KEY", value_hint = ValueHint::FilePath)]
    pub key: Vec<OsString>,
    /// The server's MaxAuthTries, for the keys that it would not hear of
    #[arg(long, value_name = "N", default_value_t = 6)]
    pub max_auth_tries: usize,
    /// Which agent.
    #[command(flatten)]
    pub which: Which,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy agent add`
#[derive(Args, Debug)]
pub struct Add {
    /// Private key files; without any, those that ssh looks for in ~/.ssh
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Vec<PathBuf>,
    /// Drop the key after so long: seconds, or 30s, 10m, 8h, 2d, 1w and sums of them
    #[arg(short = 't', long, value_name = "TIME", value_parser = parse_lifetime, help_heading = "What it may be used for")]
    pub lifetime: Option<u32>,
    /// Ask before each use
    #[arg(short, long, help_heading = "What it may be used for")]
    pub confirm: bool,
    /// Use it towards this host alone: HOST, USER@HOST, or FROM>HOST for a jump; may be repeated
    #[arg(
        short = 'h',
        long = "destination",
        value_name = "HOST",
        help_heading = "What it may be used for"
    )]
    pub destination: Vec<String>,
    /// Where the hosts' keys are listed; may be repeated. Without it: ssh's files
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What it may be used for")]
    pub known_hosts: Vec<PathBuf>,
    /// Leave it encrypted until its first use
    #[arg(long, help_heading = "Passphrase")]
    pub encrypted: bool,
    /// Read the passphrase from the first line of this file; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "encrypted", help_heading = "Passphrase")]
    pub passphrase_file: Option<PathBuf>,
    /// Leave out the certificate beside the key
    #[arg(short = 'k', long)]
    pub key_only: bool,
    /// Print help
    #[arg(long, action = ArgAction::Help)]
    pub help: Option<bool>,
    /// Which agent.
    #[command(flatten)]
    pub which: Which,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy agent remove`
#[derive(Args, Debug)]
pub struct Remove {
    /// Keys: files (public or private), fingerprints, or comments
    #[arg(value_name = "KEY", required_unless_present = "all", value_hint = ValueHint::FilePath)]
    pub key: Vec<OsString>,
    /// Every key
    #[arg(long, conflicts_with = "key")]
    pub all: bool,
    /// Which agent.
    #[command(flatten)]
    pub which: Which,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy agent lock`, `sshwhy agent unlock`
#[derive(Args, Debug)]
pub struct Lock {
    /// Read the passphrase from the first line of this file; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
    /// Which agent.
    #[command(flatten)]
    pub which: Which,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy agent test`
#[derive(Args, Debug)]
pub struct Test {
    /// Keys to test, also those that ask a person: files, fingerprints, or comments. Without any:
    /// every key that asks nobody
    #[arg(value_name = "KEY", value_hint = ValueHint::FilePath)]
    pub key: Vec<OsString>,
    /// Which agent.
    #[command(flatten)]
    pub which: Which,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// Whose lines are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// sh, bash, zsh, ksh
    Sh,
    /// csh, tcsh
    Csh,
    /// fish
    Fish,
}

/// `sshwhy agent start`
#[derive(Args, Debug)]
pub struct Start {
    /// Stay in the foreground; passphrases are then asked for on the terminal
    #[arg(long)]
    pub foreground: bool,
    /// Where to listen. Without it: a new socket in $XDG_RUNTIME_DIR, or below /tmp
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub socket: Option<PathBuf>,
    /// Run a command with the agent, and end with it
    #[arg(long, value_name = "CMD", num_args = 0.., allow_hyphen_values = true)]
    pub exec: Option<Vec<OsString>>,
    /// The command of --exec, behind `--`
    #[arg(last = true, value_name = "CMD", hide = true)]
    pub command: Vec<OsString>,
    /// Lifetime of keys that are added without one
    #[arg(short = 't', long, value_name = "TIME", value_parser = parse_lifetime)]
    pub lifetime: Option<u32>,
    /// Encrypt keys again that were added encrypted and not used for so long
    #[arg(long, value_name = "TIME", value_parser = parse_lifetime)]
    pub reencrypt: Option<u32>,
    /// Whose lines to print. Without it: as $SHELL says
    #[arg(long, value_enum, value_name = "SHELL")]
    pub shell: Option<Shell>,
    /// The agent behind `start`, which prints nothing but that it is ready.
    #[arg(long, hide = true)]
    pub behind: bool,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

impl Start {
    /// The command that the agent runs for.
    #[must_use]
    pub fn run(&self) -> Vec<&OsString> {
        let words = self.exec.iter().flatten().chain(&self.command);
        words.skip_while(|w| *w == "--").collect()
    }
}

/// `sshwhy agent stop`
#[derive(Args, Debug)]
pub struct Stop {
    /// Whose lines to print. Without it: as $SHELL says
    #[arg(long, value_enum, value_name = "SHELL")]
    pub shell: Option<Shell>,
    /// Which agent.
    #[command(flatten)]
    pub which: Which,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// sshd_config(5), TIME FORMATS: a number of seconds, or numbers with units, summed.
fn parse_lifetime(text: &str) -> Result<u32, String> {
    let wrong = || format!("expected a time such as 3600, 90m or 1h30m, found {text:?}");
    let mut total: u32 = 0;
    let mut number: Option<u32> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            let more = number.unwrap_or(0).checked_mul(10);
            number = Some(more.and_then(|n| n.checked_add(digit)).ok_or_else(wrong)?);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(wrong()),
        };
        let part = number.take().and_then(|n| n.checked_mul(unit));
        total = part.and_then(|p| total.checked_add(p)).ok_or_else(wrong)?;
    }
    total = total.checked_add(number.unwrap_or(0)).ok_or_else(wrong)?;
    if total == 0 { Err(wrong()) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_sums_of_units() {
        assert_eq!(parse_lifetime("90"), Ok(90));
        assert_eq!(parse_lifetime("1h30m"), Ok(5400));
        assert_eq!(parse_lifetime("1W2d"), Ok(604_800 + 172_800));
        for wrong in ["", "0", "h", "1x", "-1", "99999999999", "9999w"] {
            assert!(parse_lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
