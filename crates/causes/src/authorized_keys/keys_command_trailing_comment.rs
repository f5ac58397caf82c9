//! `keys-command-trailing-comment`

use crate::prelude::*;

/// The cause `keys-command-trailing-comment`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-trailing-comment",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
