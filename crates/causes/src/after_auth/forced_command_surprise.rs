//! `forced-command-surprise`

use crate::prelude::*;

/// The cause `forced-command-surprise`.
pub static CAUSE: Cause = Cause {
    id: "forced-command-surprise",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
