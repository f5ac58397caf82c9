//! `cert-ca-sigalg`

use crate::prelude::*;

/// The cause `cert-ca-sigalg`.
pub static CAUSE: Cause = Cause {
    id: "cert-ca-sigalg",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
