//! `key-line-quoted`

use crate::prelude::*;

/// The cause `key-line-quoted`.
pub static CAUSE: Cause = Cause {
    id: "key-line-quoted",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
