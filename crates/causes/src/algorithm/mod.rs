//! Key types and signature algorithms.

use crate::Cause;

pub mod agent_sha1_signature;
pub mod cert_alg_not_accepted;
pub mod client_no_mutual_sigalg;
pub mod dsa_key;
pub mod ecdsa_curve_policy;
pub mod fips_or_crypto_policy;
pub mod key_type_unsupported_by_version;
pub mod rsa_key_below_1024;
pub mod rsa_key_too_short;
pub mod rsa_sha1_only_client;
pub mod rsa_sha2_list_bug;
pub mod signature_algorithm_not_accepted;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &agent_sha1_signature::CAUSE,
    &cert_alg_not_accepted::CAUSE,
    &client_no_mutual_sigalg::CAUSE,
    &dsa_key::CAUSE,
    &ecdsa_curve_policy::CAUSE,
    &fips_or_crypto_policy::CAUSE,
    &key_type_unsupported_by_version::CAUSE,
    &rsa_key_below_1024::CAUSE,
    &rsa_key_too_short::CAUSE,
    &rsa_sha1_only_client::CAUSE,
    &rsa_sha2_list_bug::CAUSE,
    &signature_algorithm_not_accepted::CAUSE,
];
