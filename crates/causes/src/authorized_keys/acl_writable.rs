//! `acl-writable`

use crate::prelude::*;

/// The cause `acl-writable`.
pub static CAUSE: Cause = Cause {
    id: "acl-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
