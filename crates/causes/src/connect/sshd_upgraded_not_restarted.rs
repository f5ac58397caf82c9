//! `sshd-upgraded-not-restarted`

use crate::prelude::*;

/// The cause `sshd-upgraded-not-restarted`.
pub static CAUSE: Cause = Cause {
    id: "sshd-upgraded-not-restarted",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
