//! What the client offers.

use crate::Cause;

pub mod agent_forwarding_gone;
pub mod agent_locked;
pub mod agent_not_running;
pub mod agent_socket_stale;
pub mod client_agent_constraint;
pub mod client_alg_filter;
pub mod client_cert_skipped;
pub mod client_config_override;
pub mod client_pubkey_off;
pub mod client_too_many_keys;
pub mod client_wrong_identity;
pub mod client_wrong_user;
pub mod key_not_in_agent;
pub mod other_key_offered;
pub mod putty_public_key_only;
pub mod putty_session_overrides;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &agent_forwarding_gone::CAUSE,
    &agent_locked::CAUSE,
    &agent_not_running::CAUSE,
    &agent_socket_stale::CAUSE,
    &client_agent_constraint::CAUSE,
    &client_alg_filter::CAUSE,
    &client_cert_skipped::CAUSE,
    &client_config_override::CAUSE,
    &client_pubkey_off::CAUSE,
    &client_too_many_keys::CAUSE,
    &client_wrong_identity::CAUSE,
    &client_wrong_user::CAUSE,
    &key_not_in_agent::CAUSE,
    &other_key_offered::CAUSE,
    &putty_public_key_only::CAUSE,
    &putty_session_overrides::CAUSE,
];
