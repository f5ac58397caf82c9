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
    page: r#"OpenSSH on Windows ignores authorized_keys of administrators: it reads administrators_authorized_keys.

## What it means

For members of the group Administrators, the sshd_config that Windows ships has a Match block that names one common file: `C:\ProgramData\ssh\administrators_authorized_keys`.

## Why sshd refuses

The account is an administrator, so its own `.ssh\authorized_keys` is not read. The common file counts only if SYSTEM and Administrators alone have rights on it.

## How to see it

- In `C:\ProgramData\ssh\sshd_config`, at the end: `Match Group administrators` and `AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys`
- sshd at DEBUG3, for wrong rights: `Bad permissions. Try removing permissions for user: SID on file …`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `icacls C:\ProgramData\ssh\administrators_authorized_keys`

## Mend

- Put the key, one line, into that file.
- `icacls.exe "C:\ProgramData\ssh\administrators_authorized_keys" /inheritance:r /grant "Administrators:F" /grant "SYSTEM:F"`

## Pitfalls

- The file lets its keys in as *every* administrator.
- On a Windows in another language the group has another name; use its SID: `*S-1-5-32-544`.
- Commenting out the Match block works as well, and moves the decision to each account's file.
- PowerShell's `>` writes UTF-16, which sshd cannot read.
"#,
};
