//! `key-line-ssh1`

use crate::prelude::*;

/// The cause `key-line-ssh1`.
pub static CAUSE: Cause = Cause {
    id: "key-line-ssh1",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
