//! `chroot-missing`

use crate::prelude::*;

/// The cause `chroot-missing`.
pub static CAUSE: Cause = Cause {
    id: "chroot-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
