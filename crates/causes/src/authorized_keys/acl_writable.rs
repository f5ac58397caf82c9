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
            text: "as root, where {owner} owns {path} and {user} cannot change its mode",
            commands: &["chmod g-w -- {path}"],
            safety: Safety::Tightens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Authentication refused: bad ownership or modes for {what} {path}",
    }],
    page: "",
};
