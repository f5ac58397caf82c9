//! `ca-revoked`

use crate::prelude::*;

/// The cause `ca-revoked`.
pub static CAUSE: Cause = Cause {
    id: "ca-revoked",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
