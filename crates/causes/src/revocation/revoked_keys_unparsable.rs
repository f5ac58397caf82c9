//! `revoked-keys-unparsable`

use crate::prelude::*;

/// The cause `revoked-keys-unparsable`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-unparsable",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
