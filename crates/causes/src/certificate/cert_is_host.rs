//! `cert-is-host`

use crate::prelude::*;

/// The cause `cert-is-host`.
pub static CAUSE: Cause = Cause {
    id: "cert-is-host",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
