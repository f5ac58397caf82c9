//! `sshwhy connect`: a login with a key, each step explained when it fails.

pub mod args;
mod explained;
mod failed;
mod person;

use crate::check::{self, args::As};
use crate::failure::Failure;
use crate::key::secret_input;
use crate::output;
use args::Connect;
use person::Person;
use sshwhy_check::hosts;
use sshwhy_check::local::{self, Here};
use sshwhy_check::probe::Known;
use sshwhy_check::putty;
use sshwhy_check::target::{Asked, NoTarget, Target, split};
use sshwhy_config::client::ClientConfig;
use sshwhy_connect::{Hop, Outcome, Route, Start, Wish, terminal};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// What ssh exits with where no session ends by itself.
const NO_SESSION: u8 = 255;

pub(crate) fn run(args: &Connect) -> Result<u8, Failure> {
    let no = |e: NoTarget| Failure::new("no server to connect to", e.why, e.help);
    let bytes = |s: &std::ffi::OsString| s.as_bytes().to_vec();
    let config = args
        .config
        .as_ref()
        .map(|p| p.as_os_str().as_bytes().to_vec());
    let mut options: Vec<Vec<u8>> = args.option.iter().map(bytes).collect();
    if let Some(jump) = &args.jump {
        options.insert(0, [b"ProxyJump=", jump.as_bytes()].concat());
    }
    // What the target names wins, as with ssh.
    let named = split(args.target.as_bytes()).0.is_some();
    let asked = Asked {
        target: bytes(&args.target),
        port: args.port,
        user: args.login.as_ref().filter(|_| !named).map(bytes),
        config: config.clone(),
        options,
        session: args.putty_session.as_ref().map(bytes),
    };
    let putty = args.putty_session.is_some() || args.putty_reg.is_some();
    let habits = if putty { As::Putty } else { As::Openssh };
    let reg = args.putty_reg.as_deref();
    let (found, saved) = check::find(Some(habits), &args.identity, reg, &asked)?;
    let target = found.map_err(no)?;
    let known = Known {
        files: if putty {
            Vec::new()
        } else {
            hosts::files(&target)
        },
        putty: putty::known(&saved, &target.host, target.port),
        given: given(args)?,
    };
    let given = args
        .passphrase_file
        .as_deref()
        .map(secret_input::from_file)
        .transpose()?;
    let wish = wish(args, &target)?;
    let patience = patience(args, &target);
    let person = Person::new(
        &args.common,
        given.map(|p| Zeroizing::new(p.as_bytes().to_vec())),
    );
    let hop = Hop::new(target, &args.identity, known);
    let offered = hop.target.clone();
    let route = Route::to(hop, config.as_deref()).map_err(no)?;
    let done = sshwhy_connect::connect(route, &wish, Arc::new(person), patience);
    Ok(match done {
        Ok(outcome) => ended(args, &outcome),
        Err(not_in) => {
            output::failure(&args.common, &failed::of(&not_in, &offered, args));
            explained::of(&not_in, offered, args);
            NO_SESSION
        }
    })
}

/// The exit code of a session, and words where it has none of its own.
fn ended(args: &Connect, outcome: &Outcome) -> u8 {
    let say = |what: String, why: String, help: &str| {
        output::failure(&args.common, &Failure::new(what, why, help));
        NO_SESSION
    };
    match outcome {
        // The low eight bits are what any shell would see.
        Outcome::Exit(status) => u8::try_from(status & 0xff).unwrap_or(NO_SESSION),
        Outcome::BrokenPipe => 0,
        Outcome::Ended => NO_SESSION,
        Outcome::Interrupted(signal) => u8::try_from(128 + (signal & 0x7f)).unwrap_or(NO_SESSION),
        Outcome::Signal(name, core, words) => say(
            format!("the command was ended by SIG{name}"),
            if words.is_empty() {
                format!(
                    "the server says so{}",
                    if *core {
                        ", and that it left a core"
                    } else {
                        ""
                    }
                )
            } else {
                words.clone()
            },
            "look for it in the server's own log",
        ),
        Outcome::Silent => say(
            "the session ended without an exit status".into(),
            "the server closed it".into(),
            "a shell that a signal ends, or a forced command, may do so",
        ),
        Outcome::Refused(what) => say(
            what.clone(),
            "the login itself was accepted".into(),
            "the account's shell, a forced command, MaxSessions or the key's options may be why: \
             sshwhy check --session",
        ),
        Outcome::Lost(words) => say(
            "the connection was lost".into(),
            words
                .clone()
                .unwrap_or_else(|| "it ended without a word".into()),
            "connect again; ServerAliveInterval in ssh_config keeps idle connections open",
        ),
        Outcome::System(why) => say(
            "the session cannot go on".into(),
            why.clone(),
            "look at the descriptors this program was started with",
        ),
    }
}

fn given(args: &Connect) -> Result<Option<String>, Failure> {
    match &args.host_key {
        Some(text) if !text.starts_with("SHA256:") => Err(Failure::new(
            "the host key's fingerprint is not one",
            format!("expected SHA256:…, found {text}"),
            "on the server: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
        )),
        Some(text) => Ok(Some(text.trim_end_matches('=').to_owned())),
        None => Ok(None),
    }
}

/// ConnectTimeout, or ours.
fn patience(args: &Connect, target: &Target) -> Duration {
    let configured = target
        .config
        .as_ref()
        .and_then(|c| c.first("connecttimeout"))
        .and_then(|t| std::str::from_utf8(t).ok()?.parse::<u64>().ok())
        .filter(|s| *s > 0);
    Duration::from_secs(configured.unwrap_or(args.timeout))
}

fn wish(args: &Connect, target: &Target) -> Result<Wish, Failure> {
    let config = target.config.as_ref();
    let first = |keyword: &str| config.and_then(|c| c.first(keyword));
    let words: Vec<&[u8]> = args.command.iter().map(|w| w.as_bytes()).collect();
    let line = words.join(&b' ');
    let remote = first("remotecommand").filter(|c| !c.eq_ignore_ascii_case(b"none"));
    let subsystem = args.subsystem || first("sessiontype") == Some(b"subsystem");
    let start = if args.command.is_empty() {
        match remote {
            Some(command) => Start::Command(
                config
                    .and_then(|c| c.tokens().percent(command).ok())
                    .unwrap_or_else(|| command.to_vec()),
            ),
            None => Start::Shell,
        }
    } else if subsystem {
        Start::Subsystem(line)
    } else {
        Start::Command(line)
    };
    let here = terminal::is_here() && !args.no_input;
    let terminal = match (args.no_terminal, args.terminal, first("requesttty")) {
        (true, _, _) => false,
        (_, 1, _) => here,
        (_, 2.., _) => true,
        (_, 0, Some(v)) if v.eq_ignore_ascii_case(b"force") => true,
        (_, 0, Some(v)) if v.eq_ignore_ascii_case(b"yes") => here,
        (_, 0, Some(v)) if v.eq_ignore_ascii_case(b"no") => false,
        (_, 0, _) => here && start == Start::Shell,
    };
    Ok(Wish {
        start,
        terminal,
        term: std::env::var("TERM").unwrap_or_else(|_| "dumb".into()),
        env: config.map(variables).unwrap_or_default(),
        agent: agent(args, config)?,
        escape: match first("escapechar") {
            None => Some(b'~'),
            Some([sign]) => Some(*sign),
            Some([b'^', letter]) => Some(letter & 0x1f),
            Some(_) => None,
        },
        no_input: args.no_input || config.is_some_and(|c| c.flag("stdinnull", false)),
    })
}

/// SendEnv's patterns over this environment, and SetEnv, which wins.
fn variables(config: &ClientConfig) -> Vec<(String, String)> {
    let mut patterns: Vec<Vec<u8>> = Vec::new();
    for word in config.given("sendenv").iter().flat_map(|g| &g.words) {
        match word.strip_prefix(b"-") {
            Some(gone) => patterns.retain(|p| !sshwhy_config::glob_match(gone, p)),
            None => patterns.push(word.clone()),
        }
    }
    let mut out: Vec<(String, String)> = Vec::new();
    for word in config.given("setenv").iter().flat_map(|g| &g.words) {
        if let Some((name, value)) = String::from_utf8_lossy(word).split_once('=') {
            out.push((name.to_owned(), value.to_owned()));
        }
    }
    for (name, value) in std::env::vars_os() {
        let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) else {
            continue;
        };
        let named = patterns
            .iter()
            .any(|p| sshwhy_config::glob_match(p, name.as_bytes()));
        if named && !out.iter().any(|(n, _)| *n == name) {
            out.push((name, value));
        }
    }
    out
}

/// The socket of the agent to forward.
fn agent(args: &Connect, config: Option<&ClientConfig>) -> Result<Option<PathBuf>, Failure> {
    let usual = || std::env::var_os("SSH_AUTH_SOCK").filter(|v| !v.is_empty());
    let none = || {
        Failure::new(
            "no agent to forward",
            "SSH_AUTH_SOCK names none",
            "start one: eval \"$(sshwhy agent start)\"",
        )
    };
    if args.no_agent_forwarding {
        return Ok(None);
    }
    if args.agent_forwarding {
        return usual().map(|p| Some(PathBuf::from(p))).ok_or_else(none);
    }
    let Some(config) = config else {
        return Ok(None);
    };
    Ok(match config.first("forwardagent") {
        None => None,
        Some(v) if v.eq_ignore_ascii_case(b"no") || v.eq_ignore_ascii_case(b"false") => None,
        Some(v) if v.eq_ignore_ascii_case(b"yes") || v.eq_ignore_ascii_case(b"true") => {
            usual().map(PathBuf::from)
        }
        Some([b'$', name @ ..]) if !name.starts_with(b"{") => {
            std::env::var_os(std::ffi::OsString::from_vec(name.to_vec())).map(PathBuf::from)
        }
        Some(path) => config
            .path(path, &Here)
            .ok()
            .map(|p| local::path(&p).to_owned()),
    })
}
