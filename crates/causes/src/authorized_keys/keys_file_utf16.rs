//! `keys-file-utf16`

use crate::prelude::*;

/// The cause `keys-file-utf16`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-utf16",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
