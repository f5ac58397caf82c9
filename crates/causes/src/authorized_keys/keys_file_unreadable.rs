//! `keys-file-unreadable`

use crate::prelude::*;

/// The cause `keys-file-unreadable`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-unreadable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
