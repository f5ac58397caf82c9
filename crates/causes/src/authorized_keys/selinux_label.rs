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
            text: "avc:  denied  {{ read }} for  pid={pid} comm=\"sshd\" name=\"authorized_keys\" {rest}",
        },
    ],
    page: "",
};
