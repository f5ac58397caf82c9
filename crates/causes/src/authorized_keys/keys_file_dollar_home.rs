//! `keys-file-dollar-home`

use crate::prelude::*;

/// The cause `keys-file-dollar-home`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-dollar-home",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
