//! `sshd-config-not-reloaded`

use crate::prelude::*;

/// The cause `sshd-config-not-reloaded`.
pub static CAUSE: Cause = Cause {
    id: "sshd-config-not-reloaded",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
