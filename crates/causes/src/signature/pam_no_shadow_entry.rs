//! `pam-no-shadow-entry`

use crate::prelude::*;

/// The cause `pam-no-shadow-entry`.
pub static CAUSE: Cause = Cause {
    id: "pam-no-shadow-entry",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
