//! Differences that what-if names between two configurations, put to a real server: each login
//! ends as it was said to, before and after; and so do logins of which it says nothing.

#![cfg(target_os = "linux")]

use std::io::Write as _;

use sshwhy_lab::guarded::{Login, Pair, Ring, ask};
use sshwhy_lab::targets::Target;
use sshwhy_lab::{Lab, LabConfig};
use sshwhy_mend::logins::Difference;
use sshwhy_scenario::{AccountFields, Change, Content, Spec};
use sshwhy_world::Build;

/// How many differences are put to the server, and how many logins that do not differ.
const SAMPLE: usize = 200;
const ALIKE: usize = 24;

/// Says so past the test harness, which would keep it to itself. On CI nothing may be missing.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    assert!(std::env::var_os("CI").is_none(), "skipped on CI: {why}");
}

/// Accounts with their groups; alice, bob and devs are there.
const ACCOUNTS: [(&str, &str); 8] = [
    ("alice", "devs"),
    ("bob", "devs"),
    ("carol", "ops"),
    ("dave", "ops"),
    ("erin", "guests"),
    ("frank", "guests"),
    ("grace", "devs"),
    ("root", ""),
];

/// The keys of each account, by turns, and what stands before the third and fourth of them.
const KEYS: [&str; 6] = [
    "ed25519",
    "ed25519-b",
    "ed25519-bob",
    "ecdsa256",
    "ecdsa384",
    "rsa2048",
];
const OPTIONS: [&str; 4] = [
    "",
    "no-pty ",
    "from=\"10.0.0.0/8,!10.3.0.0/16\" ",
    "from=\"2001:db8:5::/48,172.16.0.0/12\" ",
];

fn keys_of(account: usize) -> [&'static str; 4] {
    [0, 1, 2, 3].map(|k| KEYS[(account + k) % KEYS.len()])
}

/// 60 lines, 12 of them Match lines; in the new one some blocks say otherwise.
fn config(new: bool) -> String {
    let pick = |old: &'static str, now: &'static str| if new { now } else { old };
    let mut lines: Vec<String> = [
        "# Logins of the computing centre.",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "MaxAuthTries 6",
        "X11Forwarding no",
        pick(
            "DenyUsers frank@192.168.0.0/16",
            "DenyUsers frank@10.5.0.0/16",
        ),
    ]
    .map(String::from)
    .to_vec();
    lines.extend((0..16).map(|i| format!("AcceptEnv SITE_{i}")));
    for (on, said, more) in [
        (
            "Address 10.1.0.0/16",
            pick("PubkeyAuthentication yes", "PubkeyAuthentication no"),
            "AllowTcpForwarding no",
        ),
        (
            "Group ops",
            pick(
                "AuthorizedKeysFile .ssh/authorized_keys",
                "AuthorizedKeysFile none",
            ),
            "PermitTTY yes",
        ),
        (
            "User erin Address 172.16.0.0/12",
            pick("PubkeyAuthentication no", "PubkeyAuthentication yes"),
            "X11Forwarding no",
        ),
        (
            "Group guests",
            pick(
                "AuthenticationMethods publickey,password",
                "AuthenticationMethods publickey",
            ),
            "ClientAliveInterval 60",
        ),
        (
            "Address 192.168.0.0/16,!192.168.7.0/24",
            pick(
                "PubkeyAcceptedAlgorithms ssh-ed25519",
                "PubkeyAcceptedAlgorithms ssh-ed25519,ecdsa-*",
            ),
            "MaxSessions 4",
        ),
        (
            "User alice,grace",
            pick(
                "AuthorizedKeysFile .ssh/authorized_keys",
                "AuthorizedKeysFile /etc/ssh/keys/%u",
            ),
            "PermitTTY yes",
        ),
        (
            "User root Address *,!10.0.0.0/8",
            pick("PermitRootLogin prohibit-password", "PermitRootLogin no"),
            "X11Forwarding no",
        ),
        (
            "Address 2001:db8::/32",
            pick("RevokedKeys none", "RevokedKeys /etc/ssh/revoked"),
            "MaxSessions 2",
        ),
        (
            "User bob Address 10.3.0.0/16",
            pick("PubkeyAuthentication no", "PubkeyAuthentication yes"),
            "AllowTcpForwarding no",
        ),
        (
            "LocalAddress 192.0.2.77",
            "AuthorizedKeysFile none",
            "X11Forwarding no",
        ),
        (
            "Group devs Address 203.0.113.0/24",
            pick(
                "PubkeyAcceptedAlgorithms +ssh-rsa",
                "PubkeyAcceptedAlgorithms -ssh-ed25519",
            ),
            "PermitTTY yes",
        ),
        (
            "All",
            pick("AllowGroups *", "AllowGroups devs ops guests root"),
            "ClientAliveCountMax 3",
        ),
    ] {
        lines.push(format!("Match {on}"));
        lines.push(format!("    {said}"));
        lines.push(format!("    {more}"));
    }
    lines.join("\n") + "\n"
}

fn state(build: &Build, new: bool) -> Spec {
    let mut spec = Spec::new("what-if");
    spec.build.clone_from(&build.name);
    let text = |text: String| Content::Text(text.into_bytes());
    let mut changes = vec![Change::ConfigIs(text(config(new)))];
    for (i, (user, _)) in ACCOUNTS.iter().enumerate() {
        let home = match *user {
            "root" => "/root".to_string(),
            _ => format!("/home/{user}"),
        };
        if !["alice", "bob", "root"].contains(user) {
            changes.push(Change::Account {
                name: (*user).into(),
                fields: AccountFields {
                    uid: u32::try_from(2000 + i).ok().map(|uid| uid + 10),
                    home: Some(home.clone().into()),
                    shell: Some(b"/bin/bash".to_vec()),
                    ..AccountFields::default()
                },
            });
        }
        let mut dir = |path: String, mode: u32| {
            changes.push(Change::Dir {
                path: path.into(),
                mode,
                owner: (*user).into(),
            });
        };
        if *user != "root" {
            dir(home.clone(), 0o755);
        }
        dir(format!("{home}/.ssh"), 0o700);
        let lines = keys_of(i).into_iter().zip(OPTIONS);
        let lines: String = lines
            .map(|(key, options)| format!("{options}{{key {key}}}\n"))
            .collect();
        changes.push(Change::File {
            path: format!("{home}/.ssh/authorized_keys").into(),
            mode: 0o600,
            owner: (*user).into(),
            content: text(lines),
        });
    }
    for group in ["devs", "ops", "guests"] {
        let members = ACCOUNTS.iter().filter(|(_, g)| *g == group);
        changes.push(Change::Group {
            name: group.into(),
            gid: match group {
                "ops" => Some(2101),
                "guests" => Some(2102),
                _ => None,
            },
            members: Some(members.map(|(user, _)| user.as_bytes().to_vec()).collect()),
        });
    }
    changes.push(Change::Dir {
        path: b"/etc/ssh/keys".to_vec(),
        mode: 0o755,
        owner: b"root".to_vec(),
    });
    for (path, line) in [
        ("/etc/ssh/keys/alice", "{key ed25519-b}\n{key ecdsa521}\n"),
        ("/etc/ssh/keys/grace", "{key ed25519}\n"),
        ("/etc/ssh/revoked", "{key ed25519-bob}\n{key ecdsa384}\n"),
    ] {
        changes.push(Change::File {
            path: path.into(),
            mode: 0o644,
            owner: b"root".to_vec(),
            content: text(line.into()),
        });
    }
    spec.changes = changes.into_iter().map(|c| (0, c)).collect();
    spec
}

/// So many of them, evenly.
fn sample<T: Clone>(all: &[T], count: usize) -> Vec<T> {
    let count = count.min(all.len());
    (0..count)
        .filter_map(|i| all.get(i * all.len() / count).cloned())
        .collect()
}

#[test]
fn what_differs_between_two_configurations_differs_on_the_server() {
    let target = match Target::host(&LabConfig::default()) {
        Ok(target) => target,
        Err(why) => return skipped(&why),
    };
    let lab = match Lab::new(target.config.clone()) {
        Ok(lab) => lab,
        Err(why) => return skipped(&why.to_string()),
    };
    let build = &target.build;
    for new in [false, true] {
        let text = config(new);
        assert_eq!(text.lines().count(), 60);
        assert_eq!(text.lines().filter(|l| l.starts_with("Match ")).count(), 12);
    }
    let pair = Pair {
        what: "a configuration of 60 lines".into(),
        before: state(build, false),
        after: state(build, true),
    };
    let changes = pair.changes(build).unwrap();
    let ring = Ring::default();
    let logins = |list: &[Difference]| -> Vec<Login> {
        let known = list.iter().filter_map(|d| ring.login(0, &pair.before, d));
        known.collect()
    };
    let (lost, gained) = (logins(&changes.lost), logins(&changes.gained));
    for d in changes.lost.iter().chain(&changes.gained) {
        assert!(d.decided_by().is_some(), "nothing decides: {d:?}");
    }
    // Both kinds by their share, and neither only here and there.
    let all = [lost.clone(), gained.clone()].concat();
    let asked = sample(&all, SAMPLE);
    let count = asked.len();
    let of_lost = asked.iter().filter(|l| l.before).count();
    // What is not named ends alike: the same accounts and addresses, any key.
    let mut alike: Vec<Login> = Vec::new();
    for login in &all {
        for key in KEYS {
            let mut other = login.clone();
            other.attempt.key = Some(key.into());
            if !all.iter().any(|l| l.attempt == other.attempt) {
                alike.push(other);
            }
        }
    }
    let alike = sample(&alike, ALIKE);
    let differing = ask(&lab, std::slice::from_ref(&pair), &asked);
    let same = unnamed(&lab, &pair, &alike);
    let _ = writeln!(
        std::io::stderr(),
        "{} logins of {} accounts, {} lost and {} gained; {count} of these ({of_lost} lost) and {} \
         of the others put to the server before and after, {} differing",
        changes.logins,
        changes.accounts,
        changes.lost.len(),
        changes.gained.len(),
        alike.len(),
        differing.len() + same.len(),
    );
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(same.is_empty(), "{}", same.join("\n"));
    assert!(count >= SAMPLE, "only {count} differences");
    assert!(of_lost >= 40 && count - of_lost >= 40, "{of_lost} lost");
}

/// Logins that end otherwise after than before, although nobody said so.
fn unnamed(lab: &Lab, pair: &Pair, logins: &[Login]) -> Vec<String> {
    let mut both = Vec::new();
    for login in logins {
        for spec in [&pair.before, &pair.after] {
            let mut spec = spec.clone();
            spec.attempt = login.attempt.clone();
            both.push(spec);
        }
    }
    let done = lab.run(both);
    let mut wrong = Vec::new();
    for (two, login) in done.chunks(2).zip(logins) {
        let accepted: Vec<_> = two
            .iter()
            .map(|j| {
                let truth = j.outcome.as_ref().map(|o| &o.truth);
                truth.map(|t| !matches!(t, sshwhy_lab::Truth::Refused(_)))
            })
            .collect();
        match accepted.as_slice() {
            [Ok(a), Ok(b)] if a == b => {}
            other => wrong.push(format!("{:?}: not named: {other:?}", login.attempt)),
        }
    }
    wrong
}
