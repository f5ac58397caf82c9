//! `key-line-damaged`

use crate::prelude::*;

/// The cause `key-line-damaged`.
pub static CAUSE: Cause = Cause {
    id: "key-line-damaged",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
