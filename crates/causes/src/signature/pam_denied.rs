//! `pam-denied`

use crate::prelude::*;

/// The cause `pam-denied`.
pub static CAUSE: Cause = Cause {
    id: "pam-denied",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
