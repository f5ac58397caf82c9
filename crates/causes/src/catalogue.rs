//! All causes together.

use crate::Cause;

/// Every cause, stage after stage.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    [
        crate::connect::ALL,
        crate::account::ALL,
        crate::method::ALL,
        crate::offer::ALL,
        crate::private_key::ALL,
        crate::algorithm::ALL,
        crate::authorized_keys::ALL,
        crate::certificate::ALL,
        crate::revocation::ALL,
        crate::signature::ALL,
        crate::after_auth::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The cause of that id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Cause> {
    all().find(|cause| cause.id == id)
}
