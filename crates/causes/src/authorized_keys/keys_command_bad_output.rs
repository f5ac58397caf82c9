//! `keys-command-bad-output`

use crate::prelude::*;

/// The cause `keys-command-bad-output`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-bad-output",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
