//! `pam-account-expired`

use crate::prelude::*;

/// The cause `pam-account-expired`.
pub static CAUSE: Cause = Cause {
    id: "pam-account-expired",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
