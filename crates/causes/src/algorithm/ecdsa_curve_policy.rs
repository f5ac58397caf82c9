//! `ecdsa-curve-policy`

use crate::prelude::*;

/// The cause `ecdsa-curve-policy`.
pub static CAUSE: Cause = Cause {
    id: "ecdsa-curve-policy",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
