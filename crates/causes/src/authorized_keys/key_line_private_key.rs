//! `key-line-private-key`

use crate::prelude::*;

/// The cause `key-line-private-key`.
pub static CAUSE: Cause = Cause {
    id: "key-line-private-key",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
