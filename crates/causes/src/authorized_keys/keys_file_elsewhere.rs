//! `keys-file-elsewhere`

use crate::prelude::*;

/// The cause `keys-file-elsewhere`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-elsewhere",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
