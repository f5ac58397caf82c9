//! `chroot-bad-ownership`

use crate::prelude::*;

/// The cause `chroot-bad-ownership`.
pub static CAUSE: Cause = Cause {
    id: "chroot-bad-ownership",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "sshd does not use the chroot: {path} is not for root alone to write",
    rule: "{path} is {owner}'s with mode {mode}; each directory of ChrootDirectory {value} ({origin}) has to be root's and not writable by group or others",
    note: "the key is accepted and the connection then closed",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "make the directory root's own and take the write bit of group and others away; give {user} a directory below it to write in",
        commands: &["chown root -- {path}", "chmod go-w -- {path}"],
        safety: Safety::Tightens,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: r#"bad ownership or modes for chroot directory "{path}""#,
        },
        LogLine {
            level: Level::Info,
            text: r#"bad ownership or modes for chroot directory component "{path}""#,
        },
    ],
    page: r#"The chroot directory, or one above it, is not root's own or is writable by others, so sshd ends the session.

## What it means
ChrootDirectory locks the session into a directory. Each part of its path, from / down to the
directory itself, must be safe.

## Why sshd refuses
Who can write into a chroot can plant files that programs there trust as root. So sshd wants every
part owned by root and without write bits for group and others, and ends the connection otherwise.

## How to see it
The key is accepted, then:
```
client_loop: send disconnect: Broken pipe
Connection to server closed by remote host.
```
PuTTY: `Access granted`, then `Remote side unexpectedly closed network connection`. sshd logs:
```
bad ownership or modes for chroot directory "/srv/sftp/alice"
bad ownership or modes for chroot directory component "/srv/sftp/"
```
All parts at a glance: `namei -l /srv/sftp/alice`.

## Mend
```
chown root:root -- /srv/sftp/alice
chmod go-w -- /srv/sftp/alice
```
Then make a directory inside that belongs to the user, for uploads.

## Pitfalls
- Giving the user his chroot itself (`chown alice`) is what everyone tries, and it is what breaks
  it.
- `ChrootDirectory %h` with homes that belong to their users fails for all of them.
- The group's write bit counts even where the group is root or empty; Debian's leniency for
  private groups does not apply here.
- Only the first bad part is named; mend it, and the next may show up.
"#,
};
