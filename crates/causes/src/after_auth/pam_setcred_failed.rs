//! `pam-setcred-failed`

use crate::prelude::*;

/// The cause `pam-setcred-failed`.
pub static CAUSE: Cause = Cause {
    id: "pam-setcred-failed",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
