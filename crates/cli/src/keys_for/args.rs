//! `sshwhy keys-for`: its arguments.

use clap::{Args, ValueHint};
use std::ffi::OsString;

pub(crate) const KEYS_FOR: &str = "For sshd's AuthorizedKeysCommand: print the lines for one key out of a \
        large central key file.\n\n\
        The lines are those of the file as it stands now, whole, with their options. Where they stand comes \
        from a sorted index beside the file (FILE.sshwhy-index, made by --write-index). It is used only \
        while device, inode, size, mtime and ctime of the file are those that were indexed; otherwise the \
        file is scanned, which gives the same lines more slowly.\n\n\
        Owner and modes of the file, of every directory above it and of the index are checked as StrictModes \
        does: root's or the account's, and writable by nobody else (nor by a group, on any build).\n\n\
        sshd looks into AuthorizedKeysFile first and runs the command only if the key is not there. So that \
        it neither scans the same file nor accepts keys from homes, set in sshd_config:\n\n  \
        AuthorizedKeysFile none\n  \
        AuthorizedKeysCommand /usr/local/bin/sshwhy keys-for --file /etc/ssh/keys/%%u %u %f\n  \
        AuthorizedKeysCommandUser sshkeys\n\n\
        The program and every directory above it have to be root's and writable by nobody else. The account \
        of AuthorizedKeysCommandUser reads FILE and its index and needs no other right; it should be used for \
        nothing else. A file for one account, such as a forge's, is named without %%u and with --account, \
        or its keys would open every account:\n\n  \
        AuthorizedKeysCommand /usr/local/bin/sshwhy keys-for --file /srv/git/keys --account git %u %f\n\n\
        In sshd_config `%%` stands for `%`. Write `%k` instead of `%f` where certificates are used (the lines \
        of their CA are printed then) or where FingerprintHash is md5. After each change of the file run, as \
        its owner or root:\n\n  \
        sshwhy keys-for --file /srv/git/keys --account git git --write-index";

pub(crate) const KEYS_FOR_EXIT: &str = "Exit status:
  0  the lines were printed; none, if the key is not in the file or the account has none
  2  this program could not work: arguments, a file that others may write to; sshd takes no key then";

/// `sshwhy keys-for`
#[derive(Args, Debug)]
pub struct KeysFor {
    /// The account that wants to log in: sshd's %u
    #[arg(value_name = "USER")]
    pub user: OsString,
    /// The key that it offers: its SHA-256 fingerprint (sshd's %f) or the key in base64 (sshd's %k)
    #[arg(value_name = "KEY", required_unless_present = "write_index")]
    pub key: Option<OsString>,
    /// The key file; %u in it stands for the account
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value = "/etc/ssh/keys/%u")]
    pub file: OsString,
    /// The one account that this file is for; needed where FILE holds no %u. For any other nothing
    /// is printed
    #[arg(long, value_name = "USER")]
    pub account: Option<OsString>,
    /// Write the index of the account's file, beside it
    #[arg(long, conflicts_with = "key")]
    pub write_index: bool,
}
