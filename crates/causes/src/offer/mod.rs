//! What the client offers.

use crate::Cause;

pub mod agent_forwarding_gone;
pub mod agent_locked;
pub mod agent_not_running;
pub mod agent_socket_stale;
pub mod client_agent_constraint;
pub mod client_too_many_keys;
pub mod key_not_in_agent;
pub mod other_key_offered;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &agent_forwarding_gone::CAUSE,
    &agent_locked::CAUSE,
    &agent_not_running::CAUSE,
    &agent_socket_stale::CAUSE,
    &client_agent_constraint::CAUSE,
    &client_too_many_keys::CAUSE,
    &key_not_in_agent::CAUSE,
    &other_key_offered::CAUSE,
];
