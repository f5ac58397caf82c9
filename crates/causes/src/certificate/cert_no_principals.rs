//! `cert-no-principals`

use crate::prelude::*;

/// The cause `cert-no-principals`.
pub static CAUSE: Cause = Cause {
    id: "cert-no-principals",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
