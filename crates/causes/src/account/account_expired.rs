//! `account-expired`

use crate::prelude::*;

/// The cause `account-expired`.
pub static CAUSE: Cause = Cause {
    id: "account-expired",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
