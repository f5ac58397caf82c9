//! `cert-critical-option-unknown`

use crate::prelude::*;

/// The cause `cert-critical-option-unknown`.
pub static CAUSE: Cause = Cause {
    id: "cert-critical-option-unknown",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
