//! What came of a world on a real server.

use std::fmt;
use std::time::Duration;

use sshwhy_scenario::{Ending, Expectation, Verdict};

/// How far a refused login came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The server never said who it is: it did not start, or turned us away.
    Connect,
    /// No keys were agreed on, or the user authentication service was not given.
    Transport,
    /// No method `publickey` was offered.
    Method,
    /// The query was refused.
    Query,
    /// The query was answered PK_OK, and the signature was not enough.
    Signature,
}

/// What really happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// The monitor accepted the key, and the session ran to its end with status 0.
    Accepted,
    /// The monitor accepted the key, and the session failed: how.
    Ended(String),
    /// The monitor never accepted the key.
    Refused(Step),
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Truth::Accepted => f.write_str("accepted"),
            Truth::Ended(how) => write!(f, "ended ({how})"),
            Truth::Refused(step) => write!(f, "refused ({step:?})"),
        }
    }
}

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// PK_OK.
    PkOk,
    /// SUCCESS.
    Success,
    /// FAILURE: the methods that can continue, and whether it was a partial success.
    Failure(String, bool),
    /// The connection ended instead: how.
    Ended(String),
    /// The client could not sign: why.
    NotSigned(String),
}

/// What the client saw.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    /// Identification string.
    pub identification: Option<String>,
    /// Lines before it.
    pub preamble: String,
    /// Keys were agreed on.
    pub keys_agreed: bool,
    /// Its ciphers, as it named them.
    pub ciphers: Option<Vec<u8>>,
    /// How long it was silent before it ended the connection in place of an answer.
    pub silence: Option<Duration>,
    /// server-sig-algs, if the server sent them.
    pub sig_algs: Option<Vec<u8>>,
    /// The connection ended between SUCCESS and the first answer about a session.
    pub broken: bool,
    /// Answer to method `none`: the methods that can continue.
    pub none: Option<Answer>,
    /// Each query: algorithm and answer.
    pub query: Vec<(String, Answer)>,
    /// The signed attempt.
    pub sign: Option<Answer>,
    /// USERAUTH_BANNER texts.
    pub banner: String,
    /// Text of SSH_MSG_DISCONNECT.
    pub disconnect: Option<String>,
    /// Texts of SSH_MSG_DEBUG.
    pub debug: Vec<String>,
    /// Standard output of the session.
    pub stdout: Vec<u8>,
    /// Standard error of the session.
    pub stderr: Vec<u8>,
    /// Exit status of the session.
    pub exit: Option<u32>,
    /// The command asked for was the one that ran.
    pub own_session: bool,
    /// A subsystem was asked for, which sshd may be itself.
    pub subsystem: bool,
}

/// All that came of one world.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What really happened.
    pub truth: Truth,
    /// What the client saw.
    pub wire: Wire,
    /// sshd's log at DEBUG3, line by line.
    pub log: Vec<String>,
    /// sshd's log at INFO, from a second run, if one was asked for.
    pub log_info: Option<Vec<String>>,
    /// Wall time of all of it.
    pub took: Duration,
}

impl Outcome {
    /// Whether a log template (`{name}` stands for any text) fits a line. The line may have
    /// sshd's level or function before it and ` [preauth]` after it.
    #[must_use]
    pub fn logged(&self, template: &str) -> bool {
        self.log.iter().any(|line| fits(template, line))
    }

    /// Whether the truth is what a case's heading says and its expectation demands. Refused
    /// worlds agree with a refusal, whatever its cause: causes are the engine's to name.
    #[must_use]
    pub fn agrees(&self, ending: Option<Ending>, expect: &Expectation) -> bool {
        let own = self.wire.own_session;
        match (&self.truth, expect.verdict) {
            (Truth::Refused(_), verdict) => verdict == Verdict::Refuse,
            (_, Verdict::Refuse) => false,
            (_, Verdict::Undetermined) => ending == Some(Ending::Undetermined),
            (Truth::Accepted, Verdict::Accept) => expect.after_login.is_empty() || !own,
            (Truth::Ended(_), Verdict::Accept) => expect.names_an_end(),
        }
    }
}

fn fits(template: &str, line: &str) -> bool {
    let line = line.strip_suffix(" [preauth]").unwrap_or(line);
    let mut line = line;
    loop {
        if glob(template, line) {
            return true;
        }
        // `debug1: userauth_pubkey: text`: levels and functions go, one by one.
        match line.split_once(": ") {
            Some((word, rest)) if !word.is_empty() && !word.contains(' ') => line = rest,
            _ => return false,
        }
    }
}

/// `{name}` in the template stands for at least one character.
fn glob(template: &str, line: &str) -> bool {
    let hole = template.find('{').and_then(|from| {
        let to = template.get(from..)?.find('}')?;
        Some((from, from + to + 1))
    });
    let Some((from, to)) = hole else {
        return template == line;
    };
    let (Some(head), Some(tail)) = (template.get(..from), template.get(to..)) else {
        return false;
    };
    let Some(rest) = line.strip_prefix(head) else {
        return false;
    };
    rest.char_indices()
        .skip(1)
        .any(|(i, _)| rest.get(i..).is_some_and(|r| glob(tail, r)))
        || (glob(tail, "") && !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_template_fits_the_whole_line_but_for_what_sshd_adds() {
        let t = "bad ownership or modes for {what} {path}";
        assert!(fits(
            t,
            "bad ownership or modes for directory /home/a [preauth]"
        ));
        assert!(fits(
            t,
            "debug1: secure_filename: bad ownership or modes for file /x"
        ));
        assert!(!fits(t, "bad ownership or modes for directory"));
        assert!(!fits(t, "user says bad ownership or modes for file /x"));
        assert!(fits("a{x}", "ab") && !fits("a{x}", "a"));
    }
}
