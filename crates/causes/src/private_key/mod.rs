//! The private key's file on the client.

use crate::Cause;

pub mod client_batchmode_passphrase;
pub mod client_key_format;
pub mod client_key_missing;
pub mod client_key_perms;
pub mod client_passphrase_wrong;
pub mod client_stale_pub;
pub mod key_compromised_p521_putty;
pub mod key_pair_mismatch;
pub mod openssh_key_given_to_putty;
pub mod ppk_damaged_or_wrong_passphrase;
pub mod ppk_given_to_openssh;
pub mod ppk_mac_mismatch;
pub mod ppk_public_half_damaged;
pub mod ppk_version_too_new;
pub mod weak_key;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &client_batchmode_passphrase::CAUSE,
    &client_key_format::CAUSE,
    &client_key_missing::CAUSE,
    &client_key_perms::CAUSE,
    &client_passphrase_wrong::CAUSE,
    &client_stale_pub::CAUSE,
    &key_compromised_p521_putty::CAUSE,
    &key_pair_mismatch::CAUSE,
    &openssh_key_given_to_putty::CAUSE,
    &ppk_damaged_or_wrong_passphrase::CAUSE,
    &ppk_given_to_openssh::CAUSE,
    &ppk_mac_mismatch::CAUSE,
    &ppk_public_half_damaged::CAUSE,
    &ppk_version_too_new::CAUSE,
    &weak_key::CAUSE,
];
