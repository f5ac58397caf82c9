//! `keys-file-empty`

use crate::prelude::*;

/// The cause `keys-file-empty`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-empty",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
