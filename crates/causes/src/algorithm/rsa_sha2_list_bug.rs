//! `rsa-sha2-list-bug`

use crate::prelude::*;

/// The cause `rsa-sha2-list-bug`.
pub static CAUSE: Cause = Cause {
    id: "rsa-sha2-list-bug",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
