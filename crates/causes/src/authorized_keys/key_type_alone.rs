//! `key-type-alone`

use crate::prelude::*;

/// The cause `key-type-alone`.
pub static CAUSE: Cause = Cause {
    id: "key-type-alone",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
