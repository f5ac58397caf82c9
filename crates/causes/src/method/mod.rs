//! The authentication method.

use crate::Cause;

pub mod authentication_methods_exclude_publickey;
pub mod authentication_methods_need_more;
pub mod authentication_methods_order;
pub mod authentication_methods_unsatisfiable;
pub mod keyword_shadowed;
pub mod max_auth_tries_zero;
pub mod pubkey_authentication_off;
pub mod publickey_not_offered;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &authentication_methods_exclude_publickey::CAUSE,
    &authentication_methods_need_more::CAUSE,
    &authentication_methods_order::CAUSE,
    &authentication_methods_unsatisfiable::CAUSE,
    &keyword_shadowed::CAUSE,
    &max_auth_tries_zero::CAUSE,
    &pubkey_authentication_off::CAUSE,
    &publickey_not_offered::CAUSE,
];
