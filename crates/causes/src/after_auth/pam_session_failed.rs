//! `pam-session-failed`

use crate::prelude::*;

/// The cause `pam-session-failed`.
pub static CAUSE: Cause = Cause {
    id: "pam-session-failed",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
