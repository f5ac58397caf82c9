//! `root-cloud-image-banner`

use crate::prelude::*;

/// The cause `root-cloud-image-banner`.
pub static CAUSE: Cause = Cause {
    id: "root-cloud-image-banner",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "this image lets root's key print one sentence and exit: log in as {other_user}",
    rule: "line {line} of {file} has a command= that echoes and ends",
    note: "the key is accepted; cloud-init wrote the line on purpose",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as {other_user}, the account that the sentence names; the same key is listed there",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether root may log in itself; cloud-init then has disable_root: false",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[],
    page: r#"The cloud image answers root's login with "Please login as the user ..." and closes it.

## What it means
cloud-init put the key into root's authorized_keys with a forced command that prints this sentence
and exits. The same key is in place for the image's default user.

## Why sshd refuses
It does not: the key is accepted, and its one command is the sentence.

## How to see it
```
Please login as the user "ubuntu" rather than the user "root".
Connection to server closed.
```
PuTTY shows it for ten seconds and closes. The exit status is 142. On the server, root's line
begins:
```
no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo 'Please login as the user \"ubuntu\" rather than the user \"root\".';echo;sleep 10;exit 142" ssh-ed25519 AAAA...
```

## Mend
- Log in as the user that the sentence names: `ssh ubuntu@server`, then `sudo -i`.
- Ask the administrator before letting root in; cloud-init's setting is `disable_root: false`.

## Pitfalls
- sftp and scp as root fail with `Received message too long`: they read the sentence as data.
- Appending the plain key further down has no effect: the first accepted line wins.
- cloud-init may write the line again for a new instance.
"#,
};
