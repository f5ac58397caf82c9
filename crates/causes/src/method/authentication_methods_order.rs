//! `authentication-methods-order`

use crate::prelude::*;

/// The cause `authentication-methods-order`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-order",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
