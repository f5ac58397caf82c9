//! `selinux-label`

use crate::prelude::*;

/// The cause `selinux-label`.
pub static CAUSE: Cause = Cause {
    id: "selinux-label",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
