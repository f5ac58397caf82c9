//! `keys-command-unsafe`

use crate::prelude::*;

/// The cause `keys-command-unsafe`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-unsafe",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
