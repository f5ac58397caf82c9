//! `key-revoked`

use crate::prelude::*;

/// The cause `key-revoked`.
pub static CAUSE: Cause = Cause {
    id: "key-revoked",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
