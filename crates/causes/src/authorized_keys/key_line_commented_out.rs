//! `key-line-commented-out`

use crate::prelude::*;

/// The cause `key-line-commented-out`.
pub static CAUSE: Cause = Cause {
    id: "key-line-commented-out",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
