//! `keyword-shadowed`

use crate::prelude::*;

/// The cause `keyword-shadowed`.
pub static CAUSE: Cause = Cause {
    id: "keyword-shadowed",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
