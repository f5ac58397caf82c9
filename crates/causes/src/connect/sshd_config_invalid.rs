//! `sshd-config-invalid`

use crate::prelude::*;

/// The cause `sshd-config-invalid`.
pub static CAUSE: Cause = Cause {
    id: "sshd-config-invalid",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
