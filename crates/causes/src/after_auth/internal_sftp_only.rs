//! `internal-sftp-only`

use crate::prelude::*;

/// The cause `internal-sftp-only`.
pub static CAUSE: Cause = Cause {
    id: "internal-sftp-only",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
