//! `chroot-bad-ownership`

use crate::prelude::*;

/// The cause `chroot-bad-ownership`.
pub static CAUSE: Cause = Cause {
    id: "chroot-bad-ownership",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
