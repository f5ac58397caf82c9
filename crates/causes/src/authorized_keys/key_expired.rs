//! `key-expired`

use crate::prelude::*;

/// The cause `key-expired`.
pub static CAUSE: Cause = Cause {
    id: "key-expired",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
