//! `home-missing-or-unmounted`

use crate::prelude::*;

/// The cause `home-missing-or-unmounted`.
pub static CAUSE: Cause = Cause {
    id: "home-missing-or-unmounted",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
