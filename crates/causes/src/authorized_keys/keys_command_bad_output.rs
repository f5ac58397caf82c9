//! `keys-command-bad-output`

use crate::prelude::*;

/// The cause `keys-command-bad-output`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-bad-output",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysCommand {command} does not print lines that sshd can read as keys",
    rule: "its output has the form of authorized_keys: sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "mend the program so that it prints one key on each line of standard output, and nothing else; look at its lines with ssh-keygen -l -f -",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug2,
            text: "{file}:{line}: advance: '{rest}",
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand \"{command}\" contains invalid quotes",
        },
    ],
    page: "",
};
