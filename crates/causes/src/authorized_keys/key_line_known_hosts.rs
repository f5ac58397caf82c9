//! `key-line-known-hosts`

use crate::prelude::*;

/// The cause `key-line-known-hosts`.
pub static CAUSE: Cause = Cause {
    id: "key-line-known-hosts",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
