//! Before any key is looked at: reaching sshd, and its start.

use crate::Cause;

pub mod fail2ban_or_firewall_ban;
pub mod host_key_changed;
pub mod hostkeys_unusable;
pub mod kex_no_common;
pub mod login_grace_timeout;
pub mod max_startups;
pub mod net_unreachable;
pub mod not_an_ssh_server;
pub mod per_source_max_startups;
pub mod per_source_penalty;
pub mod privsep_dir_missing;
pub mod privsep_user_missing;
pub mod refuse_connection;
pub mod sshd_config_invalid;
pub mod sshd_config_not_reloaded;
pub mod sshd_not_running;
pub mod sshd_upgraded_not_restarted;
pub mod tcp_wrappers_denied;
pub mod wrong_server;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &fail2ban_or_firewall_ban::CAUSE,
    &host_key_changed::CAUSE,
    &hostkeys_unusable::CAUSE,
    &kex_no_common::CAUSE,
    &login_grace_timeout::CAUSE,
    &max_startups::CAUSE,
    &net_unreachable::CAUSE,
    &not_an_ssh_server::CAUSE,
    &per_source_max_startups::CAUSE,
    &per_source_penalty::CAUSE,
    &privsep_dir_missing::CAUSE,
    &privsep_user_missing::CAUSE,
    &refuse_connection::CAUSE,
    &sshd_config_invalid::CAUSE,
    &sshd_config_not_reloaded::CAUSE,
    &sshd_not_running::CAUSE,
    &sshd_upgraded_not_restarted::CAUSE,
    &tcp_wrappers_denied::CAUSE,
    &wrong_server::CAUSE,
];
