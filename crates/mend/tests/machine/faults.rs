//! The machine fails under our hands.

use crate::PLACE;
use crate::cases::{fresh, undone};
use crate::child::setting;
use crate::trace::{End, Fate, run};
use crate::tree::{
    Machine, NEW_CONFIG, NEW_KEYS, OLD_CONFIG, OLD_KEYS, assert_same, changes, machine, whole,
};
use rustix::io::Errno;
use sshwhy_mend::apply::apply;
use sshwhy_mend::safe_trouble::Why;
use std::fs;
use std::path::Path;

fn traced(m: &Machine, what: &str, fate: Fate) -> End {
    let (root, store) = (m.root.to_str().unwrap(), m.store.to_str().unwrap());
    run(&[what, root, store], fate)
}

/// The calls to try: all, where `SSHWHY_EVERY_CALL` is set; else those that change something, of
/// which each is a state of the disk, and one in `others` of the rest.
fn calls(end: &End, others: u64) -> Vec<u64> {
    let all = std::env::var_os("SSHWHY_EVERY_CALL").is_some();
    let chosen =
        |n: &u64| all || end.changing.contains(n) || others > 0 && n.is_multiple_of(others);
    (1..=end.calls).filter(chosen).collect()
}

/// Each file is one of two, and whole.
fn one_or_the_other(m: &Machine, n: u64) {
    for (path, old, new) in [
        ("home/alice/.ssh/authorized_keys", OLD_KEYS, NEW_KEYS),
        ("etc/ssh/sshd_config", OLD_CONFIG, NEW_CONFIG),
        ("etc/ssh/keys/alice", b"shared\n", b"alone\n"),
        (
            "home/alice/.ssh/authorized_keys2",
            b"foreign\n",
            b"foreign\n",
        ),
    ] {
        let now = fs::read(m.root.join(path)).unwrap_or_else(|e| panic!("call {n}: {path}: {e}"));
        assert!(
            now == old || now == new,
            "call {n}: {path}: {}",
            now.escape_ascii()
        );
    }
}

fn back(m: &Machine, n: u64) {
    match undone(m, None) {
        Ok(_) => {}
        Err(t) if matches!(t.why, Why::NoRun(_)) => {}
        Err(t) => panic!("call {n}: {t}"),
    }
}

pub(crate) fn killed_applying() {
    let m = fresh();
    let before = whole(&m.root, false);
    let spared = traced(&m, "apply", Fate::Spared);
    assert_eq!(spared.code, Some(0), "{}", spared.said);
    let after = whole(&m.root, false);
    let new_times = |tree: &std::collections::BTreeMap<Vec<u8>, String>| {
        let strip = |t: &String| {
            let (a, b) = t.split_once(" atime").unwrap();
            let rest: String = b.split(' ').skip(4).collect::<Vec<_>>().join(" ");
            format!("{a} {rest}")
        };
        tree.iter().map(|(p, t)| (p.clone(), strip(t))).collect()
    };
    let calls = calls(&spared, 0);
    for (i, &n) in calls.iter().enumerate() {
        let m = fresh();
        let end = traced(&m, "apply", Fate::Killed(n));
        one_or_the_other(&m, n);
        assert_eq!(end.code, None, "{}", end.said);
        if i % 2 == 0 {
            // A second run ends clean: it finds all as it was, or refuses and changes nothing.
            match apply(&changes(), &setting(&m)) {
                Ok(done) => {
                    assert_eq!(done.unwrap().rests, None);
                    assert_same(
                        &new_times(&after),
                        &new_times(&whole(&m.root, false)),
                        "again",
                    );
                }
                Err(t) => assert!(matches!(t.why, Why::Changed(_)), "call {n}: {t}"),
            }
            let names = whole(&m.root, false);
            let ours = |p: &&Vec<u8>| p.windows(8).any(|w| w == b".sshwhy-");
            assert_eq!(names.keys().find(ours), None, "call {n}");
        }
        back(&m, n);
        assert_same(
            &before,
            &whole(&m.root, false),
            &format!("killed at call {n}"),
        );
    }
    println!(
        "  killed at {} of {} system calls",
        calls.len(),
        spared.calls
    );
    assert!(calls.len() > 100);
}

pub(crate) fn killed_undoing() {
    let m = fresh();
    let before = whole(&m.root, false);
    apply(&changes(), &setting(&m)).unwrap().unwrap();
    let spared = traced(&m, "undo", Fate::Spared);
    assert_eq!(spared.code, Some(0), "{}", spared.said);
    let calls = calls(&spared, 0);
    for &n in &calls {
        let m = fresh();
        apply(&changes(), &setting(&m)).unwrap().unwrap();
        let end = traced(&m, "undo", Fate::Killed(n));
        one_or_the_other(&m, n);
        assert_eq!(end.code, None, "{}", end.said);
        back(&m, n);
        assert_same(
            &before,
            &whole(&m.root, false),
            &format!("killed at call {n}"),
        );
    }
    println!(
        "  killed at {} of {} system calls",
        calls.len(),
        spared.calls
    );
    assert!(calls.len() > 100);
}

pub(crate) fn errors() {
    let m = fresh();
    let spared = traced(&m, "apply", Fate::Spared);
    let (mut refused, mut harmless) = (0, 0);
    for (errno, others) in [(libc::EIO, 9), (libc::ENOSPC, 0), (libc::EPERM, 0)] {
        for n in calls(&spared, others) {
            let m = fresh();
            let before = whole(&m.root, false);
            let end = traced(&m, "apply", Fate::Refused(n, errno));
            let place = format!("call {n} ({:?}) answers {errno}: {}", end.call, end.said);
            match end.code {
                Some(0) => {
                    harmless += 1;
                    back(&m, n);
                }
                Some(3) => {
                    refused += 1;
                    let words: Vec<&str> = end.said.trim().split('|').collect();
                    assert_eq!(words.len(), 4, "{place}");
                    assert!(words[..3].iter().all(|w| !w.is_empty()), "{place}");
                    assert_eq!(words[3], "0", "{place}");
                }
                // The end of the process itself.
                _ => continue,
            }
            assert_same(&before, &whole(&m.root, false), &place);
        }
    }
    println!("  {refused} refused, {harmless} did not matter");
    assert!(refused > 100);
}

pub(crate) fn without_exchange() {
    let m = fresh();
    let before = whole(&m.root, false);
    let no = Fate::Without(libc::SYS_renameat2.cast_unsigned(), libc::EINVAL);
    let end = traced(&m, "apply", no);
    assert_eq!(
        (end.code, end.call.is_some()),
        (Some(0), true),
        "{}",
        end.said
    );
    assert_eq!(
        fs::read(m.root.join("etc/ssh/sshd_config")).unwrap(),
        NEW_CONFIG
    );
    let end = traced(&m, "undo", no);
    assert_eq!(end.code, Some(0), "{}", end.said);
    assert_same(&before, &whole(&m.root, false), "without exchange");
}

fn refused(m: &Machine, errno: Errno) {
    let before = whole(&m.root, true);
    let t = apply(&changes(), &setting(m)).unwrap_err();
    assert_eq!(t.why, Why::Os(errno), "{t}");
    assert!(t.left.is_empty() && !t.help().is_empty());
    assert_same(&before, &whole(&m.root, true), &t.to_string());
}

/// Takes all room but some pages.
fn fill(filler: &Path, left: usize) {
    let mut all = vec![0; 512 * 1024];
    while fs::write(filler, &all).is_err() {
        all.truncate(all.len() - 4096);
    }
    all.truncate(all.len().saturating_sub(left * 4096));
    fs::write(filler, &all).unwrap();
}

pub(crate) fn full() {
    let at = Path::new(PLACE).join("small");
    fs::create_dir_all(&at).unwrap();
    crate::tmpfs(&at, "size=256k").unwrap();
    for left in 0..12 {
        let mut m = machine(&at.join("m"));
        m.store = Path::new(PLACE).join("elsewhere");
        let filler = at.join("filler");
        fill(&filler, left);
        let before = whole(&m.root, false);
        match apply(&changes(), &setting(&m)) {
            Err(t) => {
                assert_eq!(t.why, Why::Os(Errno::NOSPC), "{t}");
                assert_same(&before, &whole(&m.root, false), "a full disk");
            }
            Ok(_) => {
                assert!(left > 3, "with {left} pages left there is room?");
                // Going back needs room as well.
                fs::remove_file(&filler).unwrap();
                undone(&m, None).unwrap();
                assert_same(&before, &whole(&m.root, false), "a nearly full disk");
            }
        }
        // A journal that has no room is no journal, and nothing is changed without one.
        let _ = fs::remove_file(&filler);
        let old = m.store;
        m = machine(&at.join("m"));
        let _ = fs::remove_dir_all(old);
        fill(&filler, 0);
        refused(&m, Errno::NOSPC);
        fs::remove_file(&filler).unwrap();
    }
}

pub(crate) fn read_only() {
    let at = Path::new(PLACE).join("ro");
    fs::create_dir_all(&at).unwrap();
    crate::tmpfs(&at, "size=1m").unwrap();
    let mut m = machine(&at.join("m"));
    m.store = Path::new(PLACE).join("elsewhere");
    use rustix::mount::{MountFlags, mount_remount};
    mount_remount(&at, MountFlags::RDONLY | MountFlags::NOATIME, "").unwrap();
    refused(&m, Errno::ROFS);
}

pub(crate) fn immutable() {
    let flag = |how: &str, path: &Path| {
        let done = std::process::Command::new("chattr")
            .arg(how)
            .arg(path)
            .output();
        done.is_ok_and(|o| o.status.success())
    };
    for path in [
        "etc/ssh/sshd_config",
        "home/alice",
        "home/alice/.ssh",
        "home/alice/.ssh/authorized_keys",
        "home/alice/.ssh/rc",
        "home/carol",
    ] {
        // Not every file system knows the flag.
        let places = [
            Path::new(PLACE).join("m"),
            std::env::temp_dir().join("sshwhy-immutable"),
        ];
        let found = places.iter().find_map(|at| {
            let m = machine(at);
            flag("+i", &m.root.join(path)).then_some(m)
        });
        let Some(m) = found else {
            return crate::skipped("immutable files: no chattr, or no file system that knows it");
        };
        let outcome = std::panic::catch_unwind(|| refused(&m, Errno::PERM));
        flag("-i", &m.root.join(path));
        let _ = fs::remove_dir_all(&places[1]);
        assert!(outcome.is_ok(), "{path}");
    }
}
