//! `key-in-other-home`

use crate::prelude::*;

/// The cause `key-in-other-home`.
pub static CAUSE: Cause = Cause {
    id: "key-in-other-home",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key is not {user}'s: it stands in {other_file}, the file of {other_user}",
    rule: "a key lets in the account whose file holds it, and no other",
    note: "sudo keeps \"~\" of root or of the caller: a key added in a root shell often lands in root's file",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as {other_user}, if that is the account that was meant",
            commands: &["ssh {other_user}@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or add the key to {file}, as {user}",
            commands: &[
                "umask 077 && mkdir -p -- \"$(dirname -- {file})\" && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "",
};
