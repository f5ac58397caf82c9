//! `cert-not-yet-valid`

use crate::prelude::*;

/// The cause `cert-not-yet-valid`.
pub static CAUSE: Cause = Cause {
    id: "cert-not-yet-valid",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
