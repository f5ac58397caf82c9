//! A machine with 200 accounts, audited in one run.

use sshwhy_collect::{LiveWorld, Options};
use sshwhy_verdict::{Server, Verdict, judge, listed_keys};
use sshwhy_world::{Attempt, Build, Local, Peer};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

const ACCOUNTS: u32 = 200;

fn key(n: u32) -> String {
    let mut blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
    // A point of the curve is not asked for: sshd compares bytes.
    blob.extend((0..32u32).map(|i| (n.wrapping_mul(31) + i * 7) as u8));
    format!("ssh-ed25519 {} key-{n}", sshwhy_keys::base64::encode(&blob))
}

/// The disk. Each third account cannot log in: its .ssh is writable by everyone.
fn disk(root: &Path) {
    let mut passwd = String::from("root:x:0:0::/root:/bin/sh\n");
    let mut group = String::from("root:x:0:\n");
    let mut shadow = String::from("root:*:19000:0:99999:7:::\n");
    for dir in ["etc/ssh", "bin", "home", "root"] {
        fs::create_dir_all(root.join(dir)).unwrap();
    }
    for n in 0..ACCOUNTS {
        let (name, id) = (format!("user{n}"), 3000 + n);
        passwd += &format!("{name}:x:{id}:{id}::/home/{name}:/bin/sh\n");
        group += &format!("{name}:x:{id}:\n");
        shadow += &format!("{name}:*:19000:0:99999:7:::\n");
        let ssh = root.join(format!("home/{name}/.ssh"));
        fs::create_dir_all(&ssh).unwrap();
        let file = ssh.join("authorized_keys");
        fs::write(&file, key(n) + "\n").unwrap();
        fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        let mode = if n % 3 == 0 { 0o777 } else { 0o700 };
        fs::set_permissions(&ssh, PermissionsExt::from_mode(mode)).unwrap();
        for path in [root.join(format!("home/{name}")), ssh, file] {
            chown(path, Some(id), Some(id)).unwrap();
        }
    }
    fs::write(root.join("etc/passwd"), passwd).unwrap();
    fs::write(root.join("etc/group"), group).unwrap();
    fs::write(root.join("etc/shadow"), shadow).unwrap();
    fs::write(root.join("etc/ssh/sshd_config"), "UsePAM no\n").unwrap();
    fs::write(root.join("bin/sh"), "#!\n").unwrap();
    fs::set_permissions(root.join("bin/sh"), PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn two_hundred_accounts_are_audited_in_one_run_and_each_file_is_read_once() {
    if !is_root() {
        eprintln!("SKIPPED: 200 accounts: only root can give files away");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    disk(root);
    let out = Command::new(env!("CARGO_BIN_EXE_sshwhy"))
        .args([
            "audit",
            "--build",
            "debian-12",
            "--format",
            "json",
            "--root",
        ])
        .arg(root)
        .output()
        .unwrap();
    assert_eq!(
        out.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let document: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let results = document["results"].as_array().unwrap();
    let with = |user: &str| {
        results
            .iter()
            .filter(|r| r["subject"]["user"] == user)
            .collect::<Vec<_>>()
    };
    for n in 0..ACCOUNTS {
        let mine = with(&format!("user{n}"));
        assert_eq!(mine.len(), 1, "user{n}");
        let (verdict, cause) = (&mine[0]["verdict"], &mine[0]["causes"][0]["id"]);
        if n % 3 == 0 {
            assert_eq!(
                (verdict, cause),
                (&"refuse".into(), &"keys-dir-writable".into())
            );
        } else {
            assert_eq!(verdict, "accept", "user{n}: {}", mine[0]);
        }
    }

    let world = LiveWorld::new(Options {
        root: Some(root.to_path_buf()),
        build: Build::profile("debian-12"),
        ..Options::default()
    })
    .unwrap();
    let server = Server::read(&world, b"/etc/ssh/sshd_config");
    for n in 0..ACCOUNTS {
        let user = format!("user{n}").into_bytes();
        let listed = listed_keys(&server, &world, &user);
        assert_eq!(listed.len(), 1);
        let attempt = Attempt {
            user,
            key: Some(listed[0].key.clone()),
            from: Peer {
                addr: [203, 0, 113, 5].into(),
                host: None,
            },
            to: Local {
                addr: [192, 0, 2, 1].into(),
                port: 22,
            },
        };
        let refused = judge(&server, &world, &attempt).verdict == Verdict::Refuse;
        assert_eq!(refused, n % 3 == 0);
    }
    let fetched = world.fetched();
    assert!(fetched.len() > ACCOUNTS as usize);
    let twice: Vec<_> = fetched.iter().filter(|(_, n)| *n > 1).collect();
    assert!(twice.is_empty(), "read more than once: {twice:?}");
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|o| o.stdout.trim_ascii() == b"0")
}
