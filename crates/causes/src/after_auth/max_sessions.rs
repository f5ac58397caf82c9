//! `max-sessions`

use crate::prelude::*;

/// The cause `max-sessions`.
pub static CAUSE: Cause = Cause {
    id: "max-sessions",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
