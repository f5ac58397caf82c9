//! `keys-file-none`

use crate::prelude::*;

/// The cause `keys-file-none`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-none",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd reads no key file for {user}: AuthorizedKeysFile is none",
    rule: "{keyword} {value} ({origin})",
    note: "keys may come from AuthorizedKeysCommand or as certificates instead; this is somebody's decision",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator where keys are kept on this server (AuthorizedKeysCommand, a directory service, certificates), and put the key there",
            commands: &[
                "sshd -T -C user={user},host={from},addr={from} | grep -i -e authorizedkeys -e trustedusercakeys",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or, if the administrator agrees to keys in files, set AuthorizedKeysFile .ssh/authorized_keys at {origin}, then check and reload",
            commands: &["sshd -t && systemctl reload ssh"],
            safety: Safety::Weakens,
        },
    ],
    log: &[],
    page: "",
};
