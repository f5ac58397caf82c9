//! `refuse-connection`

use crate::prelude::*;

/// The cause `refuse-connection`.
pub static CAUSE: Cause = Cause {
    id: "refuse-connection",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
