//! `internal-sftp-only`

use crate::prelude::*;

/// The cause `internal-sftp-only`.
pub static CAUSE: Cause = Cause {
    id: "internal-sftp-only",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "{user} may transfer files and nothing else: internal-sftp is forced",
    rule: "ForceCommand internal-sftp ({origin})",
    note: "the key is accepted; a shell, a command and the old scp protocol are turned away",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "use an SFTP client: sftp, or scp of OpenSSH 9.0 and later",
            commands: &["sftp -- {user}@{to}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may have a shell; if so, take ForceCommand internal-sftp away for that account at {origin}",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Connection from {from}: refusing non-sftp session",
        },
        LogLine {
            level: Level::Info,
            text: "Connection from {from} port {port}: refusing non-sftp session",
        },
    ],
    page: r#"This account may only transfer files ("This service allows sftp connections only.").

## What it means
ForceCommand internal-sftp is set for the user, most often with a chroot. Shells and commands are
turned away; sftp works.

## Why sshd refuses
internal-sftp speaks the sftp protocol and nothing else. For any other request sshd prints the
sentence and ends with status 1.

## How to see it
```
This service allows sftp connections only.
Connection to server closed.
```
PuTTY shows the sentence after `Access granted`. sshd logs:
```
Connection from 198.51.100.7: refusing non-sftp session
```
The setting:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -iE 'forcecommand|chroot'
```

## Mend
- Use `sftp alice@server`, WinSCP with the protocol SFTP, or psftp.
- scp of OpenSSH 9.0 and later speaks sftp by itself; older ones need `scp -s` or an update.

## Pitfalls
- rsync, git and `scp -O` need a command on the other side; they fail here.
- Port forwarding may still be allowed: `ssh -N`.
- Group membership often decides (`Match Group sftponly`): leave the group to get a shell back.
"#,
};
