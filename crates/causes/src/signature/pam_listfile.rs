//! `pam-listfile`

use crate::prelude::*;

/// The cause `pam-listfile`.
pub static CAUSE: Cause = Cause {
    id: "pam-listfile",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
