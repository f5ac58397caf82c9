//! `pam-time`

use crate::prelude::*;

/// The cause `pam-time`.
pub static CAUSE: Cause = Cause {
    id: "pam-time",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
