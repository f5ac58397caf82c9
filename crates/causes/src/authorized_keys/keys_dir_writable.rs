//! `keys-dir-writable`

use crate::prelude::*;

/// The cause `keys-dir-writable`.
pub static CAUSE: Cause = Cause {
    id: "keys-dir-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
