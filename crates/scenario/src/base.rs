//! The world that every case starts from: a plain Debian 12 server with two users.
//!
//! root, daemon, sshd, nobody; alice (2001) and bob (2002), each with a private group; devs
//! (2100) with both. `/home/alice/.ssh/authorized_keys` holds alice's Ed25519 key. sshd_config
//! says `UsePAM no` and turns the other methods off. The clock stands at 2026-11-22.

use alloc::vec::Vec;
use sshwhy_world::account::{Account, Group, PasswordField};

/// The clock of a world in memory: 2026-11-22T00:00:00Z.
pub const NOW: i64 = 1_795_305_600;

/// When everything in a world in memory was last changed: the day before.
pub const CHANGED: i64 = NOW - 86_400;

/// `/etc/ssh/sshd_config`.
pub const SSHD_CONFIG: &[u8] =
    b"UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";

/// Where alice's keys lie.
pub const KEYS_FILE: &[u8] = b"/home/alice/.ssh/authorized_keys";

/// Where the configuration lies.
pub const CONFIG_FILE: &[u8] = b"/etc/ssh/sshd_config";

/// Directories: path, mode, owner, group. `true`: part of the system's own tree, which the lab
/// takes from the root file system.
pub(crate) const DIRS: &[(&str, u32, u32, u32, bool)] = &[
    ("/bin", 0, 0, 0, true),
    ("/dev", 0o755, 0, 0, true),
    ("/etc", 0o755, 0, 0, true),
    ("/etc/pam.d", 0o755, 0, 0, false),
    ("/etc/security", 0o755, 0, 0, true),
    ("/etc/ssh", 0o755, 0, 0, false),
    ("/home", 0o755, 0, 0, false),
    ("/home/alice", 0o755, 2001, 2001, false),
    ("/home/alice/.ssh", 0o700, 2001, 2001, false),
    ("/home/bob", 0o755, 2002, 2002, false),
    ("/mnt", 0o755, 0, 0, false),
    ("/opt", 0o755, 0, 0, false),
    ("/root", 0o700, 0, 0, false),
    ("/run", 0o755, 0, 0, false),
    ("/run/sshd", 0o755, 0, 0, false),
    ("/sbin", 0, 0, 0, true),
    ("/srv", 0o755, 0, 0, false),
    ("/tmp", 0o1777, 0, 0, false),
    ("/usr", 0o755, 0, 0, true),
    ("/usr/bin", 0o755, 0, 0, true),
    ("/usr/lib", 0o755, 0, 0, true),
    ("/usr/lib/openssh", 0o755, 0, 0, true),
    ("/usr/lib/x86_64-linux-gnu", 0o755, 0, 0, true),
    ("/usr/lib/x86_64-linux-gnu/security", 0o755, 0, 0, true),
    ("/usr/local", 0o755, 0, 0, true),
    ("/usr/local/bin", 0o755, 0, 0, false),
    ("/usr/local/sbin", 0o755, 0, 0, false),
    ("/usr/sbin", 0o755, 0, 0, true),
    ("/var", 0o755, 0, 0, true),
    ("/var/lib", 0o755, 0, 0, true),
    ("/var/log", 0o755, 0, 0, false),
    ("/var/run", 0, 0, 0, true),
    ("/var/tmp", 0o1777, 0, 0, false),
];

/// Links of a Debian system: path and target.
pub(crate) const LINKS: &[(&str, &str)] = &[
    ("/bin", "usr/bin"),
    ("/sbin", "usr/sbin"),
    ("/usr/bin/sh", "dash"),
    ("/var/run", "/run"),
];

/// Programs that the system has, mode 0755.
pub(crate) const PROGRAMS: &[&str] = &[
    "/usr/bin/bash",
    "/usr/bin/cat",
    "/usr/bin/dash",
    "/usr/bin/echo",
    "/usr/bin/env",
    "/usr/bin/false",
    "/usr/bin/id",
    "/usr/bin/sleep",
    "/usr/bin/true",
    "/usr/lib/openssh/sftp-server",
    "/usr/sbin/nologin",
    "/usr/sbin/sshd",
    "/usr/lib/x86_64-linux-gnu/security/pam_access.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_cap.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_debug.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_deny.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_echo.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_env.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_exec.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_faildelay.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_faillock.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_filter.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_ftp.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_group.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_issue.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_keyinit.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_lastlog.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_limits.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_listfile.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_localuser.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_loginuid.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_mail.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_mkhomedir.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_motd.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_namespace.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_nologin.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_permit.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_pwhistory.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_rhosts.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_rootok.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_securetty.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_selinux.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_sepermit.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_setquota.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_shells.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_stress.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_succeed_if.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_time.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_timestamp.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_tty_audit.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_umask.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_unix.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_userdb.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_usertype.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_warn.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_wheel.so",
    "/usr/lib/x86_64-linux-gnu/security/pam_xauth.so",
];

/// Files with text of their own: path, mode and content.
pub(crate) const FILES: &[(&str, u32, &str)] = &[
    (
        "/etc/nsswitch.conf",
        0o644,
        "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
    ),
    (
        "/etc/services",
        0o644,
        "ftp 21/tcp\nssh 22/tcp\ntelnet 23/tcp\nsmtp 25/tcp mail\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\nldap 389/tcp\nhttps 443/tcp\n",
    ),
    (
        "/etc/shells",
        0o644,
        "# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n/usr/bin/dash\n",
    ),
    (
        "/etc/pam.d/sshd",
        0o644,
        "@include common-auth\naccount    required     pam_nologin.so\n@include common-account\n\
         session    optional     pam_keyinit.so force revoke\n@include common-session\n\
         session    required     pam_limits.so\nsession    required     pam_env.so\n\
         @include common-password\n",
    ),
    (
        "/etc/pam.d/common-auth",
        0o644,
        "auth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\tpam_deny.so\n\
         auth\trequired\tpam_permit.so\n",
    ),
    (
        "/etc/pam.d/common-account",
        0o644,
        "account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so\n\
         account\trequisite\tpam_deny.so\naccount\trequired\tpam_permit.so\n",
    ),
    (
        "/etc/pam.d/common-session",
        0o644,
        "session\t[default=1]\tpam_permit.so\nsession\trequisite\tpam_deny.so\n\
         session\trequired\tpam_permit.so\nsession\trequired\tpam_unix.so\n",
    ),
    (
        "/etc/pam.d/common-password",
        0o644,
        "password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt\n\
         password\trequisite\tpam_deny.so\npassword\trequired\tpam_permit.so\n",
    ),
    (
        "/etc/pam.d/other",
        0o644,
        "@include common-auth\n@include common-account\n@include common-password\n@include common-session\n",
    ),
    ("/etc/environment", 0o644, ""),
];

/// Host keys: path, mode and file of the key material.
pub(crate) const HOST_KEYS: &[(&str, u32, &str)] = &[
    ("/etc/ssh/ssh_host_ecdsa_key", 0o600, "host-ecdsa"),
    ("/etc/ssh/ssh_host_ecdsa_key.pub", 0o644, "host-ecdsa.pub"),
    ("/etc/ssh/ssh_host_ed25519_key", 0o600, "host-ed25519"),
    (
        "/etc/ssh/ssh_host_ed25519_key.pub",
        0o644,
        "host-ed25519.pub",
    ),
    ("/etc/ssh/ssh_host_rsa_key", 0o600, "host-rsa"),
    ("/etc/ssh/ssh_host_rsa_key.pub", 0o644, "host-rsa.pub"),
];

/// passwd(5): name, uid, gid, home, shell.
const ACCOUNTS: &[(&str, u32, u32, &str, &str)] = &[
    ("root", 0, 0, "/root", "/bin/bash"),
    ("daemon", 1, 1, "/usr/sbin", "/usr/sbin/nologin"),
    ("nobody", 65534, 65534, "/nonexistent", "/usr/sbin/nologin"),
    ("sshd", 101, 65534, "/run/sshd", "/usr/sbin/nologin"),
    ("alice", 2001, 2001, "/home/alice", "/bin/bash"),
    ("bob", 2002, 2002, "/home/bob", "/bin/bash"),
];

/// group(5): name, gid, members.
const GROUPS: &[(&str, u32, &[&str])] = &[
    ("root", 0, &[]),
    ("daemon", 1, &[]),
    ("tty", 5, &[]),
    ("shadow", 42, &[]),
    ("staff", 50, &[]),
    ("nogroup", 65534, &[]),
    ("alice", 2001, &[]),
    ("bob", 2002, &[]),
    ("devs", 2100, &["alice", "bob"]),
];

/// The accounts of the base world.
#[must_use]
pub fn accounts() -> Vec<Account> {
    ACCOUNTS
        .iter()
        .map(|&(name, uid, gid, home, shell)| Account {
            name: name.into(),
            password: PasswordField::Shadowed,
            uid,
            gid,
            home: home.into(),
            shell: shell.into(),
        })
        .collect()
}

/// The groups of the base world.
#[must_use]
pub fn groups() -> Vec<Group> {
    GROUPS
        .iter()
        .map(|&(name, gid, members)| Group {
            name: name.into(),
            gid,
            members: members.iter().map(|m| m.as_bytes().to_vec()).collect(),
        })
        .collect()
}
