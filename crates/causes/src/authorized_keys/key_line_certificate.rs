//! `key-line-certificate`

use crate::prelude::*;

/// The cause `key-line-certificate`.
pub static CAUSE: Cause = Cause {
    id: "key-line-certificate",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
