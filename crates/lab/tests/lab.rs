//! The lab itself: it tells acceptance from refusal, and leaves the host as it was.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sshwhy_lab::scenarios::{build_of, walk};
use sshwhy_lab::{Answer, Lab, LabConfig, Predictor, Step, Truth};
use sshwhy_scenario::{AclWord, Change, Content, Scene, Sign, Spec};
use sshwhy_world::Kind;

/// A lab, or a loud reason why there is none here.
fn lab() -> Option<Lab> {
    match Lab::new(LabConfig::default()) {
        Ok(lab) => Some(lab),
        Err(why) => {
            // Written past the test harness, which would keep it to itself.
            let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
            None
        }
    }
}

fn spec(change: Option<Change>) -> Spec {
    let mut spec = Spec::new("test");
    spec.changes.extend(change.map(|c| (0, c)));
    spec
}

#[test]
fn a_plain_world_is_accepted_and_a_writable_home_refused() {
    let Some(lab) = lab() else { return };
    let writable = Change::Mode {
        path: b"/home/alice".to_vec(),
        mode: 0o777,
    };
    let mut bad = spec(None);
    bad.attempt.sign = Sign::Bad;
    let closed = Change::Config(Content::Raw(b"Frobnicate yes\n".to_vec()));
    let mut done = lab.run([spec(None), spec(Some(writable)), bad, spec(Some(closed))]);
    let mut next = || done.remove(0).outcome.unwrap();
    let accepted = next();
    assert_eq!(accepted.truth, Truth::Accepted, "{:?}", accepted.log);
    assert_eq!(
        accepted.wire.query.first().map(|(_, a)| a.clone()),
        Some(Answer::PkOk)
    );
    assert_eq!(accepted.wire.exit, Some(0));
    let refused = next();
    assert_eq!(
        refused.truth,
        Truth::Refused(Step::Query),
        "{:?}",
        refused.log
    );
    let line = "Authentication refused: bad ownership or modes for directory {path}";
    assert!(refused.logged(line) && !accepted.logged(line));
    assert_eq!(next().truth, Truth::Refused(Step::Signature));
    let dead = next();
    assert_eq!(dead.truth, Truth::Refused(Step::Connect));
    assert!(
        dead.log.iter().any(|l| l.contains("Frobnicate")),
        "{:?}",
        dead.log
    );
}

/// Reads the world as any program would.
struct Reader;

impl Predictor for Reader {
    type Output = (Vec<u8>, bool, usize);
    fn predict(&self, _: &Spec, _: &Scene) -> Self::Output {
        let passwd = std::fs::read("/etc/passwd").unwrap_or_default();
        let home = Path::new("/home/alice/.ssh/authorized_keys").is_file();
        let thread = std::thread::spawn(|| {
            std::fs::read_dir("/home").map_or(0, |names| names.flatten().count())
        });
        (passwd, home, thread.join().unwrap_or(0))
    }
}

#[test]
fn a_predictor_sees_the_world_and_not_the_host() {
    let Some(lab) = lab() else { return };
    let gone = Change::Remove {
        path: b"/home/bob".to_vec(),
    };
    for judged in lab.run_with([spec(Some(gone))], &Reader) {
        assert_eq!(judged.outcome.unwrap().truth, Truth::Accepted);
        let (passwd, keys, homes) = judged.prediction.unwrap();
        let names: Vec<&[u8]> = passwd.split(|&b| b == b'\n').collect();
        assert_eq!(
            names.len(),
            7,
            "root, daemon, nobody, sshd, alice, bob, and the end"
        );
        assert!(keys);
        assert_eq!(homes, 1, "alice, and not bob");
    }
}

/// Whatever a run could have changed.
fn host() -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for path in [
        "/etc/passwd",
        "/etc/group",
        "/etc/shadow",
        "/etc/hosts",
        "/etc/ssh/sshd_config",
    ] {
        out.insert(path.to_string(), std::fs::read(path).unwrap_or_default());
    }
    // Without the mounts of others that come and go: only the places that the lab mounts on.
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let ours = |l: &&str| {
        l.split(' ').nth(4).is_some_and(|p| {
            ["/mnt", "/media", "/srv"]
                .iter()
                .any(|d| Path::new(p).starts_with(d))
        }) || l.contains(" overlay ")
    };
    out.insert(
        "mounts".into(),
        mounts
            .lines()
            .filter(ours)
            .collect::<Vec<_>>()
            .join("\n")
            .into(),
    );
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        // State 0A listens; port 22 is the one that the worlds use.
        let listening = text
            .lines()
            .filter(|l| l.contains(":0016 ") && l.contains(" 0A "));
        out.insert(table.into(), listening.count().to_string().into());
    }
    for dir in ["/home", "/mnt", "/media", "/srv", "/run/sshd", "/root/.ssh"] {
        let mut names: Vec<_> = std::fs::read_dir(dir)
            .map(|d| d.flatten().map(|e| e.file_name()).collect())
            .unwrap_or_default();
        names.sort();
        out.insert(dir.into(), format!("{names:?}").into());
    }
    out
}

#[test]
fn the_host_is_as_it_was() {
    let before = host();
    let Some(lab) = lab() else { return };
    let account = Change::NoAccount {
        name: b"bob".to_vec(),
    };
    let removed = Change::Remove {
        path: b"/usr/bin/false".to_vec(),
    };
    for judged in lab.run([spec(None), spec(Some(account)), spec(Some(removed))]) {
        judged.outcome.unwrap();
    }
    assert_eq!(host(), before);
    assert!(Path::new("/bin/false").exists());
}

/// pid and start time of every process below one.
fn descendants(of: u32) -> Vec<(u32, String)> {
    let mut parents = BTreeMap::new();
    for name in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = name
            .file_name()
            .to_str()
            .and_then(|n| n.parse::<u32>().ok())
        else {
            continue;
        };
        if let Some((parent, start)) = stat(pid) {
            parents.insert(pid, (parent, start));
        }
    }
    let below = |mut pid: u32| {
        while let Some((parent, _)) = parents.get(&pid) {
            if *parent == of {
                return true;
            }
            pid = *parent;
        }
        false
    };
    parents
        .iter()
        .filter(|(p, _)| below(**p))
        .map(|(p, (_, s))| (*p, s.clone()))
        .collect()
}

fn stat(pid: u32) -> Option<(u32, String)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some((fields.get(1)?.parse().ok()?, (*fields.get(19)?).to_string()))
}

#[test]
fn a_killed_run_leaves_nothing_behind() {
    if lab().is_none() {
        return;
    }
    let before = host();
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut child = Command::new(env!("CARGO_BIN_EXE_sshwhy-lab"))
        .arg("--scenarios")
        .arg(scenarios)
        .args(["--repeat", "1000"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // Until servers run: each has children of its own.
    let began = Instant::now();
    let mut seen = Vec::new();
    while began.elapsed() < Duration::from_secs(20) {
        seen = descendants(child.id());
        if began.elapsed() > Duration::from_secs(1) && seen.len() > 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(seen.len() > 2, "no server ran: {seen:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    let began = Instant::now();
    loop {
        let left: Vec<_> = seen
            .iter()
            .filter(|(p, start)| stat(*p).is_some_and(|(_, s)| s == *start))
            .collect();
        if left.is_empty() {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "still there: {left:?}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(host(), before);
}

#[test]
fn every_scenario_holds_on_the_installed_sshd() {
    let Some(lab) = lab() else { return };
    let sshd = std::env::var_os("SSHWHY_LAB_SSHD").unwrap_or("/usr/sbin/sshd".into());
    let Some(build) = build_of(Path::new(&sshd)) else {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: the sshd is of no build in builds/"
        );
        return;
    };
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut found = walk(&dir, None).unwrap();
    found.retain(|f| f.runs_on(&build).is_ok());
    let mut wrong = Vec::new();
    for (f, judged) in found
        .iter()
        .zip(lab.run(found.iter().map(|f| f.case.spec.clone())))
    {
        match judged.outcome {
            Err(e) => wrong.push(format!("{}: {e}", f.place())),
            Ok(outcome) => {
                let differs = f.differences(&outcome, &build);
                wrong.extend(differs.iter().map(|d| format!("{}: {d}", f.place())));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        found.len(),
        wrong.join("\n")
    );
}

/// Compares a scene with the tree around it; what differs.
struct Compare;

impl Predictor for Compare {
    type Output = Vec<String>;
    fn predict(&self, _: &Spec, scene: &Scene) -> Vec<String> {
        let name = |p: &[u8]| PathBuf::from(OsStr::from_bytes(p));
        let there = |p: &PathBuf| std::fs::symlink_metadata(p).ok();
        let mut out = Vec::new();
        // What was removed below a directory that is a link now may lie where that leads to.
        let by_link = |path: &PathBuf| path.ancestors().skip(1).any(|a| a.is_symlink());
        for path in scene.removed.iter().map(|p| name(p)) {
            if there(&path).is_some() && !by_link(&path) {
                out.push(format!("{} is still there", path.display()));
            }
        }
        for (path, entry) in &scene.tree {
            let path = name(path);
            let mut wrong = |what: String| out.push(format!("{}: {what}", path.display()));
            let Some(found) = there(&path) else {
                wrong("missing".into());
                continue;
            };
            let (kind, node) = (found.file_type(), &entry.node);
            let same = match &node.kind {
                Kind::File => kind.is_file(),
                Kind::Dir => kind.is_dir(),
                Kind::Link(target) => std::fs::read_link(&path).is_ok_and(|t| t == name(target)),
                Kind::Fifo => kind.is_fifo(),
                Kind::Socket => kind.is_socket(),
                Kind::CharDevice => kind.is_char_device(),
                Kind::BlockDevice => kind.is_block_device(),
            };
            if !same {
                wrong(format!("{kind:?}, not {:?}", node.kind));
            }
            let is = (found.mode() & 0o7777, found.uid(), found.gid());
            if is != (node.mode, node.uid, node.gid) {
                wrong(format!("{is:?}, not {:?}", (node.mode, node.uid, node.gid)));
            }
            let mut raw = [0u8; 4096];
            let acl = rustix::fs::lgetxattr(&path, c"system.posix_acl_access", &mut raw);
            let acl = acl
                .ok()
                .and_then(|n| sshwhy_world::Acl::from_xattr(&raw[..n]));
            if acl != node.acl {
                wrong(format!("{acl:?}, not {:?}", node.acl));
            }
            let own = kind.is_file() && !entry.given && node.size > 0;
            if own && std::fs::read(&path).ok().as_deref() != Some(&entry.content) {
                wrong("another content".into());
            }
        }
        out
    }
}

#[test]
fn the_tree_on_disk_is_the_one_in_memory() {
    let Some(lab) = lab() else { return };
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut specs: Vec<Spec> = walk(&dir, None)
        .unwrap()
        .into_iter()
        .map(|f| f.case.spec)
        .collect();
    specs.retain(|s| s.memory_only.is_none());
    let path = |p: &str| p.as_bytes().to_vec();
    let bob = AclWord {
        group: false,
        name: path("bob"),
        perm: 6,
    };
    let devs = AclWord {
        group: true,
        name: path("devs"),
        perm: 5,
    };
    let mut odd = spec(None);
    odd.changes.extend(
        [
            Change::Acl {
                path: path("/home/alice"),
                words: vec![bob, devs],
            },
            Change::Mode {
                path: path("/home/alice"),
                mode: 0o750,
            },
            Change::Fifo {
                path: path("/srv/a/b"),
                mode: 0o606,
                owner: path("alice:devs"),
            },
            Change::NullDevice {
                path: path("/home/alice/null"),
            },
            Change::Link {
                path: path("/home/alice/l"),
                target: path("../bob"),
            },
            Change::Mode {
                path: path("/usr/bin/bash"),
                mode: 0o4711,
            },
            Change::Mode {
                path: path("/"),
                mode: 0o775,
            },
            Change::Remove {
                path: path("/etc/shells"),
            },
            Change::Remove {
                path: path("/usr/bin/sh"),
            },
            Change::File {
                path: path("/bin/new"),
                mode: 0o600,
                owner: path("4000:5000"),
                content: Content::Raw(b"\0\r\n".to_vec()),
            },
        ]
        .map(|c| (0, c)),
    );
    specs.push(odd);
    for judged in lab.run_with(specs, &Compare) {
        let outcome = judged
            .outcome
            .unwrap_or_else(|e| panic!("{}: {e}", judged.spec.name));
        let wrong = judged.prediction.unwrap_or_default();
        assert!(
            wrong.is_empty(),
            "{} ({}): {wrong:#?}",
            judged.spec.name,
            outcome.truth
        );
    }
}
