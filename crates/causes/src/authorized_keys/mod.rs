//! Finding the key: the files, their lines, their options, the command.

use crate::Cause;

pub mod acl_writable;
pub mod apparmor_denied;
pub mod from_invalid;
pub mod from_mismatch;
pub mod from_only_negated;
pub mod from_space_after_comma;
pub mod home_missing_or_unmounted;
pub mod home_writable;
pub mod key_expired;
pub mod key_in_other_home;
pub mod key_line_blanks;
pub mod key_line_bom;
pub mod key_line_certificate;
pub mod key_line_commented_out;
pub mod key_line_damaged;
pub mod key_line_known_hosts;
pub mod key_line_leading_junk;
pub mod key_line_nbsp;
pub mod key_line_pem;
pub mod key_line_ppk;
pub mod key_line_private_key;
pub mod key_line_quoted;
pub mod key_line_rfc4716;
pub mod key_line_shadowed;
pub mod key_line_ssh1;
pub mod key_line_tab;
pub mod key_line_too_long;
pub mod key_line_trailing_junk;
pub mod key_line_truncated;
pub mod key_line_wrapped;
pub mod key_lines_glued;
pub mod key_marked_cert_authority;
pub mod key_not_listed;
pub mod key_option_bad_value;
pub mod key_option_duplicate;
pub mod key_option_no_space_before_key;
pub mod key_option_principals_on_plain;
pub mod key_option_space_in_list;
pub mod key_option_unknown;
pub mod key_option_unquoted;
pub mod key_option_unterminated_quote;
pub mod key_type_alone;
pub mod key_type_case;
pub mod key_type_damaged;
pub mod key_type_mismatch;
pub mod key_type_missing;
pub mod keys_command_bad_output;
pub mod keys_command_failed;
pub mod keys_command_missing;
pub mod keys_command_not_executable;
pub mod keys_command_slow;
pub mod keys_command_trailing_comment;
pub mod keys_command_unsafe;
pub mod keys_command_user_missing;
pub mod keys_dir_writable;
pub mod keys_file_bad_token;
pub mod keys_file_central;
pub mod keys_file_comma;
pub mod keys_file_cr_only;
pub mod keys_file_dangling_symlink;
pub mod keys_file_dollar_home;
pub mod keys_file_elsewhere;
pub mod keys_file_empty;
pub mod keys_file_glob;
pub mod keys_file_missing;
pub mod keys_file_none;
pub mod keys_file_not_regular;
pub mod keys_file_second_not_read;
pub mod keys_file_tilde;
pub mod keys_file_unreadable;
pub mod keys_file_utf16;
pub mod keys_file_writable;
pub mod parent_writable;
pub mod selinux_label;
pub mod systemd_sandbox;
pub mod windows_admin_keys_file;
pub mod wrong_owner;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[
    &acl_writable::CAUSE,
    &apparmor_denied::CAUSE,
    &from_invalid::CAUSE,
    &from_mismatch::CAUSE,
    &from_only_negated::CAUSE,
    &from_space_after_comma::CAUSE,
    &home_missing_or_unmounted::CAUSE,
    &home_writable::CAUSE,
    &key_expired::CAUSE,
    &key_in_other_home::CAUSE,
    &key_line_blanks::CAUSE,
    &key_line_bom::CAUSE,
    &key_line_certificate::CAUSE,
    &key_line_commented_out::CAUSE,
    &key_line_damaged::CAUSE,
    &key_line_known_hosts::CAUSE,
    &key_line_leading_junk::CAUSE,
    &key_line_nbsp::CAUSE,
    &key_line_pem::CAUSE,
    &key_line_ppk::CAUSE,
    &key_line_private_key::CAUSE,
    &key_line_quoted::CAUSE,
    &key_line_rfc4716::CAUSE,
    &key_line_shadowed::CAUSE,
    &key_line_ssh1::CAUSE,
    &key_line_tab::CAUSE,
    &key_line_too_long::CAUSE,
    &key_line_trailing_junk::CAUSE,
    &key_line_truncated::CAUSE,
    &key_line_wrapped::CAUSE,
    &key_lines_glued::CAUSE,
    &key_marked_cert_authority::CAUSE,
    &key_not_listed::CAUSE,
    &key_option_bad_value::CAUSE,
    &key_option_duplicate::CAUSE,
    &key_option_no_space_before_key::CAUSE,
    &key_option_principals_on_plain::CAUSE,
    &key_option_space_in_list::CAUSE,
    &key_option_unknown::CAUSE,
    &key_option_unquoted::CAUSE,
    &key_option_unterminated_quote::CAUSE,
    &key_type_alone::CAUSE,
    &key_type_case::CAUSE,
    &key_type_damaged::CAUSE,
    &key_type_mismatch::CAUSE,
    &key_type_missing::CAUSE,
    &keys_command_bad_output::CAUSE,
    &keys_command_failed::CAUSE,
    &keys_command_missing::CAUSE,
    &keys_command_not_executable::CAUSE,
    &keys_command_slow::CAUSE,
    &keys_command_trailing_comment::CAUSE,
    &keys_command_unsafe::CAUSE,
    &keys_command_user_missing::CAUSE,
    &keys_dir_writable::CAUSE,
    &keys_file_bad_token::CAUSE,
    &keys_file_central::CAUSE,
    &keys_file_comma::CAUSE,
    &keys_file_cr_only::CAUSE,
    &keys_file_dangling_symlink::CAUSE,
    &keys_file_dollar_home::CAUSE,
    &keys_file_elsewhere::CAUSE,
    &keys_file_empty::CAUSE,
    &keys_file_glob::CAUSE,
    &keys_file_missing::CAUSE,
    &keys_file_none::CAUSE,
    &keys_file_not_regular::CAUSE,
    &keys_file_second_not_read::CAUSE,
    &keys_file_tilde::CAUSE,
    &keys_file_unreadable::CAUSE,
    &keys_file_utf16::CAUSE,
    &keys_file_writable::CAUSE,
    &parent_writable::CAUSE,
    &selinux_label::CAUSE,
    &systemd_sandbox::CAUSE,
    &windows_admin_keys_file::CAUSE,
    &wrong_owner::CAUSE,
];
