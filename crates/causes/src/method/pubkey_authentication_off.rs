//! `pubkey-authentication-off`

use crate::prelude::*;

/// The cause `pubkey-authentication-off`.
pub static CAUSE: Cause = Cause {
    id: "pubkey-authentication-off",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
