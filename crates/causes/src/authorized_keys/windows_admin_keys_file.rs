//! `windows-admin-keys-file`

use crate::prelude::*;

/// The cause `windows-admin-keys-file`.
pub static CAUSE: Cause = Cause {
    id: "windows-admin-keys-file",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
