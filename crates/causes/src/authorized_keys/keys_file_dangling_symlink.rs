//! `keys-file-dangling-symlink`

use crate::prelude::*;

/// The cause `keys-file-dangling-symlink`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-dangling-symlink",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
