//! Certificates and who signed them.

use crate::Cause;

pub mod ca_file_bad_line_first;
pub mod ca_file_missing;
pub mod cert_bad_signature;
pub mod cert_ca_not_trusted;
pub mod cert_ca_sigalg;
pub mod cert_critical_option_unknown;
pub mod cert_expired;
pub mod cert_is_host;
pub mod cert_no_principals;
pub mod cert_not_yet_valid;
pub mod cert_old_v00;
pub mod cert_options_conflict;
pub mod cert_principal_mismatch;
pub mod cert_principals_command;
pub mod cert_principals_file;
pub mod cert_source_address;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &ca_file_bad_line_first::CAUSE,
    &ca_file_missing::CAUSE,
    &cert_bad_signature::CAUSE,
    &cert_ca_not_trusted::CAUSE,
    &cert_ca_sigalg::CAUSE,
    &cert_critical_option_unknown::CAUSE,
    &cert_expired::CAUSE,
    &cert_is_host::CAUSE,
    &cert_no_principals::CAUSE,
    &cert_not_yet_valid::CAUSE,
    &cert_old_v00::CAUSE,
    &cert_options_conflict::CAUSE,
    &cert_principal_mismatch::CAUSE,
    &cert_principals_command::CAUSE,
    &cert_principals_file::CAUSE,
    &cert_source_address::CAUSE,
];
