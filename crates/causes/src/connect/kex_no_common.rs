//! `kex-no-common`

use crate::prelude::*;

/// The cause `kex-no-common`.
pub static CAUSE: Cause = Cause {
    id: "kex-no-common",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
