//! After PK_OK: the signature, root's policy, PAM's account phase.

use crate::Cause;

pub mod bad_signature;
pub mod client_agent_refused;
pub mod pam_access;
pub mod pam_account_expired;
pub mod pam_denied;
pub mod pam_listfile;
pub mod pam_no_shadow_entry;
pub mod pam_nologin;
pub mod pam_password_expired_inactive;
pub mod pam_service_missing;
pub mod pam_succeed_if;
pub mod pam_time;
pub mod pam_user_changed;
pub mod required_touch;
pub mod required_uv;
pub mod root_login_forced_commands_only;
pub mod root_login_off;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &bad_signature::CAUSE,
    &client_agent_refused::CAUSE,
    &pam_access::CAUSE,
    &pam_account_expired::CAUSE,
    &pam_denied::CAUSE,
    &pam_listfile::CAUSE,
    &pam_no_shadow_entry::CAUSE,
    &pam_nologin::CAUSE,
    &pam_password_expired_inactive::CAUSE,
    &pam_service_missing::CAUSE,
    &pam_succeed_if::CAUSE,
    &pam_time::CAUSE,
    &pam_user_changed::CAUSE,
    &required_touch::CAUSE,
    &required_uv::CAUSE,
    &root_login_forced_commands_only::CAUSE,
    &root_login_off::CAUSE,
];
