//! `keyword-shadowed`

use crate::prelude::*;

/// The cause `keyword-shadowed`.
pub static CAUSE: Cause = Cause {
    id: "keyword-shadowed",
    stage: Stage::Method,
    seen: Seen::Nothing,
    title: "{keyword} at {other_origin} has no effect: {origin} sets it first",
    rule: "the first value wins, in the order of the files with every Include in its place; a Match block beats both",
    note: "the value in force is {value}",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "edit {keyword} at {origin}, where it is in force, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see the value that is in force after each edit",
            commands: &["/usr/sbin/sshd -T"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "An edit of sshd_config has no effect because the same keyword is set earlier, often in sshd_config.d.

## What it means
The line that was edited is right, and another one is in force.

## Why sshd refuses
For most keywords the first value wins, in the order in which the text is read. Debian, Ubuntu and
RHEL include /etc/ssh/sshd_config.d/*.conf at the top, so files there beat the main file.
A Match block that fits beats the global value, wherever it stands.

## How to see it
The value in force, and every place that sets the keyword:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22
grep -rniE '^[[:space:]]*(passwordauthentication|pubkeyauthentication)' /etc/ssh/sshd_config /etc/ssh/sshd_config.d
```
sshd logs nothing. The client sees the old behaviour, such as `Permission denied (publickey)` or
PuTTY's `No supported authentication methods available`.

## Mend
- Edit the line that is in force, or put yours into a file that sorts before it (`00-local.conf`).
- Check with `/usr/sbin/sshd -T`, then reload.

## Pitfalls
- `50-cloud-init.conf` sets PasswordAuthentication on many images.
- Lines appended at the end of the file belong to the last Match block.
- Some keywords add up instead: Port, ListenAddress, HostKey, AcceptEnv, AllowUsers and its kin.
- `DSAAuthentication` is another name of PubkeyAuthentication: an old `no` there comes first.
- Options on the daemon's command line beat all files.
",
};
