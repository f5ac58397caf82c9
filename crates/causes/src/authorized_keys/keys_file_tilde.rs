//! `keys-file-tilde`

use crate::prelude::*;

/// The cause `keys-file-tilde`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-tilde",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
