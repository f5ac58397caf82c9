//! The words of a finding: the catalogue's templates, filled with its facts.

use crate::safe;
use crate::secret;
use sshwhy_causes::template::{self, Piece, pieces};
use sshwhy_causes::{Actor, Args, Finding, Fix, Level, Where};

/// One fix, filled in.
pub(crate) struct Mending {
    /// `server` or `client`.
    pub(crate) at: &'static str,
    /// Who: `root`, the account's name, `you`, `the CA`.
    pub(crate) by: Vec<u8>,
    /// What to do.
    pub(crate) text: Vec<u8>,
    /// The commands.
    pub(crate) commands: Vec<Vec<u8>>,
    /// A name holds bytes that no command can carry safely.
    pub(crate) by_hand: bool,
    /// Its safety.
    pub(crate) safety: sshwhy_causes::Safety,
}

/// The words of one finding.
pub(crate) struct Words {
    pub(crate) title: Vec<u8>,
    pub(crate) rule: Option<Vec<u8>>,
    pub(crate) note: Option<Vec<u8>>,
    pub(crate) log: Vec<(Level, Vec<u8>)>,
    pub(crate) fixes: Vec<Mending>,
}

impl Words {
    pub(crate) fn of(finding: &Finding) -> Words {
        let mut args = Args::new();
        for (name, value) in finding.args.iter() {
            args.set(name, secret::masked(value).into_owned());
        }
        let cause = finding.cause;
        let sentence = |t: &str| {
            if t.is_empty() {
                None
            } else {
                template::sentence(t, &args).filter(|s| !s.is_empty())
            }
        };
        let title = if cause.title.is_empty() {
            cause.id.replace('-', " ").into_bytes()
        } else {
            lenient(cause.title, &args)
        };
        Words {
            title,
            rule: sentence(cause.rule),
            note: sentence(cause.note),
            log: cause
                .log
                .iter()
                .filter_map(|l| Some((l.level, log_line(l.text, &args)?)))
                .collect(),
            fixes: cause
                .fixes
                .iter()
                .filter_map(|f| mending(f, &args))
                .collect(),
        }
    }
}

/// A headline must come out whatever facts are missing: `…` stands for one that is.
fn lenient(text: &str, args: &Args) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(t) => out.extend_from_slice(t.as_bytes()),
            Piece::Fact(name) => out.extend_from_slice(args.get(name).unwrap_or("…".as_bytes())),
        }
    }
    out
}

/// A log line. Client ports and process ids are chosen at the moment of the login: their names
/// stand for them.
fn log_line(text: &str, args: &Args) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(t) => out.extend_from_slice(t.as_bytes()),
            Piece::Fact(name) => match args.get(name) {
                Some(value) => out.extend_from_slice(value),
                None if matches!(name, "port" | "pid") => {
                    out.extend_from_slice(format!("<{name}>").as_bytes());
                }
                None => return None,
            },
        }
    }
    Some(out)
}

fn mending(fix: &Fix, args: &Args) -> Option<Mending> {
    let text = template::sentence(fix.text, args)?;
    let mut commands = Vec::with_capacity(fix.commands.len());
    let mut by_hand = false;
    for command in fix.commands {
        let all_known = pieces(command).all(|p| match p {
            Piece::Fact(name) => args.get(name).is_some(),
            Piece::Text(_) => true,
        });
        if !all_known {
            return None;
        }
        match template::command(command, args).filter(|c| safe::is_plain(c)) {
            Some(filled) => commands.push(filled),
            None => by_hand = true,
        }
    }
    if by_hand {
        commands.clear();
    }
    let by = match fix.by {
        Actor::Root => b"root".to_vec(),
        Actor::Account => args.get("user").unwrap_or(b"the account").to_vec(),
        Actor::Person => b"you".to_vec(),
        Actor::Authority => b"the CA".to_vec(),
    };
    let at = match fix.at {
        Where::Server => "server",
        Where::Client => "client",
    };
    Some(Mending {
        at,
        by,
        text,
        commands,
        by_hand,
        safety: fix.safety,
    })
}

/// The LogLevel word of sshd_config.
pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::Info => "INFO",
        Level::Verbose => "VERBOSE",
        Level::Debug1 => "DEBUG1",
        Level::Debug2 => "DEBUG2",
        Level::Debug3 => "DEBUG3",
        Level::Other => "other",
    }
}
