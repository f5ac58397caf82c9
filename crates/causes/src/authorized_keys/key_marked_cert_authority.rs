//! `key-marked-cert-authority`

use crate::prelude::*;

/// The cause `key-marked-cert-authority`.
pub static CAUSE: Cause = Cause {
    id: "key-marked-cert-authority",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
