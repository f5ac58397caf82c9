//! `required-touch`

use crate::prelude::*;

/// The cause `required-touch`.
pub static CAUSE: Cause = Cause {
    id: "required-touch",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
