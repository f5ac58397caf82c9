//! `authentication-methods-unsatisfiable`

use crate::prelude::*;

/// The cause `authentication-methods-unsatisfiable`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-unsatisfiable",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
