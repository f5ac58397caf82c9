//! `forced-command-surprise`

use crate::prelude::*;

/// The cause `forced-command-surprise`.
pub static CAUSE: Cause = Cause {
    id: "forced-command-surprise",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "a forced command runs instead of what {user} asks for",
    rule: "{origin}: {command}",
    note: "the key is accepted, and this is not a refusal: a forced command replaces the shell and each command of the client",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "use another key for a shell, and leave this one to its command",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask whoever set the command whether it is still meant; without it this key gets a full shell",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Verbose,
            text: "Starting session: forced-command (key-option) '{command}' for {user} from {from} port {port} id {found}",
        },
        LogLine {
            level: Level::Verbose,
            text: "Starting session: forced-command (key-option) '{command}' on {tty} for {user} from {from} port {port} id {found}",
        },
        LogLine {
            level: Level::Verbose,
            text: "Starting session: forced-command (config) '{command}' for {user} from {from} port {port} id {found}",
        },
        LogLine {
            level: Level::Verbose,
            text: "Starting session: forced-command (config) '{command}' on {tty} for {user} from {from} port {port} id {found}",
        },
        LogLine {
            level: Level::Info,
            text: "Command forced to '{command}'",
        },
    ],
    page: r#"The login works, but a forced command runs instead of the shell or command that was asked for.

## What it means
The key's line has `command="..."`, or sshd_config has ForceCommand. It is no refusal; people take
it for one.

## Why sshd refuses
It does not. It runs the fixed program for each shell, command and subsystem, and hands the
client's wish over in SSH_ORIGINAL_COMMAND.

## How to see it
The client sees the output of another program, and an early end:
```
Connection to server closed.
```
PuTTY: `Access granted`, then the window closes. sshd at VERBOSE:
```
Starting session: forced-command (key-option) '/usr/local/bin/backup' for alice from 198.51.100.7 port 40000 id 0
```
```
grep -n 'command=' ~alice/.ssh/authorized_keys
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i forcecommand
```

## Mend
- Use a key of its own for each purpose: one for the command, another for a shell.
- Ask whoever set the command whether it is still meant.

## Pitfalls
- The first accepted line of a key wins: a plain line of the same key further down is never
  reached.
- sftp, scp and rsync break on a forced command that does not expect them.
- Old forge or backup software leaves such lines behind.
- ForceCommand of sshd_config beats the one of the key.
"#,
};
