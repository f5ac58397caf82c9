//! `cert-principals-file`

use crate::prelude::*;

/// The cause `cert-principals-file`.
pub static CAUSE: Cause = Cause {
    id: "cert-principals-file",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
