//! What the server's log says of a login, at the default LogLevel: the answer to
//! [`Question::Log`](crate::Question::Log).

use crate::questions::{Choice, Question};

/// What is looked for in a line, and which answer it is. The first that fits counts.
const WORDS: &[(&str, &str)] = &[
    ("chroot", "chroot"),
    ("not listed in AllowUsers", "allowusers"),
    ("listed in DenyUsers", "denyusers"),
    ("listed in AllowGroups", "allowgroups"),
    ("not in any group", "allowgroups"),
    ("Logins are restricted to the group", "allowgroups"),
    ("listed in DenyGroups", "denygroups"),
    ("account is locked", "locked"),
    (" has expired", "locked"),
    ("not allowed because shell", "shell"),
    ("has invalid shell", "shell"),
    ("Invalid user", "invalid"),
    ("nonexistent user", "invalid"),
    ("not from a permitted host", "from"),
    ("Refusing certificate", "certificate"),
    ("ertificate", "certificate"),
    ("Principals", "certificate"),
    ("Refused by key options", "options"),
    ("Bad options in", "options"),
    ("key option", "options"),
    ("authorized_keys option", "options"),
    ("revoked", "revoked"),
    ("AuthorizedKeysCommand", "command"),
    ("is not a regular file", "regular"),
    ("ermission denied", "denied"),
    ("percent_expand", "token"),
    ("dollar_expand", "token"),
    ("Invalid key length", "length"),
    ("not in PubkeyAccepted", "algorithm"),
    ("is not in permitted list", "algorithm"),
    ("unsupported public key algorithm", "algorithm"),
    ("requirement not met", "token-touch"),
    ("ROOT LOGIN REFUSED", "root"),
    ("PAM", "pam"),
    ("authentication attempts exceeded", "many"),
    ("Too many authentication failures", "many"),
];

/// Lines that every refused login leaves, or every one that a client ends.
const ORDINARY: &[&str] = &[
    "Connection closed by",
    "Connection reset by",
    "Connection from",
    "Disconnected from",
    "Received disconnect",
    "Disconnecting",
    "Exit before auth",
    "Child connection from",
    "Server listening",
];

impl Question {
    /// What lines of the server's log, of the time of the login, say to [`Question::Log`]. The
    /// path of a file is judged by its end: `user` names the home.
    #[must_use]
    pub fn of_log<'a>(user: &[u8], lines: impl Iterator<Item = &'a str>) -> Option<Choice> {
        let mut word = "closed";
        let mut best = usize::MAX;
        for line in lines {
            if let Some((at, said)) = said(user, line)
                && at < best
            {
                (best, word) = (at, said);
            }
        }
        Question::Log.choice(word)
    }
}

/// What a line says, and how much that goes before what others say.
fn said(user: &[u8], line: &str) -> Option<(usize, &'static str)> {
    if let Some(word) = modes(user, line) {
        return Some((0, word));
    }
    if let Some(at) = WORDS.iter().position(|(words, _)| line.contains(words)) {
        return WORDS.get(at).map(|(_, word)| (at + 1, *word));
    }
    let after = WORDS.len() + 1;
    if line.contains("Accepted publickey") || line.contains("Pubkey auth succeeded") {
        return Some((after + 1, "accepted"));
    }
    let ordinary = line.trim().is_empty() || ORDINARY.iter().any(|o| line.contains(o));
    (!ordinary).then_some((after, "other"))
}

/// Whose ownership or mode a line finds fault with.
fn modes(user: &[u8], line: &str) -> Option<&'static str> {
    if line.contains("chroot") {
        return None;
    }
    let line = line.trim_end().trim_end_matches(" [preauth]");
    let dropbear = line.find(" must be owned by user or root");
    let path = match (line.split_once("bad ownership or modes for "), dropbear) {
        (Some((_, what)), _) => match what.split_once(' ')? {
            ("file", _) => return Some("file"),
            (_, path) => path,
        },
        (None, Some(end)) => line.get(..end)?,
        (None, None) => return None,
    };
    let name = path.trim_end_matches('/').rsplit('/').next()?;
    Some(match name {
        "authorized_keys" => "file",
        ".ssh" | "dropbear" => "dir",
        _ if name.as_bytes() == user => "home",
        _ => "above",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(lines: &[&str]) -> &'static str {
        let choice = Question::of_log(b"alice", lines.iter().copied()).unwrap();
        Question::Log.choices()[choice.0].word
    }

    #[test]
    fn every_word_is_one_of_the_answers() {
        for (_, word) in WORDS {
            assert!(Question::Log.choice(word).is_some(), "{word}");
        }
    }

    #[test]
    fn a_line_of_the_log_answers() {
        let closed =
            "Connection closed by authenticating user alice 192.0.2.1 port 40000 [preauth]";
        assert_eq!(word(&[closed]), "closed");
        assert_eq!(word(&[]), "closed");
        for (line, expected) in [
            ("bad ownership or modes for directory /home/alice", "home"),
            (
                "bad ownership or modes for directory /home/alice/.ssh",
                "dir",
            ),
            ("bad ownership or modes for directory /home", "above"),
            (
                "bad ownership or modes for file /home/alice/.ssh/authorized_keys",
                "file",
            ),
        ] {
            let line = format!("Authentication refused: {line}");
            assert_eq!(word(&[&line, closed]), expected);
        }
        assert_eq!(
            word(&["Invalid user alice from 192.0.2.1 port 40000", closed]),
            "invalid"
        );
        assert_eq!(
            word(&["Access denied for user alice by PAM account configuration [preauth]"]),
            "pam"
        );
        assert_eq!(
            word(&["Accepted publickey for alice", "something odd"]),
            "other"
        );
    }
}
