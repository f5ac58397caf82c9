//! The key is accepted, and the session ends all the same.

use crate::Cause;

pub mod chroot_bad_ownership;
pub mod chroot_missing;
pub mod chroot_no_shell;
pub mod chroot_not_absolute;
pub mod force_command_fails;
pub mod forced_command_surprise;
pub mod home_missing;
pub mod internal_sftp_only;
pub mod max_sessions;
pub mod nologin_file;
pub mod pam_session_failed;
pub mod pam_setcred_failed;
pub mod password_expired_forced_change;
pub mod rc_file_exit;
pub mod root_cloud_image_banner;
pub mod setuid_resource_limit;
pub mod sftp_subsystem_missing;
pub mod shell_exec_fails;
pub mod shell_nologin;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &chroot_bad_ownership::CAUSE,
    &chroot_missing::CAUSE,
    &chroot_no_shell::CAUSE,
    &chroot_not_absolute::CAUSE,
    &force_command_fails::CAUSE,
    &forced_command_surprise::CAUSE,
    &home_missing::CAUSE,
    &internal_sftp_only::CAUSE,
    &max_sessions::CAUSE,
    &nologin_file::CAUSE,
    &pam_session_failed::CAUSE,
    &pam_setcred_failed::CAUSE,
    &password_expired_forced_change::CAUSE,
    &rc_file_exit::CAUSE,
    &root_cloud_image_banner::CAUSE,
    &setuid_resource_limit::CAUSE,
    &sftp_subsystem_missing::CAUSE,
    &shell_exec_fails::CAUSE,
    &shell_nologin::CAUSE,
];
