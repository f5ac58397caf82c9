//! `shell-nologin`

use crate::prelude::*;

/// The cause `shell-nologin`.
pub static CAUSE: Cause = Cause {
    id: "shell-nologin",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
