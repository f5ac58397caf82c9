//! `keys-file-glob`

use crate::prelude::*;

/// The cause `keys-file-glob`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-glob",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
