//! `pam-succeed-if`

use crate::prelude::*;

/// The cause `pam-succeed-if`.
pub static CAUSE: Cause = Cause {
    id: "pam-succeed-if",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
