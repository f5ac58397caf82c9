//! The printed shell script, run by /bin/sh in the lab's root for homes and key files whose names
//! are arbitrary bytes: the tree ends as `fix` itself leaves it, nothing else ran, and the real
//! server lets the client in.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::io::Write as _;

use sshwhy_lab::fixes::Fixer;
use sshwhy_lab::fixes_script::{Scripted, WORK};
use sshwhy_lab::targets::Target;
use sshwhy_lab::{Engine, Lab, LabConfig, Truth};
use sshwhy_scenario::{AccountFields, AclWord, Change, Content, Spec};

/// How many worlds.
const COUNT: u64 = 120;
const SEED: u64 = 20_261_122;

/// All that a script may run.
const ALLOWED: [&str; 14] = [
    "chmod",
    "chown",
    "cksum",
    "cp",
    "dd",
    "mkdir",
    "mktemp",
    "mv",
    "restorecon",
    "rm",
    "setfacl",
    "sshd",
    "stat",
    "tail",
];

/// Says so past the test harness, which would keep it to itself. On CI nothing may be missing.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    assert!(std::env::var_os("CI").is_none(), "skipped on CI: {why}");
}

/// Numbers of a seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn of<'a>(&mut self, all: &[&'a [u8]]) -> &'a [u8] {
        let i = usize::try_from(self.next(all.len() as u64)).unwrap_or(0);
        all.get(i).copied().unwrap_or_default()
    }

    /// A name: every byte but NUL and slash, and what a shell would act upon.
    fn name(&mut self) -> Vec<u8> {
        const TRAPS: [&[u8]; 14] = [
            b"$(touch RAN)",
            b"`touch RAN`",
            b"'; touch RAN; '",
            b"\"; touch RAN; \"",
            b"\n touch RAN\n",
            b"-rf",
            b"%s%n\\012",
            b"a\n",
            b"\n\n",
            b"\xff\xfe",
            b"*",
            b"~ ",
            b"$p ${t} $0",
            b"\x1b[2J",
        ];
        let mut out = Vec::new();
        for _ in 0..=self.next(3) {
            if self.next(3) == 0 {
                for _ in 0..=self.next(12) {
                    let b = u8::try_from(self.next(255)).unwrap_or(0) + 1;
                    out.push(if b == b'/' { b'_' } else { b });
                }
            } else {
                out.extend_from_slice(self.of(&TRAPS));
            }
        }
        out.truncate(100);
        if out == b"." || out == b".." {
            out.push(b'x');
        }
        out
    }
}

const KEYS: &[u8] = b"authorized_keys";

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn dir(path: &[u8], mode: u32, owner: &str) -> Change {
    Change::Dir {
        path: path.to_vec(),
        mode,
        owner: owner.into(),
    }
}

/// A home and a key file of odd names, both damaged.
fn world(number: u64, build: &str) -> Spec {
    let mut n = Numbers(SEED.wrapping_mul(number + 1));
    let mut spec = Spec::new(&format!("script {number}"));
    spec.build = build.into();
    let name = n.name();
    let home = joined(&[b"/home/", &name]);
    let ssh = joined(&[&home, b"/.ssh"]);
    let mut changes = vec![
        dir(WORK.as_bytes(), 0o755, "root"),
        Change::Remove {
            path: b"/home/alice".to_vec(),
        },
        dir(&home, 0o755, "alice"),
        dir(&ssh, 0o700, "alice"),
    ];
    // passwd(5) holds neither of these: a link leads there then.
    let by_link = name.iter().any(|b| b":\n".contains(b)) || n.next(4) == 0;
    if by_link {
        changes.push(Change::Link {
            path: b"/home/alice".to_vec(),
            target: name,
        });
    } else {
        changes.push(Change::Account {
            name: b"alice".to_vec(),
            fields: AccountFields {
                home: Some(home.clone()),
                ..AccountFields::default()
            },
        });
    }
    let file = if n.next(2) == 0 {
        let name = n.name();
        changes.push(Change::Link {
            path: joined(&[&ssh, b"/", KEYS]),
            target: name.clone(),
        });
        joined(&[&ssh, b"/", &name])
    } else {
        joined(&[&ssh, b"/", KEYS])
    };
    let text: &[u8] = match n.next(7) {
        0 => b"# mine\n{type ed25519} {blob ed25519 0..40}\n{blob ed25519 40..} alice\n",
        1 => b"{hex efbbbf}{key ed25519}\n",
        2 => b"{blob ed25519} alice\n# $(touch RAN)\n",
        3 => b"{key ed25519-b}\n",
        4 => b"",
        _ => b"# 100% 'mine' `touch RAN`\n{key ed25519}\n",
    };
    changes.push(Change::File {
        path: file.clone(),
        mode: 0o600,
        owner: b"alice".to_vec(),
        content: Content::Text(text.to_vec()),
    });
    for _ in 0..=n.next(2) {
        let (home, ssh, file) = (home.clone(), ssh.clone(), file.clone());
        let mode = |path, mode| Change::Mode { path, mode };
        let owner = |path, owner: &str| Change::Owner {
            path,
            owner: owner.into(),
        };
        let damage = match n.next(11) {
            0 => mode(home, 0o777),
            1 => mode(ssh, 0o2777),
            2 => mode(file, 0o666),
            3 => owner(file, "bob"),
            4 => owner(ssh, "bob"),
            5 => owner(home, "1017"),
            6 => Change::Remove { path: file },
            7 => Change::Remove { path: ssh },
            8 => mode(file, 0),
            9 => {
                // Debian lets a group of the account alone write.
                changes.push(owner(home.clone(), "alice:devs"));
                Change::Acl {
                    path: home,
                    words: vec![AclWord {
                        group: false,
                        name: b"bob".to_vec(),
                        perm: 7,
                    }],
                }
            }
            _ => Change::Config(Content::Raw(b"AuthorizedKeysFile .ssh/none\n".to_vec())),
        };
        changes.push(damage);
    }
    spec.changes = kept(changes);
    spec
}

/// What lies on a path that is gone is not changed any more.
fn kept(changes: Vec<Change>) -> Vec<(u32, Change)> {
    let mut gone: Vec<Vec<u8>> = Vec::new();
    let mut out = Vec::new();
    for change in changes {
        let below = |path: &Vec<u8>| {
            gone.iter()
                .any(|g| path == g || path.starts_with(&joined(&[g, b"/"])))
        };
        match &change {
            Change::Mode { path, .. } | Change::Owner { path, .. } if below(path) => continue,
            Change::Remove { path } if below(path) => continue,
            Change::Remove { path } if path != b"/home/alice" => gone.push(path.clone()),
            _ => {}
        }
        out.push((0, change));
    }
    out
}

#[test]
fn the_script_leaves_the_tree_as_fix_does_and_runs_nothing_else() {
    let target = match Target::host(&LabConfig::default()) {
        Ok(target) => target,
        Err(why) => return skipped(&why),
    };
    let lab = match Lab::new(target.config.clone()) {
        Ok(lab) => lab,
        Err(why) => return skipped(&why.to_string()),
    };
    let scripted = Scripted {
        fixer: Fixer {
            engine: Engine {
                build: target.build.clone(),
            },
            test: None,
        },
    };
    let worlds: Vec<Spec> = (0..COUNT).map(|i| world(i, &target.build.name)).collect();
    let (mut wrong, mut ran) = (Vec::new(), BTreeSet::new());
    let (mut mended, mut changes, mut watched) = (0, 0, 0);
    for judged in lab.run_with(worlds, &scripted) {
        let name = &judged.spec.name;
        let (outcome, printed) = match (judged.outcome, judged.prediction) {
            (Ok(outcome), Some(printed)) => (outcome, printed),
            (outcome, _) => {
                wrong.push(format!("{name}: not run: {:?}", outcome.err()));
                continue;
            }
        };
        for why in &printed.wrong {
            wrong.push(format!("{name}: {why}\n    {:?}", judged.spec.changes));
        }
        if printed.changes == 0 {
            continue;
        }
        mended += 1;
        changes += printed.changes;
        if let Some(names) = printed.ran {
            watched += 1;
            ran.extend(names);
        }
        if matches!(outcome.truth, Truth::Refused(_)) {
            wrong.push(format!(
                "{name}: the server says {}\n    {}",
                outcome.truth,
                outcome.log.join("\n    ")
            ));
        }
    }
    let _ = writeln!(
        std::io::stderr(),
        "{mended} of {COUNT} worlds mended by their script in {changes} changes, {watched} watched: \
         {}",
        ran.iter().cloned().collect::<Vec<_>>().join(" ")
    );
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let more: Vec<_> = ran
        .iter()
        .filter(|n| !ALLOWED.contains(&n.as_str()))
        .collect();
    assert!(more.is_empty(), "ran too: {more:?}");
    assert!(
        mended > 60 && watched > 25,
        "{mended} mended, {watched} watched"
    );
}
