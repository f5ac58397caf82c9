//! `key-line-rfc4716`

use crate::prelude::*;

/// The cause `key-line-rfc4716`.
pub static CAUSE: Cause = Cause {
    id: "key-line-rfc4716",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
