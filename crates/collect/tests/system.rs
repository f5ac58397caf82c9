//! SELinux and systemd of a mounted disk, and this machine itself.

mod common;

use common::{Disk, known, skipped};
use sshwhy_collect::logs::LogQuery;
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_world::{Build, CommandRequest, Fact, MacMode, World};

const CONTEXTS: &str = "/.* system_u:object_r:default_t:s0\n\
    / -d system_u:object_r:root_t:s0\n\
    /home -d system_u:object_r:home_root_t:s0\n\
    /home/[^/]+ -d u:object_r:user_home_dir_t:s0\n\
    /home/[^/]+/.+ u:object_r:user_home_t:s0\n\
    /home/[^/]+/\\.ssh(/.*)? u:object_r:ssh_home_t:s0\n";

fn labelled(config: &str) -> Option<Disk> {
    let disk = Disk::new();
    disk.file("etc/selinux/config", config);
    disk.file(
        "etc/selinux/targeted/contexts/files/file_contexts",
        CONTEXTS,
    );
    disk.file("home/alice/.ssh/authorized_keys", "ssh-ed25519 AAAA\n");
    let label = |path: &str, kind: &str| {
        let value = format!("system_u:object_r:{kind}:s0\0");
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(disk.path(path), "security.selinux", value.as_bytes(), flags).is_ok()
    };
    let done = label("", "root_t")
        && label("home", "home_root_t")
        && label("home/alice", "user_home_dir_t")
        && label("home/alice/.ssh", "ssh_home_t")
        && label("home/alice/.ssh/authorized_keys", "user_home_t");
    done.then_some(disk)
}

const KEYS: &[u8] = b"/home/alice/.ssh/authorized_keys";

#[test]
fn a_wrong_label_is_a_denial_and_the_policy_names_the_right_one() {
    let Some(disk) = labelled("SELINUX=enforcing\nSELINUXTYPE=targeted\n") else {
        return skipped("SELinux labels: they cannot be set here");
    };
    disk.file(
        "var/log/audit/audit.log",
        "type=AVC msg=audit(1.1:1): avc:  denied  { read } for  pid=2 comm=\"sshd\" \
         name=\"authorized_keys\" tclass=file\n",
    );
    let denial = known(disk.world().mac(KEYS)).unwrap();
    assert_eq!(denial.mode, MacMode::SeLinux);
    assert!(denial.enforcing && denial.log.is_some());
    assert_eq!(denial.have, b"system_u:object_r:user_home_t:s0");
    assert_eq!(denial.want.unwrap(), b"u:object_r:ssh_home_t:s0");
    assert_eq!(known(disk.world().mac(b"/home/alice/.ssh")), None);
    disk.file(".autorelabel", "");
    assert_eq!(
        known(disk.world().mac(KEYS)),
        None,
        "the next boot gives it the right label"
    );
}

#[test]
fn permissive_only_would_deny_and_disabled_says_nothing() {
    let Some(disk) = labelled("SELINUX=permissive\n") else {
        return skipped("SELinux labels: they cannot be set here");
    };
    assert!(!known(disk.world().mac(KEYS)).unwrap().enforcing);
    disk.file("etc/selinux/config", "SELINUX=disabled\n");
    assert_eq!(known(disk.world().mac(KEYS)), None);
}

#[test]
fn a_label_the_table_does_not_know_is_a_gap() {
    let Some(disk) = labelled("SELINUX=enforcing\n") else {
        return skipped("SELinux labels: they cannot be set here");
    };
    let value = b"u:object_r:homemade_t:s0";
    let flags = rustix::fs::XattrFlags::empty();
    let path = disk.path("home/alice/.ssh/authorized_keys");
    rustix::fs::setxattr(path, "security.selinux", value, flags).unwrap();
    let Fact::Unknown(gap) = disk.world().mac(KEYS) else {
        panic!("known")
    };
    assert!(gap.get.starts_with("sesearch") && gap.get.contains("homemade_t"));
}

#[test]
fn a_drop_in_of_the_unit_hides_homes() {
    let disk = Disk::new();
    disk.file(
        "usr/lib/systemd/system/ssh.service",
        "[Service]\nExecStart=/usr/sbin/sshd -D\n",
    );
    assert_eq!(known(disk.world().sandbox(KEYS)), None);
    disk.file(
        "etc/systemd/system/ssh.service.d/hard.conf",
        "[Service]\n\nProtectHome=yes\n",
    );
    let found = known(disk.world().sandbox(KEYS)).unwrap();
    assert_eq!(found.setting, b"ProtectHome=yes");
    assert_eq!(found.file, b"/etc/systemd/system/ssh.service.d/hard.conf");
    assert_eq!(found.line, 3);
    assert_eq!(known(disk.world().sandbox(b"/etc/ssh/keys")), None);
    disk.file(
        "etc/systemd/system/ssh.service.d/later.conf",
        "[Service]\nProtectHome=no\n",
    );
    assert_eq!(known(disk.world().sandbox(KEYS)), None);
}

#[test]
fn logs_of_a_disk_are_read_when_asked_for() {
    let disk = Disk::new();
    disk.file(
        "var/log/auth.log",
        "Nov 22 15:25:26 vm1 sshd[190]: Connection from 192.0.2.7 port 5 on 192.0.2.1 port 22\n\
         Nov 22 15:25:27 vm1 sshd[190]: Failed publickey for alice from 192.0.2.7 port 5 ssh2\n\
         Nov 22 15:25:28 vm1 sshd[191]: Failed publickey for bob from 192.0.2.8 port 5 ssh2\n\
         Nov 22 15:25:28 vm1 login[192]: sshd[190]: for alice\n",
    );
    let query = LogQuery {
        words: vec![b"alice".to_vec()],
        most: 10,
    };
    assert!(matches!(disk.world().recent_logs(&query), Fact::Unknown(gap) if !gap.tried));
    let world = LiveWorld::new(Options {
        logs: true,
        ..disk.options()
    })
    .unwrap();
    let lines = known(world.recent_logs(&query));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].time.is_some_and(|t| t <= world.now() + 86_400));
    assert_eq!(lines[0].pid, Some(190));
}

#[test]
fn nothing_of_a_disk_is_run() {
    let disk = Disk::new();
    disk.file("etc/passwd", "root:x:0:0::/:/bin/sh\n");
    let options = Options {
        run_commands: true,
        look_up_names: true,
        ..disk.options()
    };
    let world = LiveWorld::new(options).unwrap();
    let request = CommandRequest {
        user: b"root".to_vec(),
        argv: vec![b"/bin/true".to_vec()],
        keyword: "AuthorizedKeysCommand",
    };
    assert!(matches!(world.run(&request), Fact::Unknown(gap) if !gap.tried));
    assert!(matches!(
        world.reverse([127, 0, 0, 1].into()),
        Fact::Unknown(_)
    ));
}

#[test]
fn this_machine_answers() {
    let options = Options {
        build: Build::profile("debian-12"),
        ..Options::default()
    };
    let world = LiveWorld::new(options).unwrap();
    assert_eq!(known(world.account(b"root")).unwrap().uid, 0);
    assert_eq!(known(world.account(b"no-such-user-here")), None);
    assert!(known(world.accounts()).iter().any(|a| a.name == b"root"));
    assert!(known(world.lstat(b"/etc/passwd")).unwrap().is_file());
    assert!(
        known(world.list(b"/etc"))
            .unwrap()
            .contains(&b"passwd".to_vec())
    );
    assert!(matches!(
        world.daemon(),
        Fact::Known(Some(_)) | Fact::Unknown(_)
    ));
    let request = CommandRequest {
        user: b"root".to_vec(),
        argv: vec![b"/bin/true".to_vec()],
        keyword: "AuthorizedKeysCommand",
    };
    assert!(
        matches!(world.run(&request), Fact::Unknown(gap) if !gap.tried),
        "not asked for"
    );
}

#[test]
fn a_command_runs_when_asked_for() {
    if !rustix::process::geteuid().is_root() {
        return skipped("AuthorizedKeysCommand as another user: not root");
    }
    let build = Build::profile("debian-12");
    let world = LiveWorld::new(Options {
        build,
        run_commands: true,
        ..Options::default()
    })
    .unwrap();
    let run = |program: &str| {
        known(world.run(&CommandRequest {
            user: b"nobody".to_vec(),
            argv: vec![program.as_bytes().to_vec(), b"-un".to_vec()],
            keyword: "AuthorizedKeysCommand",
        }))
    };
    assert_eq!(run("/usr/bin/id").output, b"nobody\n");
    assert_eq!(run("/etc/passwd").status, Some(127), "not executable");
}
