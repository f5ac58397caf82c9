//! `cert-options-conflict`

use crate::prelude::*;

/// The cause `cert-options-conflict`.
pub static CAUSE: Cause = Cause {
    id: "cert-options-conflict",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
