//! What is reported: one document for each run.

use sshwhy_verdict::{Judgement, Verdict};
use std::net::{IpAddr, SocketAddr};

/// Everything one run has to say.
#[derive(Clone, Debug)]
pub struct Document {
    /// The command: `audit`, `explain`.
    pub command: &'static str,
    /// The server that was judged; `None` where none was looked at.
    pub server: Option<ServerInfo>,
    /// One entry for each login judged, alike ones folded.
    pub results: Vec<Entry>,
}

/// The server that was judged.
#[derive(Clone, Debug)]
pub struct ServerInfo {
    /// Software version as its identification string shows it: `OpenSSH_9.2p1`.
    pub software: String,
    /// The build profile's name.
    pub build: String,
    /// The configuration file; empty where the server has none.
    pub config: Vec<u8>,
    /// Where the system lies, if it is a mounted disk or an image.
    pub root: Option<Vec<u8>>,
}

/// One login and the answer to it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which login.
    pub subject: Subject,
    /// The answer.
    pub judgement: Judgement,
    /// It was seen to happen, not predicted from facts.
    pub observed: bool,
    /// How many keys this result stands for.
    pub count: usize,
}

/// Who tries to log in, with what, from where.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The user name; `None` where a pasted text does not tell.
    pub user: Option<Vec<u8>>,
    /// The key; `None` where none is known.
    pub key: Option<SubjectKey>,
    /// The address, where the result is about one.
    pub from: Option<IpAddr>,
    /// The client's host name, where it was given.
    pub from_host: Option<Vec<u8>>,
    /// The server's end, where the result is about one.
    pub to: Option<SocketAddr>,
    /// Words for `from` and `to` where [`crate::redact`] put placeholders for them.
    pub hidden: Option<(Option<String>, Option<String>)>,
}

/// A key as people know it.
#[derive(Clone, Debug)]
pub struct SubjectKey {
    /// The key type that the blob names.
    pub key_type: Vec<u8>,
    /// `SHA256:…`
    pub fingerprint: String,
    /// Where it was taken from: a path, `path:line`, `standard input`.
    pub source: Vec<u8>,
    /// Its comment.
    pub comment: Vec<u8>,
}

impl Document {
    /// The exit code of the contract: the worst of 1 (refused), 3 (undetermined) and 0, in that
    /// order.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let any = |v| self.results.iter().any(|e| e.judgement.verdict == v);
        if any(Verdict::Refuse) {
            1
        } else if any(Verdict::Undetermined) {
            3
        } else {
            0
        }
    }
}

impl Subject {
    pub(crate) fn shown_from(&self) -> Option<String> {
        match &self.hidden {
            Some((from, _)) => from.clone(),
            None => self.from.map(|a| a.to_string()),
        }
    }

    pub(crate) fn shown_to(&self) -> Option<String> {
        match &self.hidden {
            Some((_, to)) => to.clone(),
            None => self.to.map(|a| a.to_string()),
        }
    }
}
