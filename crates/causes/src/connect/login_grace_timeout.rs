//! `login-grace-timeout`

use crate::prelude::*;

/// The cause `login-grace-timeout`.
pub static CAUSE: Cause = Cause {
    id: "login-grace-timeout",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
