//! `root-login-off`

use crate::prelude::*;

/// The cause `root-login-off`.
pub static CAUSE: Cause = Cause {
    id: "root-login-off",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
