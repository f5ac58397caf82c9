//! `pam-password-expired-inactive`

use crate::prelude::*;

/// The cause `pam-password-expired-inactive`.
pub static CAUSE: Cause = Cause {
    id: "pam-password-expired-inactive",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
