//! `rsa-key-below-1024`

use crate::prelude::*;

/// The cause `rsa-key-below-1024`.
pub static CAUSE: Cause = Cause {
    id: "rsa-key-below-1024",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
