//! `account-locked`

use crate::prelude::*;

/// The cause `account-locked`.
pub static CAUSE: Cause = Cause {
    id: "account-locked",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
