//! `apparmor-denied`

use crate::prelude::*;

/// The cause `apparmor-denied`.
pub static CAUSE: Cause = Cause {
    id: "apparmor-denied",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
