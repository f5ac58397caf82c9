//! `windows-admin-keys-file`

use crate::prelude::*;

/// The cause `windows-admin-keys-file`.
pub static CAUSE: Cause = Cause {
    id: "windows-admin-keys-file",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{user} is in the group Administrators, so sshd for Windows reads administrators_authorized_keys and not {file}",
    rule: "Match Group administrators / AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys, at the end of the sshd_config that Windows ships",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "put the key into C:\\ProgramData\\ssh\\administrators_authorized_keys, and let SYSTEM and Administrators alone have rights on it; in an administrator's PowerShell: icacls.exe \"C:\\ProgramData\\ssh\\administrators_authorized_keys\" /inheritance:r /grant \"Administrators:F\" /grant \"SYSTEM:F\"",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug3,
        text: "Bad permissions. Try removing permissions for user: {who} on file {path}.",
    }],
    page: "",
};
