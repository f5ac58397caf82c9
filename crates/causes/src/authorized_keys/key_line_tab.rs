//! `key-line-tab`

use crate::prelude::*;

/// The cause `key-line-tab`.
pub static CAUSE: Cause = Cause {
    id: "key-line-tab",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
