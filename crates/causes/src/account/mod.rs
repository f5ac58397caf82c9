//! The account that wants to log in.

use crate::Cause;

pub mod account_expired;
pub mod account_locked;
pub mod group_denied;
pub mod group_not_allowed;
pub mod login_class_denied;
pub mod macos_remote_login_acl;
pub mod shell_missing;
pub mod shell_not_executable;
pub mod shell_not_listed;
pub mod user_denied;
pub mod user_not_allowed;
pub mod user_not_allowed_from_host;
pub mod user_not_in_any_group;
pub mod user_suffix_stripped;
pub mod user_unknown;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &account_expired::CAUSE,
    &account_locked::CAUSE,
    &group_denied::CAUSE,
    &group_not_allowed::CAUSE,
    &login_class_denied::CAUSE,
    &macos_remote_login_acl::CAUSE,
    &shell_missing::CAUSE,
    &shell_not_executable::CAUSE,
    &shell_not_listed::CAUSE,
    &user_denied::CAUSE,
    &user_not_allowed::CAUSE,
    &user_not_allowed_from_host::CAUSE,
    &user_not_in_any_group::CAUSE,
    &user_suffix_stripped::CAUSE,
    &user_unknown::CAUSE,
];
