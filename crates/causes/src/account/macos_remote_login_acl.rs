//! `macos-remote-login-acl`

use crate::prelude::*;

/// The cause `macos-remote-login-acl`.
pub static CAUSE: Cause = Cause {
    id: "macos-remote-login-acl",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
