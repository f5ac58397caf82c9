//! `keys-command-not-executable`

use crate::prelude::*;

/// The cause `keys-command-not-executable`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-not-executable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
