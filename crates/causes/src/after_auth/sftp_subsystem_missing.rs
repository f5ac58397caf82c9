//! `sftp-subsystem-missing`

use crate::prelude::*;

/// The cause `sftp-subsystem-missing`.
pub static CAUSE: Cause = Cause {
    id: "sftp-subsystem-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
