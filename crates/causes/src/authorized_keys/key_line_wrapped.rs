//! `key-line-wrapped`

use crate::prelude::*;

/// The cause `key-line-wrapped`.
pub static CAUSE: Cause = Cause {
    id: "key-line-wrapped",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
