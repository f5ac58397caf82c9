//! `revoked-keys-has-dsa`

use crate::prelude::*;

/// The cause `revoked-keys-has-dsa`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-has-dsa",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
