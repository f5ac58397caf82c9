//! `cert-old-v00`

use crate::prelude::*;

/// The cause `cert-old-v00`.
pub static CAUSE: Cause = Cause {
    id: "cert-old-v00",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
