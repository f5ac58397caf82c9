//! `other-key-offered`

use crate::prelude::*;

/// The cause `other-key-offered`.
pub static CAUSE: Cause = Cause {
    id: "other-key-offered",
    stage: Stage::Offer,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
