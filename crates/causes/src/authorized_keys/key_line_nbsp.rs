//! `key-line-nbsp`

use crate::prelude::*;

/// The cause `key-line-nbsp`.
pub static CAUSE: Cause = Cause {
    id: "key-line-nbsp",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "a no-break space stands on line {line} of {file} where a blank belongs",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; the separators are blank and TAB",
    note: "it looks like a blank; web pages, wikis and chat programs put it there",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of line {line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "NEW={repaired} awk -v n={line} 'NR == n {{ print ENVIRON[\"NEW\"]; next }} {{ print }}' {file}.before > {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or turn every no-break space of the file into a blank (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "LC_ALL=C sed \"s/$(printf '\\302\\240')/ /g\" < {file}.before > {file}",
            ],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
