//! `keys-file-comma`

use crate::prelude::*;

/// The cause `keys-file-comma`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-comma",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
