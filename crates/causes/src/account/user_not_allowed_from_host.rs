//! `user-not-allowed-from-host`

use crate::prelude::*;

/// The cause `user-not-allowed-from-host`.
pub static CAUSE: Cause = Cause {
    id: "user-not-allowed-from-host",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
