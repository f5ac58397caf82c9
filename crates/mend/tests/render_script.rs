//! The printed shell script, run: the tree ends as the changes say, for homes and key paths of
//! arbitrary bytes, and nothing else runs. A line for a console does the same.
//!
//! Needs root, for owners; skipped loudly without.

use sshwhy_causes::Safety;
use sshwhy_mend::{Change, Made, Plan, What, rescue, script};
use sshwhy_world::{Kind, Node};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

const ALICE: u32 = 61_001;

/// A small generator of names: every byte but NUL and slash, and what a shell would act upon.
struct Names(u64);

impl Names {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        self.0 >> 33
    }

    fn name(&mut self) -> Vec<u8> {
        const TRAPS: [&[u8]; 12] = [
            b"$(touch RAN)",
            b"`touch RAN`",
            b"'; touch RAN; '",
            b"\"\n touch RAN\n",
            b"-rf",
            b"%s%n\\012",
            b"a\n",
            b"\n\n",
            b"\xff\xfe",
            b"*",
            b"~ ",
            b"\x1b[2J",
        ];
        let mut out = Vec::new();
        for _ in 0..1 + self.next() % 3 {
            if self.next().is_multiple_of(3) {
                for _ in 0..1 + self.next() % 12 {
                    let b = (self.next() % 255) as u8 + 1;
                    out.push(if b == b'/' { b'_' } else { b });
                }
            } else {
                let trap = TRAPS[self.next() as usize % TRAPS.len()];
                out.extend_from_slice(trap);
            }
        }
        out.truncate(120);
        out
    }
}

fn root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

fn scratch() -> PathBuf {
    let dir = std::env::temp_dir().join(format!("sshwhy-script-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn path(root: &Path, name: &[u8]) -> PathBuf {
    root.join(OsStr::from_bytes(name.strip_prefix(b"/").unwrap()))
}

fn node(kind: Kind, mode: u32, uid: u32) -> Node {
    Node::new(kind, mode, uid, uid)
}

/// A home with a damaged file, and the changes that mend it.
fn case(root: &Path, names: &mut Names) -> Plan {
    let _ = fs::remove_dir_all(root);
    fs::create_dir_all(root).unwrap();
    let home = [b"/", names.name().as_slice(), b"h"].concat();
    let file = [home.as_slice(), b"/", names.name().as_slice(), b"k"].concat();
    let other = [home.as_slice(), b"/", names.name().as_slice(), b"o"].concat();
    let dir = [home.as_slice(), b"/", names.name().as_slice(), b"d"].concat();
    let fresh = [dir.as_slice(), b"/", names.name().as_slice()].concat();
    let (before, after) = match names.next() % 3 {
        0 => (
            b"one\ntwo\nthree\n".to_vec(),
            b"one\n2$(touch RAN)'\nthree\n".to_vec(),
        ),
        1 => (
            b"\xff\x00\n%d\\".to_vec(),
            b"%s\\n`touch RAN`\x00\xff".to_vec(),
        ),
        _ => (b"end".to_vec(), b"end\nmore\n".to_vec()),
    };
    fs::create_dir(path(root, &home)).unwrap();
    fs::set_permissions(path(root, &home), fs::Permissions::from_mode(0o777)).unwrap();
    for (p, text) in [(&file, &before), (&other, &before)] {
        fs::write(path(root, p), text).unwrap();
        fs::set_permissions(path(root, p), fs::Permissions::from_mode(0o640)).unwrap();
    }
    chown(path(root, &home), Some(ALICE), Some(ALICE)).unwrap();
    chown(path(root, &file), Some(ALICE), Some(ALICE)).unwrap();
    chown(path(root, &other), Some(ALICE + 1), Some(ALICE)).unwrap();
    let made = |mode| Made {
        uid: ALICE,
        gid: ALICE,
        mode,
    };
    let change = |path: &[u8], what, before| Change {
        path: path.to_vec(),
        what,
        before,
        reasons: vec!["home-writable"],
        safety: Safety::Neutral,
        touches: Vec::new(),
        by: None,
    };
    let mut foreign = node(Kind::File, 0o640, ALICE + 1);
    foreign.gid = ALICE;
    Plan {
        changes: vec![
            change(
                &home,
                What::Mode { to: 0o755 },
                Some(node(Kind::Dir, 0o777, ALICE)),
            ),
            change(
                &file,
                What::Write {
                    before: Some(before.clone()),
                    after: after.clone(),
                    made: made(0o600),
                },
                Some(node(Kind::File, 0o640, ALICE)),
            ),
            change(
                &other,
                What::Replace {
                    before: Some(before),
                    after: after.clone(),
                    made: made(0o604),
                },
                Some(foreign),
            ),
            change(&dir, What::MakeDir(made(0o700)), None),
            change(
                &fresh,
                What::Write {
                    before: None,
                    after,
                    made: made(0o600),
                },
                None,
            ),
        ],
        accepts: true,
        ..Plan::default()
    }
}

/// Everything below a directory: path, mode, owner, bytes.
fn tree(dir: &Path) -> Vec<(PathBuf, u32, u32, u32, Vec<u8>)> {
    let mut out = Vec::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(at) = todo.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let p = entry.unwrap().path();
            let m = fs::symlink_metadata(&p).unwrap();
            let bytes = if m.is_file() {
                fs::read(&p).unwrap()
            } else {
                todo.push(p.clone());
                Vec::new()
            };
            out.push((p, m.mode() & 0o7777, m.uid(), m.gid(), bytes));
        }
    }
    out.sort();
    out
}

/// The tree as the changes say.
fn wanted(root: &Path, plan: &Plan) -> Vec<(PathBuf, u32, u32, u32, Vec<u8>)> {
    let mut out: Vec<_> = plan
        .changes
        .iter()
        .map(|c| {
            let p = path(root, &c.path);
            match &c.what {
                What::Mode { to } => (p, *to, ALICE, ALICE, Vec::new()),
                What::Write {
                    before: Some(_),
                    after,
                    ..
                } => (p, 0o640, ALICE, ALICE, after.clone()),
                What::Write { after, made, .. } | What::Replace { after, made, .. } => {
                    (p, made.mode, made.uid, made.gid, after.clone())
                }
                What::MakeDir(made) => (p, made.mode, made.uid, made.gid, Vec::new()),
                _ => panic!("not made here"),
            }
        })
        .collect();
    out.sort();
    out
}

fn shells() -> Vec<&'static str> {
    ["/bin/dash", "/bin/bash", "/bin/sh"]
        .into_iter()
        .filter(|s| Path::new(s).exists())
        .collect()
}

fn run(shell: &str, text: &[u8], inside: &Path) -> std::process::Output {
    let file = inside.join("text");
    fs::write(&file, text).unwrap();
    Command::new(shell)
        .arg(&file)
        .current_dir(inside)
        .output()
        .unwrap()
}

#[test]
fn the_script_and_the_line_do_what_the_plan_says_and_nothing_else() {
    if !root() {
        eprintln!("SKIPPED: only root gives files away; run this as root");
        return;
    }
    let dir = scratch();
    let mut names = Names(20_261_122);
    for i in 0..12 {
        // The root of the tree has odd bytes too: it stands for a mounted disk.
        let root = dir.join("tree").join(OsStr::from_bytes(b"a b'\n"));
        let work = dir.join("work");
        fs::create_dir_all(&work).unwrap();
        for shell in shells() {
            for one_line in [false, true] {
                let plan = case(&root, &mut names);
                let prefix = Some(root.as_os_str().as_bytes());
                let text = if one_line {
                    rescue(&plan, prefix).unwrap()
                } else {
                    script(&plan, prefix).unwrap()
                };
                let out = run(shell, &text, &work);
                let said = String::from_utf8_lossy(&out.stderr);
                assert!(out.status.success(), "{i} {shell}: {said}");
                assert_eq!(tree(&root), wanted(&root, &plan), "{i} {shell}");
                assert!(!work.join("RAN").exists(), "{i} {shell}: something ran");
                if !one_line {
                    let state = tree(&root);
                    let again = run(shell, &text, &work);
                    assert!(!again.status.success(), "{i} {shell}: it ran twice");
                    assert_eq!(tree(&root), state);
                }
            }
        }
    }
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn values_of_environment_are_in_no_form() {
    let line = b"environment=\"TOKEN=geheim\" ssh-rsa AAAA\n".to_vec();
    let change = Change {
        path: b"/home/a/.ssh/authorized_keys".to_vec(),
        what: What::Write {
            before: Some(b"x".to_vec()),
            after: line,
            made: Made {
                uid: 1,
                gid: 1,
                mode: 0o600,
            },
        },
        before: Some(node(Kind::File, 0o600, 1)),
        reasons: vec!["key-line-wrapped"],
        safety: Safety::Neutral,
        touches: Vec::new(),
        by: None,
    };
    let plan = Plan {
        changes: vec![change],
        ..Plan::default()
    };
    assert!(script(&plan, None).is_err());
    assert!(rescue(&plan, None).is_err());
    assert!(sshwhy_mend::ansible(&plan).is_err());
}
