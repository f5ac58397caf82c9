//! `key-line-blanks`

use crate::prelude::*;

/// The cause `key-line-blanks`.
pub static CAUSE: Cause = Cause {
    id: "key-line-blanks",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
