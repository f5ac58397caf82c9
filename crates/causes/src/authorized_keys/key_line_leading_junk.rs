//! `key-line-leading-junk`

use crate::prelude::*;

/// The cause `key-line-leading-junk`.
pub static CAUSE: Cause = Cause {
    id: "key-line-leading-junk",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
