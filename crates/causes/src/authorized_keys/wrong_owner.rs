//! `wrong-owner`

use crate::prelude::*;

/// The cause `wrong-owner`.
pub static CAUSE: Cause = Cause {
    id: "wrong-owner",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
