//! The command line: what the help, the man pages and the completions are made from.

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

const AUDIT: &str = "On the server: predict sshd's verdict and name every cause.\n\n\
        Every file is read, none is written. Run it as root: an ordinary user cannot see all that \
        sshd sees, and the answer is then `undetermined`, never guessed.";

const EXPLAIN: &str = "Print the page of a cause, or recognise sshd's words in a pasted log, transcript \
        or message.\n\nA refusal line is not always a refused login: only what a line proves is \
        called certain.";

const EXPLAIN_EXIT: &str = "Exit status:
  0  explained
  1  nothing in the text is known
  2  this program could not work: no such cause, no such file";

const EXIT: &str = "Exit status:
  0  sshd would accept
  1  refused, and the cause is named
  2  this program could not work: arguments, a file that is not there
  3  undetermined: a fact is missing; the output names it and how to get it";

/// Why does this SSH server refuse this key?
#[derive(Debug, Parser)]
#[command(
    name = "sshwhy",
    version,
    about = "Why does this SSH server refuse this key?",
    long_about = "Why does this SSH server refuse this key?\n\n\
        Predicts the real sshd's verdict from the files of the server, names what stops the login, \
        where it stands, and the command that mends it.",
    after_help = "Start with, on the server:  sudo sshwhy audit --user NAME --key NAME.pub\n\
        or, from the client:        sshwhy check NAME@SERVER -i KEY",
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// On the server: predict sshd's verdict and name every cause
    #[command(long_about = AUDIT, after_help = EXIT)]
    Audit(Audit),
    /// From the client: ask a live server, and say what can be known
    #[command(long_about = crate::check::args::CHECK, after_help = crate::check::args::CHECK_EXIT)]
    Check(crate::check::args::Check),
    /// Log in with a key: a shell or a command, each step explained when it fails
    #[command(long_about = crate::connect::args::CONNECT, after_help = crate::connect::args::CONNECT_EXIT)]
    Connect(crate::connect::args::Connect),
    /// The whole story on an embedded server: refused, explained, mended, in
    #[command(long_about = crate::demo::args::DEMO)]
    Demo(crate::demo::args::Demo),
    /// Explain a cause, or recognise a pasted log, transcript or message
    #[command(long_about = EXPLAIN, after_help = EXPLAIN_EXIT)]
    Explain(Explain),
    /// Key files of every format: show, generate, convert, passphrase, line, repair
    #[command(long_about = crate::key::args::KEY)]
    Key(crate::key::args::Key),
    /// Agents that hold keys: ask any of them, and run our own
    #[command(long_about = crate::agent::args::AGENT)]
    Agent(crate::agent::args::Agent),
    /// Plan, show and make the changes that let the login in
    #[command(long_about = crate::fix::args::FIX, after_help = crate::fix::args::FIX_EXIT)]
    Fix(crate::fix::args::Fix),
    /// Who gains and who loses access if a change ships
    #[command(long_about = crate::fix::args::WHAT_IF, after_help = crate::fix::args::WHAT_IF_EXIT)]
    WhatIf(crate::fix::args::WhatIf),
    /// An SSH server that decides as sshd does, and says why
    #[command(long_about = crate::serve::args::SERVE, after_help = crate::serve::args::SERVE_EXIT)]
    Serve(crate::serve::args::Serve),
    /// For AuthorizedKeysCommand: the lines of one key out of a large file, by an index
    #[command(long_about = crate::keys_for::args::KEYS_FOR, after_help = crate::keys_for::args::KEYS_FOR_EXIT)]
    KeysFor(crate::keys_for::args::KeysFor),
    /// What `serve` starts a session's program with
    #[command(hide = true)]
    ServeSession(crate::serve::args::ServeSession),
    /// The process of `serve` that speaks to the network
    #[command(hide = true)]
    ServeNetwork(crate::serve::args::ServeNetwork),
    /// Take back what `fix` changed
    #[command(long_about = crate::undo::UNDO, after_help = crate::undo::UNDO_EXIT)]
    Undo(crate::undo::Undo),
}

/// Options all commands share.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// Shape of the output
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT", help_heading = "Output")]
    pub format: Format,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Color,
    /// Say more: every gate, the server, progress on standard error
    #[arg(short, long, help_heading = "Output")]
    pub verbose: bool,
}

/// The shape of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON document, schema sshwhy/1
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    Auto,
    /// In any case
    Always,
    /// In no case
    Never,
}

/// `sshwhy audit`
#[derive(Args, Debug)]
pub struct Audit {
    /// The account that wants to log in; may be repeated. Without it: every account that could
    #[arg(long, value_name = "USER", help_heading = "Which login")]
    pub user: Vec<OsString>,
    /// The key it offers: a file (public or private, any format), a fingerprint, a public key
    /// line in quotes, or `-`; may be repeated. Without it: every key in the account's files
    #[arg(long, value_name = "KEY", value_hint = ValueHint::FilePath, allow_hyphen_values = true, help_heading = "Which login")]
    pub key: Vec<OsString>,
    /// Of a certificate file, judge the certificate alone, not its plain key after it
    #[arg(long, help_heading = "Which login")]
    pub exact: bool,
    /// The client's address, and its host name where sshd would look it up
    #[arg(long, value_name = "ADDR[,HOSTNAME]", value_parser = parse_from, help_heading = "Which login")]
    pub from: Option<From>,
    /// The address and port that the client connects to
    #[arg(long, value_name = "ADDR:PORT", value_parser = parse_to, help_heading = "Which login")]
    pub to: Option<SocketAddr>,
    /// The configuration to judge by, instead of the running daemon's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Which server")]
    pub sshd_config: Option<PathBuf>,
    /// A mounted disk or an unpacked image, judged as it would boot
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Which server")]
    pub root: Option<PathBuf>,
    /// Judge as this build of sshd: debian-12, openssh-10.0, dropbear-2022.83 …
    #[arg(long, value_name = "PROFILE", help_heading = "Which server")]
    pub build: Option<String>,
    /// Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand as sshd would
    #[arg(long, conflicts_with = "root", help_heading = "How far to look")]
    pub run_commands: bool,
    /// Look into sshd's log for evidence
    #[arg(long, help_heading = "How far to look")]
    pub logs: bool,
    /// One result for each key, even where many are alike
    #[arg(long, help_heading = "Output")]
    pub all: bool,
    /// Replace names, addresses, comments and paths below home by placeholders
    #[arg(long, help_heading = "Output")]
    pub redact: bool,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `sshwhy explain`
#[derive(Args, Debug)]
pub struct Explain {
    /// The id of a cause (home-writable), a file, `-` for standard input, or a message in quotes
    #[arg(value_name = "CAUSE-ID|FILE|-|MESSAGE", allow_hyphen_values = true, value_hint = ValueHint::FilePath)]
    pub topic: OsString,
    /// Replace names, addresses, comments and paths below home by placeholders
    #[arg(long, help_heading = "Output")]
    pub redact: bool,
    /// Options all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// The client's end, as `--from` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// Its address.
    pub addr: IpAddr,
    /// Its host name.
    pub host: Option<String>,
}

pub(crate) fn parse_from(text: &str) -> Result<From, String> {
    let (addr, host) = match text.split_once(',') {
        Some((addr, host)) => (addr, Some(host)),
        None => (text, None),
    };
    let addr = addr
        .parse()
        .map_err(|_| format!("expected an IP address such as 203.0.113.5, found {addr:?}"))?;
    if host.is_some_and(str::is_empty) {
        return Err("expected a host name after the comma, found nothing".into());
    }
    Ok(From {
        addr,
        host: host.map(str::to_owned),
    })
}

pub(crate) fn parse_to(text: &str) -> Result<SocketAddr, String> {
    if let Ok(to) = text.parse() {
        return Ok(to);
    }
    let bare = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text);
    if let Ok(addr) = bare.parse::<IpAddr>() {
        return Ok(SocketAddr::new(addr, 22));
    }
    if let Some(port) = text.strip_prefix(':').and_then(|p| p.parse().ok()) {
        return Ok(SocketAddr::new(
            IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            port,
        ));
    }
    Err(format!(
        "expected ADDR:PORT such as 192.0.2.7:22 or [2001:db8::7]:22, found {text:?}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn ends_of_a_connection() {
        assert_eq!(parse_from("::1,gw").unwrap().host.as_deref(), Some("gw"));
        assert!(parse_from("gw").is_err());
        assert!(parse_from("::1,").is_err());
        assert_eq!(parse_to("[::1]:2222").unwrap().port(), 2222);
        assert_eq!(parse_to("192.0.2.7").unwrap().port(), 22);
        assert_eq!(parse_to("::1").unwrap().port(), 22);
        assert!(parse_to("host:22").is_err());
    }
}
