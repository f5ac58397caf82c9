//! `key-line-pem`

use crate::prelude::*;

/// The cause `key-line-pem`.
pub static CAUSE: Cause = Cause {
    id: "key-line-pem",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
