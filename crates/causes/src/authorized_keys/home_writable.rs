//! `home-writable`

use crate::prelude::*;

/// The cause `home-writable`.
pub static CAUSE: Cause = Cause {
    id: "home-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
