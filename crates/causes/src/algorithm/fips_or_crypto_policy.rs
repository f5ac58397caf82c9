//! `fips-or-crypto-policy`

use crate::prelude::*;

/// The cause `fips-or-crypto-policy`.
pub static CAUSE: Cause = Cause {
    id: "fips-or-crypto-policy",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
