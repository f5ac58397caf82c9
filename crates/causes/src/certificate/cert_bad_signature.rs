//! `cert-bad-signature`

use crate::prelude::*;

/// The cause `cert-bad-signature`.
pub static CAUSE: Cause = Cause {
    id: "cert-bad-signature",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
