//! `force-command-fails`

use crate::prelude::*;

/// The cause `force-command-fails`.
pub static CAUSE: Cause = Cause {
    id: "force-command-fails",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
