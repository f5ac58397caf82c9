//! A user who swaps things while root works in her directory.

use crate::PLACE;
use crate::child::setting;
use crate::tree::{ALICE, assert_same, machine, whole};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use sshwhy_mend::apply::apply;
use sshwhy_mend::{Change, Made, What, undo};
use sshwhy_world::{Kind, Node};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const SWAPS: u64 = 10_000;

/// `.ssh` is now a directory of hers, now a link to one of root's, while it is mended.
pub(crate) fn swapped() {
    let m = machine(&Path::new(PLACE).join("race"));
    let home = m.root.join("home/alice");
    let (real, link) = (home.join(".ssh"), home.join("swap"));
    fs::remove_dir_all(&real).unwrap();
    fs::create_dir(&real).unwrap();
    fs::set_permissions(&home, PermissionsExt::from_mode(0o755)).unwrap();
    // The bait looks as what is mended does, so that only the way there tells them apart.
    let bait = m.root.join("etc/bait");
    fs::create_dir(&bait).unwrap();
    for dir in [&real, &bait] {
        fs::write(dir.join("authorized_keys"), b"old\n").unwrap();
        fs::write(dir.join("config"), b"c\n").unwrap();
        for file in ["authorized_keys", "config"] {
            fs::set_permissions(dir.join(file), PermissionsExt::from_mode(0o666)).unwrap();
        }
        fs::set_permissions(dir, PermissionsExt::from_mode(0o777)).unwrap();
    }
    symlink(&bait, &link).unwrap();
    lchown(&link, Some(ALICE), Some(ALICE)).unwrap();
    chown(&home, Some(ALICE), Some(ALICE)).unwrap();
    let outside = || {
        let mut tree = whole(&m.root, true);
        tree.retain(|p, _| !p.starts_with(b"home/alice"));
        tree
    };
    let before = outside();
    let (stop, swaps) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut applied, mut refused) = (0u64, 0u64);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, &real, CWD, &link, RenameFlags::EXCHANGE).unwrap();
                let n = swaps.fetch_add(1, Ordering::Relaxed) + 1;
                // Now and then it is the directory for long enough that a whole run succeeds.
                let pause = if n % 500 == 0 { 60_000 } else { 20 };
                std::thread::sleep(std::time::Duration::from_micros(pause));
            }
        });
        while swaps.load(Ordering::Relaxed) < SWAPS || applied < 5 {
            match apply(&plan(), &setting(&m)) {
                Ok(_) => {
                    applied += 1;
                    // Back, until that is not raced either.
                    for _ in 0..10_000 {
                        let done =
                            undo::look(&m.store, &m.root, None).and_then(|u| u.carry_out(false));
                        match done {
                            Ok(_) => break,
                            Err(t) if matches!(t.why, sshwhy_mend::safe_trouble::Why::NoRun(_)) => {
                                break;
                            }
                            Err(_) => {}
                        }
                    }
                }
                Err(t) => {
                    assert!(t.left.is_empty(), "{t}");
                    refused += 1;
                }
            }
            if applied + refused > 200_000 {
                break;
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let swaps = swaps.load(Ordering::Relaxed);
    println!("  {swaps} swaps, {applied} applied, {refused} refused");
    assert!(swaps >= SWAPS && applied > 0 && refused > 0);
    assert_same(&before, &outside(), "outside of the home");
}

fn plan() -> Vec<Change> {
    let dir = "/home/alice/.ssh";
    let change = |path: String, before, what| Change {
        path: path.into_bytes(),
        what,
        before,
        reasons: vec!["home-writable"],
        safety: sshwhy_causes::Safety::Neutral,
        touches: Vec::new(),
        by: None,
    };
    let node = |kind, mode| Some(Node::new(kind, mode, 0, 0));
    let made = Made {
        uid: ALICE,
        gid: ALICE,
        mode: 0o600,
    };
    vec![
        change(dir.into(), node(Kind::Dir, 0o777), What::Mode { to: 0o700 }),
        change(
            format!("{dir}/config"),
            node(Kind::File, 0o666),
            What::Mode { to: 0o600 },
        ),
        change(
            format!("{dir}/authorized_keys"),
            node(Kind::File, 0o666),
            What::Write {
                before: Some(b"old\n".to_vec()),
                after: b"new\n".to_vec(),
                made,
            },
        ),
        change(format!("{dir}/new"), None, What::MakeDir(made)),
        change(
            format!("{dir}/config"),
            node(Kind::File, 0o600),
            What::Owner {
                uid: ALICE,
                gid: Some(ALICE),
            },
        ),
    ]
}
