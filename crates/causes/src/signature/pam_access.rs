//! `pam-access`

use crate::prelude::*;

/// The cause `pam-access`.
pub static CAUSE: Cause = Cause {
    id: "pam-access",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
