//! `systemd-sandbox`

use crate::prelude::*;

/// The cause `systemd-sandbox`.
pub static CAUSE: Cause = Cause {
    id: "systemd-sandbox",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
