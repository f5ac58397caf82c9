//! `revoked-keys-missing`

use crate::prelude::*;

/// The cause `revoked-keys-missing`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-missing",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
