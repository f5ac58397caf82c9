//! `keys-file-writable`

use crate::prelude::*;

/// The cause `keys-file-writable`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
