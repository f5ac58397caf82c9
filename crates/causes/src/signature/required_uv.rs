//! `required-uv`

use crate::prelude::*;

/// The cause `required-uv`.
pub static CAUSE: Cause = Cause {
    id: "required-uv",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
