//! `chroot-not-absolute`

use crate::prelude::*;

/// The cause `chroot-not-absolute`.
pub static CAUSE: Cause = Cause {
    id: "chroot-not-absolute",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
