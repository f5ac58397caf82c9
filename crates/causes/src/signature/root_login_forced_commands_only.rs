//! `root-login-forced-commands-only`

use crate::prelude::*;

/// The cause `root-login-forced-commands-only`.
pub static CAUSE: Cause = Cause {
    id: "root-login-forced-commands-only",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
