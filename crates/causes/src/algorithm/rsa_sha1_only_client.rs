//! `rsa-sha1-only-client`

use crate::prelude::*;

/// The cause `rsa-sha1-only-client`.
pub static CAUSE: Cause = Cause {
    id: "rsa-sha1-only-client",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
