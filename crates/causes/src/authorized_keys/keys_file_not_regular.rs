//! `keys-file-not-regular`

use crate::prelude::*;

/// The cause `keys-file-not-regular`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-not-regular",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
