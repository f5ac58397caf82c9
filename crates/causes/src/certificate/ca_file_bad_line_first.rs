//! `ca-file-bad-line-first`

use crate::prelude::*;

/// The cause `ca-file-bad-line-first`.
pub static CAUSE: Cause = Cause {
    id: "ca-file-bad-line-first",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "sshd stops at line {line} of {file}, which it cannot read, before it comes to the CA",
    rule: "{keyword} {value} ({origin}): one plain public key on each line; the first line that is no key ends the search",
    note: "lines after the CA do no harm",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "remove line {line} (the old file stays as {file}.before): the file takes neither options nor blank lines with a CR",
        commands: &[
            "cp -p -- {file} {file}.before",
            "sed {line}d < {file}.before > {file}",
        ],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "CA {ca_type} {ca_fingerprint} is not listed in {file}: {reason}",
    }],
    page: "",
};
