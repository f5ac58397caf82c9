//! `key-option-principals-on-plain`

use crate::prelude::*;

/// The cause `key-option-principals-on-plain`.
pub static CAUSE: Cause = Cause {
    id: "key-option-principals-on-plain",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
