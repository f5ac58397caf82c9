//! `cert-source-address`

use crate::prelude::*;

/// The cause `cert-source-address`.
pub static CAUSE: Cause = Cause {
    id: "cert-source-address",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
