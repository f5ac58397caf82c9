//! `keys-file-central`

use crate::prelude::*;

/// The cause `keys-file-central`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-central",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
