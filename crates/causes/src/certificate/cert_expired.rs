//! `cert-expired`

use crate::prelude::*;

/// The cause `cert-expired`.
pub static CAUSE: Cause = Cause {
    id: "cert-expired",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
