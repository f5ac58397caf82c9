//! SELinux labels: what is predicted, against Debian's policy and against recorded denials.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{XattrFlags, setxattr};
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_lab::policy::{POLICY, Policy};
use sshwhy_world::{Build, Fact, MacDenial, World};

const SELINUX: &str = include_str!("../../../vectors/mac/selinux-denials.txt");
const TABLE: &str = include_str!("../../collect/src/selinux_types.txt");

/// A type that sshd may use in a file and a directory.
const GOOD: &str = "var_lib_t";

/// Says that something is not tested. Where everything has to be, that is a failure.
fn skipped(what: &str) {
    // Written past the test harness, which would keep it to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
    assert!(std::env::var_os("CI").is_none(), "SKIPPED: {what}");
}

fn policy() -> Option<Policy> {
    let policy = Policy::cached();
    if policy.is_none() {
        skipped("SELinux labels: no policy in the cache (cargo xtask lab setup)");
    }
    policy
}

/// A mounted disk with SELinux enforcing.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None`, loudly: the file system takes no labels.
    fn new() -> Option<Disk> {
        let disk = Disk(tempfile::tempdir().unwrap());
        disk.file(
            "/etc/selinux/config",
            b"SELINUX=enforcing\nSELINUXTYPE=default\n",
        );
        let works = disk.label("/etc", GOOD);
        if let Err(e) = &works {
            skipped(&format!("SELinux labels: setxattr: {e}"));
        }
        works.is_ok().then_some(disk)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    fn file(&self, path: &str, content: &[u8]) {
        let at = self.at(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, content).unwrap();
    }

    fn label(&self, path: &str, of: &str) -> std::io::Result<()> {
        let label = format!("system_u:object_r:{of}:s0");
        let (name, flags) = (c"security.selinux", XattrFlags::empty());
        Ok(setxattr(self.at(path), name, label.as_bytes(), flags)?)
    }

    /// Makes a node, and labels it and the way to it.
    fn node(&self, path: &str, dir: bool, of: &str) {
        if dir {
            fs::create_dir_all(self.at(path)).unwrap();
        } else {
            self.file(path, b"");
        }
        for up in Path::new(path).ancestors().skip(1) {
            self.label(up.to_str().unwrap(), GOOD).unwrap();
        }
        self.label(path, of).unwrap();
    }

    fn denial(&self, path: &str) -> Fact<Option<MacDenial>> {
        let world = LiveWorld::new(Options {
            root: Some(self.0.path().to_path_buf()),
            build: Build::profile("debian-12"),
            ..Options::default()
        });
        world.unwrap().mac(path.as_bytes())
    }
}

fn type_in(label: &[u8]) -> String {
    let text = String::from_utf8_lossy(label);
    text.split(':').nth(2).unwrap_or_default().to_string()
}

#[test]
fn the_predicted_label_is_the_one_that_the_policy_has_for_the_path() {
    let (Some(policy), Some(disk)) = (policy(), Disk::new()) else {
        return;
    };
    let files = policy.file("contexts/files");
    for entry in fs::read_dir(&files).unwrap().flatten() {
        let name = entry.file_name();
        if !name.as_bytes().ends_with(b".bin") {
            let to = format!("/{POLICY}/contexts/files/{}", name.to_string_lossy());
            disk.file(&to, &fs::read(entry.path()).unwrap());
        }
    }
    const PATHS: [(&str, bool); 26] = [
        ("/home", true),
        ("/home/alice", true),
        ("/home/alice/.ssh", true),
        ("/home/alice/.ssh/authorized_keys", false),
        ("/home/alice/.ssh/authorized_keys2", false),
        ("/home/alice/.ssh/id_ed25519.pub", false),
        ("/home/alice/.shosts", false),
        ("/home/alice/keys", false),
        ("/home/alice/.config/systemd", true),
        ("/home/corp.example/bob", true),
        ("/root", true),
        ("/root/.ssh", true),
        ("/root/.ssh/authorized_keys", false),
        ("/srv/alice/.ssh", true),
        ("/srv/alice/.ssh/authorized_keys", false),
        ("/var/lib/gitolite3/.ssh/authorized_keys", false),
        ("/var/lib/alice/.ssh/authorized_keys", false),
        ("/var/www/html/.ssh/authorized_keys", false),
        ("/etc/ssh", true),
        ("/etc/ssh/authorized_keys/alice", false),
        ("/etc/ssh/ssh_host_ed25519_key", false),
        ("/etc/ssh/revoked_keys", false),
        ("/usr/local/bin/keys", false),
        ("/opt/keys/alice", false),
        ("/data/alice/.ssh/authorized_keys", false),
        ("/tmp/keys", false),
    ];
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (path, dir) in PATHS {
        let kind = if dir { "dir" } else { "file" };
        // `<<none>>`: the policy leaves the label of such a place to whoever made it.
        let real = policy.type_of(path, kind).ok();
        disk.node(path, dir, "unlabeled_t");
        let predicted = match disk.denial(path) {
            Fact::Known(Some(denial)) => denial.want.as_deref().map(type_in),
            other => panic!("{path} is not labelled, and sshd may use it? {other:?}"),
        };
        disk.label(path, GOOD).unwrap();
        if predicted != real {
            wrong.push(format!("{path}: {predicted:?}, the policy {real:?}"));
        }
        compared += usize::from(real.is_some());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 20, "only {compared} paths have a label");
}

#[test]
fn what_sshd_may_do_with_a_type_is_what_the_policy_says() {
    let Some(policy) = policy() else { return };
    let mut asked = Vec::new();
    let mut said = Vec::new();
    for row in TABLE.lines().filter(|l| !l.starts_with('#')) {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [of, file, dir] = words[..] else {
            panic!("{row}");
        };
        asked.extend([(of, "file", "read"), (of, "dir", "search")]);
        said.extend([file, dir]);
    }
    let mut wrong = Vec::new();
    let mut compared = 0;
    let real = policy.allowed(&asked).unwrap();
    for (((of, class, _), said), rules) in asked.iter().zip(said).zip(real) {
        // A type of Fedora's policy has no rules here.
        let Some(rules) = rules.filter(|_| said != "-") else {
            continue;
        };
        compared += 1;
        let always = rules.iter().any(|r| !r.contains("]:"));
        let fits = match said {
            "yes" => always,
            "no" => rules.is_empty(),
            // A policy without that boolean has no rule either.
            boolean => !always && rules.iter().all(|r| r.contains(boolean)),
        };
        if !fits {
            wrong.push(format!("{of} {class}: {said}, the policy {rules:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 25, "only {compared} answers of the policy");
}

/// Each case with the label that it is about and the path that has it; whether it logged in.
fn recorded() -> Vec<(&'static str, String, String, bool)> {
    let mut out = Vec::new();
    let mut labelled: Option<(String, String)> = None;
    for line in SELINUX.lines() {
        if let Some((label, path)) = line.trim().split_once(" /")
            && label.contains(":object_r:")
        {
            labelled = Some((type_in(label.as_bytes()), format!("/{path}")));
        } else if let Some(rest) = line.strip_prefix("--- case ") {
            let (name, code) = rest.split_once(": rc=").unwrap();
            let dir = ("default_t".to_string(), "/home/alice/.ssh".to_string());
            let (of, path) = match name {
                "dir-default_t" => dir,
                _ => labelled.clone().unwrap(),
            };
            out.push((name, of, path, code == "0"));
        }
    }
    out
}

#[test]
fn each_recorded_label_is_judged_as_the_kernel_did() {
    let cases = recorded();
    assert_eq!(cases.len(), 11);
    let mut wrong = Vec::new();
    for (name, of, path, accepted) in cases {
        let Some(disk) = Disk::new() else { return };
        let keys = match path.strip_suffix("/authorized_keys") {
            Some(_) => path.clone(),
            None => format!("{path}/authorized_keys"),
        };
        disk.node(&keys, false, "ssh_home_t");
        disk.label(&path, &of).unwrap();
        let denial = match disk.denial(&keys) {
            Fact::Known(denial) => denial,
            Fact::Unknown(gap) => panic!("{name}: {gap:?}"),
        };
        let have = denial.as_ref().map(|d| type_in(&d.have));
        let expected = (!accepted).then_some(of);
        if have != expected {
            wrong.push(format!("{name}: {have:?}, the kernel {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
