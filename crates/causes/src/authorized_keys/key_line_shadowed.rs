//! `key-line-shadowed`

use crate::prelude::*;

/// The cause `key-line-shadowed`.
pub static CAUSE: Cause = Cause {
    id: "key-line-shadowed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
