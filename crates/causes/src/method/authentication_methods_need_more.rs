//! `authentication-methods-need-more`

use crate::prelude::*;

/// The cause `authentication-methods-need-more`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-need-more",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
