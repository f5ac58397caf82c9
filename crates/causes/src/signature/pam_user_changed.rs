//! `pam-user-changed`

use crate::prelude::*;

/// The cause `pam-user-changed`.
pub static CAUSE: Cause = Cause {
    id: "pam-user-changed",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
