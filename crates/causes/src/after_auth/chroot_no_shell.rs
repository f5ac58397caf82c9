//! `chroot-no-shell`

use crate::prelude::*;

/// The cause `chroot-no-shell`.
pub static CAUSE: Cause = Cause {
    id: "chroot-no-shell",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
