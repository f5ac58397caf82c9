//! `user-unknown`

use crate::prelude::*;

/// The cause `user-unknown`.
pub static CAUSE: Cause = Cause {
    id: "user-unknown",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "there is no account {user} on this server",
    rule: "getpwnam({user}) found nothing",
    note: "sshd goes on as if there were one and refuses each key, so that nobody can guess names from outside",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in under the account's real name; it is case-sensitive (cloud images use ubuntu, ec2-user, admin, debian, rocky, core …)",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "the nearest account name here is {other_user}: try that one",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "if the account comes from LDAP or SSSD, see whether that service answers",
            commands: &["getent passwd -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Invalid user {user} from {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Connection closed by invalid user {user} {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Login attempt for nonexistent user from {from}",
        },
        LogLine {
            level: Level::Info,
            text: "Login attempt for nonexistent user",
        },
    ],
    page: "",
};
