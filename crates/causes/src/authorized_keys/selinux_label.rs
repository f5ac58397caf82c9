//! `selinux-label`

use crate::prelude::*;

/// The cause `selinux-label`.
pub static CAUSE: Cause = Cause {
    id: "selinux-label",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "SELinux keeps sshd from reading {path}: its label is {found}",
    rule: "sshd_t may read files of type ssh_home_t in a home",
    note: "the modes are right; the kernel refuses the open all the same",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give the file the label that the policy has for its path",
            commands: &["restorecon -RvF -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "where the home is not under /home, tell the policy so first (semanage fcontext -a -e /home NEWPLACE), then run restorecon on it",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "where homes are on NFS or Samba, ask the administrator whether sshd may read them",
            commands: &["setsebool -P use_nfs_home_dirs on"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Other,
            text: "avc:  denied  {{{denied}}} for  pid={pid} comm=\"sshd\" name=\"{name}\" dev={dev} ino={inode} scontext={scontext} tcontext={found} tclass={class} permissive={permissive}",
        },
        LogLine {
            level: Level::Other,
            text: "avc:  denied  {{{denied}}} for  pid={pid} comm=\"sshd-session\" name=\"{name}\" dev={dev} ino={inode} scontext={scontext} tcontext={found} tclass={class} permissive={permissive}",
        },
    ],
    page: r#""Permission denied" on authorized_keys though all modes are right: SELinux, wrong label.

## What it means

Each file has an SELinux label. sshd runs as `sshd_t` and may read keys of type `ssh_home_t`; this file has another type, such as `user_home_t`, `default_t` or `nfs_t`.

## Why sshd refuses

The kernel refuses the open, whatever the modes say. To sshd the file is unreadable.

## How to see it

- sshd 9.1 and later, LogLevel INFO: `Could not open user 'NAME' authorized keys '…': Permission denied`
- `ausearch -m avc -c sshd` shows `avc:  denied  { read } … comm="sshd" name="authorized_keys" … tcontext=…:user_home_t:s0`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ls -Z ~/.ssh` and `matchpathcon ~/.ssh/authorized_keys`; from OpenSSH 9.8 on the process is called `sshd-session`.

## Mend

- `restorecon -RvF ~NAME/.ssh`
- Homes that are not under /home: `semanage fcontext -a -e /home /NEWPLACE`, then `restorecon -RvF /NEWPLACE`.
- Homes on NFS: `setsebool -P use_nfs_home_dirs on`.

## Pitfalls

- `mv` takes the old label along, `cp` gives a new one: a file moved in from /tmp or a backup is hit.
- `setenforce 0` shows whether it is SELinux, and is no mending; switch it back.
- `chcon` lasts until the next relabelling; `restorecon` is the lasting way.
- A central directory such as /etc/ssh/keys works: `sshd_t` may read `etc_t`.
"#,
};
