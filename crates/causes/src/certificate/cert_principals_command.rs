//! `cert-principals-command`

use crate::prelude::*;

/// The cause `cert-principals-command`.
pub static CAUSE: Cause = Cause {
    id: "cert-principals-command",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
