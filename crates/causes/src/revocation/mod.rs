//! RevokedKeys.

use crate::Cause;

pub mod ca_revoked;
pub mod key_revoked;
pub mod revoked_keys_has_dsa;
pub mod revoked_keys_missing;
pub mod revoked_keys_unparsable;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &ca_revoked::CAUSE,
    &key_revoked::CAUSE,
    &revoked_keys_has_dsa::CAUSE,
    &revoked_keys_missing::CAUSE,
    &revoked_keys_unparsable::CAUSE,
];
