//! `cert-principal-mismatch`

use crate::prelude::*;

/// The cause `cert-principal-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "cert-principal-mismatch",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
