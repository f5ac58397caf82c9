//! `keys-command-slow`

use crate::prelude::*;

/// The cause `keys-command-slow`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-slow",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
