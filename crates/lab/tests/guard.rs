//! The guard and the real server agree: whom a change would lock out gets in before and not
//! after, and whom it would let in the other way round.

#![cfg(target_os = "linux")]

use std::io::Write as _;

use sshwhy_lab::guarded::{Login, Pair, Ring, ask};
use sshwhy_lab::targets::Target;
use sshwhy_lab::{Lab, LabConfig};
use sshwhy_mend::guard::{Asked, Runner, guard};
use sshwhy_mend::logins::Difference;

use sshwhy_scenario::{AccountFields, Change, Content, Embedded, ShadowFields, Spec};
use sshwhy_world::Build;

/// Says so past the test harness, which would keep it to itself. On CI nothing may be missing.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    assert!(std::env::var_os("CI").is_none(), "skipped on CI: {why}");
}

const PLAIN: &str = "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";

/// Those that are not asked for: name, home, key.
const OTHERS: [(&str, &str, &str); 3] = [
    ("root", "/root", "ecdsa521"),
    ("bob", "/home/bob", "rsa3072"),
    ("carol", "/home/carol", "ecdsa256"),
];

fn text(text: impl Into<String>) -> Content {
    Content::Text(text.into().into_bytes())
}

fn file(path: &str, mode: u32, owner: &str, content: impl Into<String>) -> Change {
    Change::File {
        path: path.into(),
        mode,
        owner: owner.into(),
        content: text(content),
    }
}

fn dir(path: &str, mode: u32, owner: &str) -> Change {
    Change::Dir {
        path: path.into(),
        mode,
        owner: owner.into(),
    }
}

fn config(more: &str) -> Change {
    Change::ConfigIs(text(format!("{PLAIN}{more}\n")))
}

fn mode(path: &str, mode: u32) -> Change {
    let path = path.into();
    Change::Mode { path, mode }
}

fn owner(path: &str, owner: &str) -> Change {
    let (path, owner) = (path.into(), owner.into());
    Change::Owner { path, owner }
}

fn members(group: &str, names: &[&str]) -> Change {
    Change::Group {
        name: group.into(),
        gid: None,
        members: Some(names.iter().map(|n| n.as_bytes().to_vec()).collect()),
    }
}

fn shadow(user: &str, fields: ShadowFields) -> Change {
    let name = user.into();
    Change::Shadow { name, fields }
}

/// alice, bob, carol (group devs) and root, each with a key of their own; and what is changed.
fn state(build: &Build, more: &[Change]) -> Spec {
    let mut spec = Spec::new("guard");
    spec.build.clone_from(&build.name);
    let carol = AccountFields {
        uid: Some(2003),
        home: Some(b"/home/carol".to_vec()),
        shell: Some(b"/bin/bash".to_vec()),
        ..AccountFields::default()
    };
    let mut changes = vec![
        Change::ConfigIs(text(PLAIN)),
        Change::Account {
            name: b"carol".to_vec(),
            fields: carol,
        },
        members("devs", &["carol", "alice"]),
        dir("/home/carol", 0o755, "carol"),
    ];
    for (user, home, key) in OTHERS {
        changes.push(dir(&format!("{home}/.ssh"), 0o700, user));
        let keys = format!("{home}/.ssh/authorized_keys");
        changes.push(file(&keys, 0o600, user, format!("{{key {key}}}\n")));
    }
    changes.extend_from_slice(more);
    spec.changes = changes.into_iter().map(|c| (0, c)).collect();
    spec
}

/// A change with the account that it bears on.
type Named = (&'static str, Pair);

struct Made<'a> {
    build: &'a Build,
    user: &'static str,
    out: Vec<Named>,
}

impl Made<'_> {
    fn add(&mut self, what: &str, before: &[Change], after: &[Change]) {
        let pair = Pair {
            what: format!("{}: {what}", self.user),
            before: state(self.build, before),
            after: state(self.build, after),
        };
        self.out.push((self.user, pair));
    }
}

fn locking(build: &Build) -> Vec<Named> {
    let mut out = Vec::new();
    for (user, home, key) in OTHERS {
        let mut m = Made {
            build,
            user,
            out: Vec::new(),
        };
        let first = &user[..3];
        for more in [
            format!("DenyUsers {user}"),
            format!("DenyUsers {first}*"),
            format!("DenyUsers {user}@10.0.0.0/8"),
            "AllowUsers alice".into(),
            format!("AllowUsers alice {user}@10.1.0.0/16"),
            format!("DenyGroups {user}"),
            "AllowGroups alice".into(),
            "PubkeyAuthentication no".into(),
            format!("Match User {user}\n PubkeyAuthentication no"),
            "Match Address 10.2.0.0/16\n PubkeyAuthentication no".into(),
            format!("Match Group {user}\n PubkeyAuthentication no"),
            "AuthorizedKeysFile /etc/ssh/keys/%u".into(),
            format!("Match User {user}\n AuthorizedKeysFile none"),
            format!("Match User {user}\n AuthenticationMethods password"),
            "PubkeyAcceptedAlgorithms ssh-ed25519".into(),
            "RevokedKeys /etc/ssh/no".into(),
            "AllowUser root".into(),
            "Match\n X11Forwarding no".into(),
        ] {
            m.add(&more, &[], &[config(&more)]);
        }
        let both = config(&format!("AllowUsers alice {user}"));
        m.add("AllowUsers cut", &[both], &[config("AllowUsers alice")]);
        let keys = format!("{home}/.ssh/authorized_keys");
        let ssh = format!("{home}/.ssh");
        let line = |options: &str| file(&keys, 0o600, user, format!("{options}{{key {key}}}\n"));
        let gone = Change::Remove {
            path: keys.clone().into(),
        };
        for (what, change) in [
            ("the home is everyone's", mode(home, 0o777)),
            ("the home is alice's", owner(home, "alice")),
            ("the directory is alice's", owner(&ssh, "alice")),
            ("the file is alice's", owner(&keys, "alice")),
            ("the file is gone", gone),
            ("the file is empty", file(&keys, 0o600, user, "")),
            ("bound to a network", line("from=\"10.3.0.0/16\" ")),
            ("out of date", line("expiry-time=\"20200101\" ")),
            ("an unknown option", line("no-such-thing ")),
            ("cut", file(&keys, 0o600, user, format!("{{blob {key}}}\n"))),
        ] {
            m.add(what, &[], &[change]);
        }
        let shared = owner(&ssh, &format!("{user}:devs"));
        m.add("a group may write", &[], &[shared, mode(&ssh, 0o770)]);
        out.extend(m.out);
    }
    out
}

fn opening(build: &Build) -> Vec<Named> {
    let mut out = Vec::new();
    for (user, home, key) in OTHERS {
        let mut m = Made {
            build,
            user,
            out: Vec::new(),
        };
        for (from, to) in [
            (format!("DenyUsers {user}"), String::new()),
            (format!("DenyUsers {user}@10.0.0.0/8"), String::new()),
            ("AllowUsers alice".into(), "AllowUsers *".into()),
            (
                "AllowUsers alice".into(),
                format!("AllowUsers alice {user}"),
            ),
            (
                format!("AllowUsers alice {user}@10.1.0.0/16"),
                format!("AllowUsers alice {user}@10.0.0.0/8"),
            ),
            (
                "AllowGroups alice".into(),
                format!("AllowGroups alice {user}"),
            ),
            (format!("DenyGroups {user}"), "DenyGroups nobodys".into()),
            (
                format!("Match User {user}\n PubkeyAuthentication no"),
                String::new(),
            ),
            (
                "Match Address 10.2.0.0/16\n PubkeyAuthentication no".into(),
                "Match Address 10.2.7.0/24\n PubkeyAuthentication no".into(),
            ),
            (
                format!("Match User {user}\n AuthenticationMethods publickey,password"),
                String::new(),
            ),
            (
                "PubkeyAcceptedAlgorithms ssh-ed25519".into(),
                "PubkeyAcceptedAlgorithms +ssh-rsa".into(),
            ),
            ("AuthorizedKeysFile none".into(), String::new()),
        ] {
            let what = format!("`{from}` is now `{to}`");
            m.add(&what, &[config(&from)], &[config(&to)]);
        }
        let keys = format!("{home}/.ssh/authorized_keys");
        let ssh = format!("{home}/.ssh");
        let line = |options: &str| file(&keys, 0o600, user, format!("{options}{{key {key}}}\n"));
        let lines = |more: &str| file(&keys, 0o600, user, format!("{{key {key}}}\n{more}\n"));
        let empty = file(&keys, 0o600, user, "");
        let cut = file(&keys, 0o600, user, format!("{{blob {key}}}\n"));
        m.add("alice's key too", &[], &[lines("{key ed25519}")]);
        m.add("one more key", &[], &[lines("{key ed25519-b}")]);
        m.add("a key", &[empty], &[line("")]);
        m.add("repaired", &[cut], &[line("")]);
        for (what, before, after) in [
            ("from= goes", "from=\"10.3.0.0/16\" ", ""),
            (
                "from= wider",
                "from=\"10.3.0.0/16\" ",
                "from=\"10.0.0.0/8\" ",
            ),
            ("expiry-time= goes", "expiry-time=\"20200101\" ", ""),
            (
                "expiry-time= later",
                "expiry-time=\"20200101\" ",
                "expiry-time=\"20990101\" ",
            ),
        ] {
            m.add(what, &[line(before)], &[line(after)]);
        }
        m.add("the home is mended", &[mode(home, 0o777)], &[]);
        m.add("the directory is given back", &[owner(&ssh, "alice")], &[]);
        m.add("the file is given back", &[owner(&keys, "alice")], &[]);
        m.add(
            "StrictModes no",
            &[mode(home, 0o777)],
            &[mode(home, 0o777), config("StrictModes no")],
        );
        let shared = file("/etc/ssh/keys", 0o644, "root", "{key ed25519}\n");
        let files = config("AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys");
        m.add(
            "a file for all",
            std::slice::from_ref(&shared),
            &[shared.clone(), files.clone()],
        );
        let nothing = file("/etc/ssh/keys", 0o644, "root", "");
        m.add(
            "a key in the file of all",
            &[files.clone(), nothing],
            &[files, shared],
        );
        let revoked = |more: &str| file("/etc/ssh/revoked", 0o644, "root", more);
        let list = config("RevokedKeys /etc/ssh/revoked");
        m.add(
            "no longer revoked",
            &[list.clone(), revoked(&format!("{{key {key}}}\n"))],
            &[list, revoked("")],
        );
        let groups = config("AllowGroups devs alice");
        let (few, more) = (members("devs", &["alice"]), members("devs", &[user]));
        m.add("in a group", &[groups.clone(), few], &[groups, more]);
        let locked = ShadowFields {
            password: Some(b"!".to_vec()),
            ..ShadowFields::default()
        };
        m.add("unlocked", &[shadow(user, locked)], &[]);
        let expired = ShadowFields {
            expire: Some(1),
            ..ShadowFields::default()
        };
        m.add("expired no more", &[shadow(user, expired)], &[]);
        // There is no certificate with carol's name.
        if user != "carol" {
            m.add("a CA", &[], &[lines("cert-authority {key ca-ed25519}")]);
            let ca = file("/etc/ssh/ca", 0o644, "root", "{key ca-ed25519}\n");
            let trust = config("TrustedUserCAKeys /etc/ssh/ca");
            m.add(
                "a CA for all",
                std::slice::from_ref(&ca),
                &[ca.clone(), trust],
            );
        }
        out.extend(m.out);
    }
    out
}

/// Guards every change as one for alice's own login, and picks of the logins that it names one of
/// the account that the change bears on.
fn guarded(all: &[Named], build: &Build, lost: bool, wrong: &mut Vec<String>) -> Vec<Login> {
    let alice = Spec::new("alice").attempt.attempt(&Embedded).unwrap();
    let ring = Ring::default();
    let mut out = Vec::new();
    for (i, (user, pair)) in all.iter().enumerate() {
        let changes = match pair.changes(build) {
            Ok(changes) => changes,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        let asked = Asked {
            logins: std::slice::from_ref(&alice),
            from_anywhere: true,
        };
        let answer = guard(&changes, asked, &Runner::default(), false);
        let with_leave = guard(&changes, asked, &Runner::default(), true);
        if answer.allows() || lost && with_leave.allows() {
            wrong.push(format!("{}: let through", pair.what));
        }
        let named: &[Difference] = if lost { &answer.lost } else { &answer.gained };
        let own: Vec<Login> = named
            .iter()
            .filter(|d| d.user == user.as_bytes())
            .filter_map(|d| ring.login(i, &pair.before, d))
            .collect();
        match own.get(i % own.len().max(1)) {
            Some(login) => out.push(login.clone()),
            None => wrong.push(format!("{}: not named: {named:?}", pair.what)),
        }
    }
    out
}

#[test]
fn whom_the_guard_names_the_server_shuts_out_or_lets_in() {
    let target = match Target::host(&LabConfig::default()) {
        Ok(target) => target,
        Err(why) => return skipped(&why),
    };
    let lab = match Lab::new(target.config.clone()) {
        Ok(lab) => lab,
        Err(why) => return skipped(&why.to_string()),
    };
    let mut wrong = Vec::new();
    for (what, all, lost) in [
        ("lost", locking(&target.build), true),
        ("gained", opening(&target.build), false),
    ] {
        let logins = guarded(&all, &target.build, lost, &mut wrong);
        assert!(
            logins.iter().all(|l| l.before == lost && l.after != lost),
            "{logins:?}"
        );
        let pairs: Vec<Pair> = all.into_iter().map(|(_, p)| p).collect();
        let differing = ask(&lab, &pairs, &logins);
        let _ = writeln!(
            std::io::stderr(),
            "{} changes refused for a login {what}, {} of them put to the server before and after, \
             {} differing",
            pairs.len(),
            logins.len(),
            differing.len()
        );
        wrong.extend(differing);
        assert!(logins.len() >= 50, "only {} {what}", logins.len());
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
