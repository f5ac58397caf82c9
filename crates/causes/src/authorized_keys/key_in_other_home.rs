//! `key-in-other-home`

use crate::prelude::*;

/// The cause `key-in-other-home`.
pub static CAUSE: Cause = Cause {
    id: "key-in-other-home",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
