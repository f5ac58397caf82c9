//! `key-line-nbsp`

use crate::prelude::*;

/// The cause `key-line-nbsp`.
pub static CAUSE: Cause = Cause {
    id: "key-line-nbsp",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
