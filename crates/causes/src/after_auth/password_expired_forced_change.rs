//! `password-expired-forced-change`

use crate::prelude::*;

/// The cause `password-expired-forced-change`.
pub static CAUSE: Cause = Cause {
    id: "password-expired-forced-change",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
