//! `shell-exec-fails`

use crate::prelude::*;

/// The cause `shell-exec-fails`.
pub static CAUSE: Cause = Cause {
    id: "shell-exec-fails",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
