//! `acl-writable`

use crate::prelude::*;

/// The cause `acl-writable`.
pub static CAUSE: Cause = Cause {
    id: "acl-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {user}'s authorized_keys: an ACL lets {who} write to {path}",
    rule: "StrictModes {strictmodes} ({strictmodes_origin}); sshd does not read ACLs, but the ACL's mask stands in the group bits of the mode",
    note: "this stopped the search in {file} before any key was compared; the key may be fine",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "take write out of the ACL's mask; the entries stay and lose only that right",
            commands: &["chmod g-w -- {path}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or remove the ACL, and the group's write bit with it",
            commands: &["setfacl -b -- {path}", "chmod g-w -- {path}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "as root: {path} belongs to {foreign_owner}, so {user} cannot change its mode",
            commands: &["chmod g-w -- {path}"],
            safety: Safety::Tightens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Authentication refused: bad ownership or modes for {what} {path}",
        },
        LogLine {
            level: Level::Info,
            text: "{path} must be owned by user or root, and not writable by group or others",
        },
    ],
    page: r#""bad ownership or modes", though ls shows only the owner may write: an ACL sets the group bits.

## What it means

A POSIX ACL gives somebody write access. `ls -l` marks such a path with `+`, and the group bits it shows are the ACL's mask, not the rights of the owning group.

## Why sshd refuses

sshd does not read ACLs. It looks at the mode, and the mask in it says that the group may write. With `StrictModes yes` that is refused.

## How to see it

- sshd, at LogLevel INFO: `Authentication refused: bad ownership or modes for …`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `getfacl -p PATH`; look at the line `mask::` and at `user:` and `group:` entries with `w`.

## Mend

- `chmod g-w PATH` takes write out of the mask; the entries stay and lose only that right.
- Or `setfacl -b PATH` and `chmod g-w PATH` to be rid of the ACL.

## Pitfalls

- A default ACL on the parent directory gives new files the same entries again: `getfacl` shows them as `default:`.
- File managers, Samba and NAS systems (Synology) set such ACLs by themselves.
- `setfacl -m u:NAME:rw` raises the mask, and so brings the refusal back.
- On Debian and Ubuntu the group rule of private groups looks at the owning group, so a path with an ACL may pass there that others refuse.
"#,
};
