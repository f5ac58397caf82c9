//! `keys-command-failed`

use crate::prelude::*;

/// The cause `keys-command-failed`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-failed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
