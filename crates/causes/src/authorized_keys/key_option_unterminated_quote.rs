//! `key-option-unterminated-quote`

use crate::prelude::*;

/// The cause `key-option-unterminated-quote`.
pub static CAUSE: Cause = Cause {
    id: "key-option-unterminated-quote",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
