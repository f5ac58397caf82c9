//! `home-missing`

use crate::prelude::*;

/// The cause `home-missing`.
pub static CAUSE: Cause = Cause {
    id: "home-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
