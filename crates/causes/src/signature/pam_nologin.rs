//! `pam-nologin`

use crate::prelude::*;

/// The cause `pam-nologin`.
pub static CAUSE: Cause = Cause {
    id: "pam-nologin",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
