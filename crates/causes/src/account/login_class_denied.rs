//! `login-class-denied`

use crate::prelude::*;

/// The cause `login-class-denied`.
pub static CAUSE: Cause = Cause {
    id: "login-class-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
