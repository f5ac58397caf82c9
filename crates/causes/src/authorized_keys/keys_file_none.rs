//! `keys-file-none`

use crate::prelude::*;

/// The cause `keys-file-none`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-none",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
