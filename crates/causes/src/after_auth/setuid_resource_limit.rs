//! `setuid-resource-limit`

use crate::prelude::*;

/// The cause `setuid-resource-limit`.
pub static CAUSE: Cause = Cause {
    id: "setuid-resource-limit",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
