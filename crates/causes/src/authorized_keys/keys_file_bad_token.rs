//! `keys-file-bad-token`

use crate::prelude::*;

/// The cause `keys-file-bad-token`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-bad-token",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
