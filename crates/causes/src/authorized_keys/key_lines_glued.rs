//! `key-lines-glued`

use crate::prelude::*;

/// The cause `key-lines-glued`.
pub static CAUSE: Cause = Cause {
    id: "key-lines-glued",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
