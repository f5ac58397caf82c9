//! `client-wrong-user`

use crate::prelude::*;

/// The cause `client-wrong-user`.
pub static CAUSE: Cause = Cause {
    id: "client-wrong-user",
    stage: Stage::Offer,
    seen: Seen::QueryRefused,
    title: "{user} may not be the account that knows this key",
    rule: "sshd looks into the files of the account that the client names, and answers the same for one that is not there",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "ask for the account's name, and log in as that one: ssh NAME@{host}",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as {other_user}: the server would take this key for that name",
            commands: &["ssh {other_user}@{host}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The client names another user than the one whose authorized_keys holds the key: ec2-user, ubuntu, admin, git, root.

## What it means
Cloud images, forges and appliances have one account for keys. The client used the local user's
name, or one that a guide for another system names.

## Why sshd refuses
There is no such account, or its authorized_keys does not list this key. From outside both look as a
refused key.

## How to see it
`ssh -v` says `Authenticating to server:22 as 'alice'`; PuTTY says `Using username \"alice\".` On the server
the log says `Invalid user alice from 192.0.2.9 port 40000`.

## Mend
- Amazon Linux: ec2-user; Ubuntu: ubuntu; Debian: admin (or debian); CentOS: centos; Rocky: rocky;
  Fedora: fedora; Oracle: opc; Azure: azureuser; Raspberry Pi OS: the user named at its making.
- GitHub, GitLab, Bitbucket, Gitea, Azure DevOps: git.

## Pitfalls
- Names are case sensitive.
- `User` in ssh_config and PuTTY's Auto-login username go before what is typed elsewhere.
",
};
