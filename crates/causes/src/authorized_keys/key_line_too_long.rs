//! `key-line-too-long`

use crate::prelude::*;

/// The cause `key-line-too-long`.
pub static CAUSE: Cause = Cause {
    id: "key-line-too-long",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
