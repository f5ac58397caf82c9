//! `bad-signature`

use crate::prelude::*;

/// The cause `bad-signature`.
pub static CAUSE: Cause = Cause {
    id: "bad-signature",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
