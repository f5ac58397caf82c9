//! `cert-ca-not-trusted`

use crate::prelude::*;

/// The cause `cert-ca-not-trusted`.
pub static CAUSE: Cause = Cause {
    id: "cert-ca-not-trusted",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
