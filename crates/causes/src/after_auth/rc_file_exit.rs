//! `rc-file-exit`

use crate::prelude::*;

/// The cause `rc-file-exit`.
pub static CAUSE: Cause = Cause {
    id: "rc-file-exit",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
