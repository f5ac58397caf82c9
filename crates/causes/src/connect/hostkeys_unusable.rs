//! `hostkeys-unusable`

use crate::prelude::*;

/// The cause `hostkeys-unusable`.
pub static CAUSE: Cause = Cause {
    id: "hostkeys-unusable",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
