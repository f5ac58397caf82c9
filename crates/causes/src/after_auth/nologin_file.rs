//! `nologin-file`

use crate::prelude::*;

/// The cause `nologin-file`.
pub static CAUSE: Cause = Cause {
    id: "nologin-file",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
