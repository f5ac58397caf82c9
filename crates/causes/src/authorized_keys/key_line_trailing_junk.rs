//! `key-line-trailing-junk`

use crate::prelude::*;

/// The cause `key-line-trailing-junk`.
pub static CAUSE: Cause = Cause {
    id: "key-line-trailing-junk",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
