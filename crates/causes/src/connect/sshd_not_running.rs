//! `sshd-not-running`

use crate::prelude::*;

/// The cause `sshd-not-running`.
pub static CAUSE: Cause = Cause {
    id: "sshd-not-running",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
