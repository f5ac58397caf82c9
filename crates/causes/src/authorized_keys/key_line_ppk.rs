//! `key-line-ppk`

use crate::prelude::*;

/// The cause `key-line-ppk`.
pub static CAUSE: Cause = Cause {
    id: "key-line-ppk",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
