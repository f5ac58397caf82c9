//! The page of a cause.

use crate::words::level_word;
use sshwhy_causes::{Cause, Seen};

/// What `explain ID` prints: Markdown, all of it our own text.
#[must_use]
pub fn page(cause: &Cause) -> String {
    let mut out = format!("# {}\n\n", cause.id);
    if cause.page.is_empty() {
        out.push_str(cause.title);
        out.push('\n');
    } else {
        out.push_str(cause.page.trim_end());
        out.push('\n');
    }
    out.push_str("\n## In short\n");
    out.push_str(&format!(
        "- stage: {}\n- seen by the client: {}\n",
        cause.stage.word(),
        seen(cause.seen)
    ));
    if cause.log.is_empty() {
        out.push_str("- sshd's log: nothing, at any LogLevel\n");
    } else {
        out.push_str("- sshd's log:\n");
        for line in cause.log {
            out.push_str(&format!(
                "  - {}: `{}`\n",
                level_word(line.level),
                line.text
            ));
        }
    }
    out
}

/// What the client sees, in words.
pub(crate) fn seen(seen: Seen) -> &'static str {
    match seen {
        Seen::NoConnection => "no connection",
        Seen::Disconnected => "the connection is closed before any answer about the key",
        Seen::MethodMissing => "publickey is not among the methods offered",
        Seen::QueryRefused => "\"Server refused our key\"; Permission denied (publickey)",
        Seen::SignatureRefused => "the key is welcome, then its signature is refused",
        Seen::ClosedAfterSignature => "the connection is closed after the signature",
        Seen::PartialSuccess => "partial success: more is asked for",
        Seen::SessionEnds => "logged in, then the session ends",
        Seen::NotOnTheWire => "the key is never offered, or never signed with",
        Seen::Nothing => "nothing: a warning",
    }
}
