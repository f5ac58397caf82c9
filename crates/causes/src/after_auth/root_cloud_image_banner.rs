//! `root-cloud-image-banner`

use crate::prelude::*;

/// The cause `root-cloud-image-banner`.
pub static CAUSE: Cause = Cause {
    id: "root-cloud-image-banner",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
