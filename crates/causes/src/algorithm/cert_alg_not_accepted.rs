//! `cert-alg-not-accepted`

use crate::prelude::*;

/// The cause `cert-alg-not-accepted`.
pub static CAUSE: Cause = Cause {
    id: "cert-alg-not-accepted",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
