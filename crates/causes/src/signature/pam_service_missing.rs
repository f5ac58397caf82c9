//! `pam-service-missing`

use crate::prelude::*;

/// The cause `pam-service-missing`.
pub static CAUSE: Cause = Cause {
    id: "pam-service-missing",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
