//! `keys-file-cr-only`

use crate::prelude::*;

/// The cause `keys-file-cr-only`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-cr-only",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
