//! `chroot-missing`

use crate::prelude::*;

/// The cause `chroot-missing`.
pub static CAUSE: Cause = Cause {
    id: "chroot-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the chroot directory {path} does not exist, or cannot be entered",
    rule: "ChrootDirectory {value} ({origin})",
    note: "the key is accepted and the connection then closed",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the directory, root's own",
            commands: &[
                "mkdir -p -- {path}",
                "chown root:root -- {path}",
                "chmod 755 -- {path}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or set ChrootDirectory right at {origin}, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: r#"stat("{path}"): {reason}"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"chroot path "{path}" is not a directory"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"chroot path component "{path}" is not a directory"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"Unable to chdir to chroot path "{path}": {reason}"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"chroot("{path}"): {reason}"#,
        },
    ],
    page: r#"The ChrootDirectory set for this user does not exist, so sshd ends the session after the login.

## What it means
The path of ChrootDirectory, with %h, %u and %U filled in, leads nowhere or to something that is
not a directory.

## Why sshd refuses
sshd does not start a session outside the chroot that the administrator asked for.

## How to see it
The key is accepted, then:
```
client_loop: send disconnect: Broken pipe
```
PuTTY: `Access granted`, then `Remote side unexpectedly closed network connection`. sshd logs:
```
stat("/srv/sftp/alice"): No such file or directory
chroot path "/srv/sftp/alice" is not a directory
```
The value in force:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i chrootdirectory
```

## Mend
- Make the directory: owner root, mode 0755, and a subdirectory for the user.
- Or set the path right and reload.

## Pitfalls
- A volume that is not mounted yet leaves an empty place or none.
- `%h` is the home of /etc/passwd; inside a chroot that is often a path such as `/upload`, which
  does not exist outside.
- `none` clears ChrootDirectory in a Match block.
- The quotation in the log shows the path after the tokens were filled in; compare it letter by
  letter.
"#,
};
