//! `authentication-methods-exclude-publickey`

use crate::prelude::*;

/// The cause `authentication-methods-exclude-publickey`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-exclude-publickey",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
