//! What ends the session of a key that was accepted.

use sshwhy_keys::base64;
use sshwhy_verdict::{Judgement, Server, Verdict, judge};
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Attempt, Build, Group, Local, MemWorld, OfferedKey, Peer};

const BLOB: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIIwktmbAzGqesdu9wr245CS6V8OHjEaacgCI9zo1Thfl";

fn world(config: &str, options: &str) -> MemWorld {
    let mut w = MemWorld::new(Build::profile("debian-12").unwrap());
    w.file("/etc/ssh/sshd_config", 0o644, 0, 0, config.as_bytes());
    for shell in ["/bin/sh", "/usr/sbin/nologin", "/bin/false"] {
        w.file(shell, 0o755, 0, 0, b"");
    }
    w.accounts = vec![Account {
        name: b"alice".to_vec(),
        password: PasswordField::Set,
        uid: 1000,
        gid: 1000,
        home: b"/home/alice".to_vec(),
        shell: b"/bin/sh".to_vec(),
    }];
    w.groups = vec![Group {
        name: b"alice".to_vec(),
        gid: 1000,
        members: vec![],
    }];
    w.dir("/home/alice", 0o755, 1000, 1000);
    w.dir("/home/alice/.ssh", 0o700, 1000, 1000);
    let line = format!("{options} ssh-ed25519 {BLOB}\n");
    w.file(
        "/home/alice/.ssh/authorized_keys",
        0o600,
        1000,
        1000,
        line.trim_start().as_bytes(),
    );
    w
}

fn login(w: &MemWorld) -> Judgement {
    let server = Server::read(w, b"/etc/ssh/sshd_config");
    let attempt = Attempt {
        user: b"alice".to_vec(),
        key: Some(OfferedKey::new(
            base64::decode(BLOB.as_bytes()).unwrap(),
            Vec::new(),
        )),
        from: Peer {
            addr: "192.0.2.1".parse().unwrap(),
            host: None,
        },
        to: Local {
            addr: "192.0.2.9".parse().unwrap(),
            port: 22,
        },
    };
    let j = judge(&server, w, &attempt);
    assert_eq!(j.verdict, Verdict::Accept, "{:?} {:?}", j.causes, j.gaps);
    j
}

fn after(w: &MemWorld) -> Vec<&'static str> {
    login(w).after_login.iter().map(|f| f.cause.id).collect()
}

fn notes(w: &MemWorld) -> Vec<&'static str> {
    login(w).notes.iter().map(|f| f.cause.id).collect()
}

fn arg(j: &Judgement, name: &str) -> String {
    let value = j.after_login[0].args.get(name).unwrap_or(b"(none)");
    String::from_utf8_lossy(value).into_owned()
}

#[test]
fn an_ordinary_session_has_nothing_to_say() {
    let w = world("", "");
    assert!(after(&w).is_empty());
    assert!(notes(&w).is_empty());
}

#[test]
fn shells_that_say_no_are_named_unless_sftp_is_forced() {
    for shell in ["/usr/sbin/nologin", "/bin/false"] {
        let mut w = world("", "");
        w.accounts[0].shell = shell.into();
        assert_eq!(after(&w), ["shell-nologin"]);
    }
    let mut w = world("ForceCommand internal-sftp -d /up\n", "");
    w.accounts[0].shell = b"/bin/false".to_vec();
    assert_eq!(after(&w), ["internal-sftp-only"]);
}

#[test]
fn nologin_ends_the_session_without_pam_and_never_roots() {
    let mut w = world("UsePAM no\nStrictModes no\n", "");
    w.file("/etc/nologin", 0o644, 0, 0, b"back at noon\n");
    let j = login(&w);
    assert_eq!(j.after_login[0].cause.id, "nologin-file");
    assert_eq!(
        j.after_login[0].evidence[0].detail.as_deref(),
        Some(&b"back at noon"[..])
    );
    w.accounts[0].uid = 0;
    assert!(after(&w).is_empty());
}

#[test]
fn every_directory_of_a_chroot_is_roots_alone() {
    let make = |w: &mut MemWorld| {
        w.dir("/srv/jail", 0o755, 0, 0);
        w.dir("/srv/jail/alice", 0o755, 0, 0);
    };
    let mut w = world(
        "ChrootDirectory /srv/jail/%u\nForceCommand internal-sftp\n",
        "",
    );
    assert_eq!(after(&w), ["chroot-missing"]);
    make(&mut w);
    assert_eq!(after(&w), ["internal-sftp-only"]);
    w.dir("/srv/jail", 0o775, 0, 0);
    let j = login(&w);
    assert_eq!(j.after_login[0].cause.id, "chroot-bad-ownership");
    assert_eq!(
        (arg(&j, "path"), arg(&j, "mode")),
        ("/srv/jail".into(), "0775".into())
    );
    w.dir("/srv/jail", 0o755, 0, 0);
    w.dir("/srv/jail/alice", 0o755, 1000, 1000);
    let j = login(&w);
    assert_eq!(
        (arg(&j, "path"), arg(&j, "owner")),
        ("/srv/jail/alice".into(), "alice".into())
    );
    let w = world("ChrootDirectory %u\n", "");
    assert_eq!(after(&w), ["chroot-not-absolute"]);
}

#[test]
fn the_shell_is_looked_for_inside_the_chroot() {
    let mut w = world("ChrootDirectory /srv\n", "");
    w.dir("/srv", 0o755, 0, 0);
    assert_eq!(after(&w), ["chroot-no-shell"]);
    w.link("/srv/bin", "/usr/bin");
    assert_eq!(after(&w), ["chroot-no-shell"]);
    w.file("/srv/usr/bin/sh", 0o755, 0, 0, b"");
    assert!(after(&w).is_empty());
}

#[test]
fn forced_commands_are_named_and_the_servers_goes_first() {
    let mut w = world("", "command=\"/opt/backup --now\"");
    w.file("/opt/backup", 0o755, 0, 0, b"");
    let j = login(&w);
    assert_eq!(j.after_login[0].cause.id, "forced-command-surprise");
    assert_eq!(arg(&j, "command"), "/opt/backup --now");
    assert_eq!(arg(&j, "origin"), "/home/alice/.ssh/authorized_keys:1");
    let mut w = world("ForceCommand internal-sftp\n", "command=\"/opt/backup\"");
    w.file("/opt/backup", 0o755, 0, 0, b"");
    let j = login(&w);
    assert_eq!(j.after_login[0].cause.id, "internal-sftp-only");
    assert_eq!(arg(&j, "origin"), "/etc/ssh/sshd_config:1");
}

#[test]
fn a_forced_program_that_cannot_be_run_fails() {
    let w = world("ForceCommand /opt/none\n", "");
    let j = login(&w);
    assert_eq!(j.after_login[0].cause.id, "force-command-fails");
    assert_eq!(arg(&j, "status"), "127");
    let mut w = world("ForceCommand /opt/script x\n", "");
    w.file("/opt/script", 0o644, 0, 0, b"#!/bin/sh\n");
    assert_eq!(arg(&login(&w), "status"), "126");
}

#[test]
fn cloud_images_name_the_account_to_use() {
    let options = "no-port-forwarding,command=\"echo 'Please login as the user \\\"debian\\\" \
rather than the user \\\"root\\\".';echo;sleep 10;exit 142\"";
    let j = login(&world("", options));
    assert_eq!(j.after_login[0].cause.id, "root-cloud-image-banner");
    assert_eq!(
        (arg(&j, "other_user"), arg(&j, "line")),
        ("debian".into(), "1".into())
    );
}

#[test]
fn a_shell_whose_starter_is_missing_cannot_be_run() {
    let mut w = world("", "");
    w.file("/bin/sh", 0o755, 0, 0, b"#!/opt/none -x\n");
    let j = login(&w);
    assert_eq!(j.after_login[0].cause.id, "shell-exec-fails");
    assert_eq!(arg(&j, "reason"), "No such file or directory");
    w.file("/bin/sh", 0o700, 0, 0, b"");
    assert_eq!(arg(&login(&w), "reason"), "Permission denied");
    // An ELF file of 32 bits with one program header: its loader.
    let mut elf = vec![0u8; 128];
    elf[..7].copy_from_slice(b"\x7fELF\x01\x01\x01");
    (elf[28], elf[42], elf[44]) = (52, 32, 1);
    (elf[52], elf[56], elf[68]) = (3, 84, 19);
    elf[84..103].copy_from_slice(b"/lib/ld-linux.so.2\0");
    w.file("/bin/sh", 0o755, 0, 0, &elf);
    let j = login(&w);
    assert_eq!(
        j.after_login[0].evidence[0].path.as_deref(),
        Some(&b"/lib/ld-linux.so.2"[..])
    );
    w.file("/lib/ld-linux.so.2", 0o755, 0, 0, b"");
    assert!(after(&w).is_empty());
    for cut in 0..elf.len() {
        w.file("/bin/sh", 0o755, 0, 0, &elf[..cut]);
        login(&w);
    }
}

#[test]
fn no_session_is_opened_where_their_number_is_zero() {
    assert_eq!(after(&world("MaxSessions 0\n", "")), ["max-sessions"]);
}

#[test]
fn what_does_not_end_the_session_is_a_note() {
    let mut w = world("Subsystem sftp /usr/lib/none\n", "");
    w.file("/home/alice/.ssh/rc", 0o600, 1000, 1000, b"echo hello\n");
    assert!(after(&w).is_empty());
    assert_eq!(notes(&w), ["rc-file-exit", "sftp-subsystem-missing"]);
    let mut w = world("AuthorizedKeysFile /etc/keys\n", "");
    w.file(
        "/etc/keys",
        0o644,
        0,
        0,
        format!("ssh-ed25519 {BLOB}\n").as_bytes(),
    );
    w.accounts[0].home = b"/home/none".to_vec();
    assert_eq!(notes(&w), ["home-missing"]);
}
