//! `keys-file-second-not-read`

use crate::prelude::*;

/// The cause `keys-file-second-not-read`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-second-not-read",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
