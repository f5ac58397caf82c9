//! `key-not-listed`

use crate::prelude::*;

/// The cause `key-not-listed`.
pub static CAUSE: Cause = Cause {
    id: "key-not-listed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
