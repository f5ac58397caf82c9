//! Changes that would lock out somebody else, and changes that would let in somebody else: the
//! guard refuses each and names the login. A change that does both is named in both lists.

use sshwhy_keys::base64;
use sshwhy_mend::guard::{Answer, Asked, Runner, guard};
use sshwhy_mend::logins::{Changes, Difference, Means, More, Side, compare};
use sshwhy_scenario::{Embedded, KeyMaterial};
use sshwhy_verdict::Server;
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Attempt, Build, Group, Local, MemWorld, OfferedKey, Peer, Shadow};

const CONFIG: &[u8] = b"/etc/ssh/sshd_config";
const PLAIN: &str = "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n";

fn line(name: &str) -> String {
    let text = Embedded.file(&format!("{name}.pub")).unwrap();
    String::from_utf8_lossy(text).trim().to_owned()
}

fn offered(name: &str) -> OfferedKey {
    let text = line(name);
    let blob = text.split(' ').nth(1).unwrap();
    OfferedKey::new(base64::decode(blob.as_bytes()).unwrap(), Vec::new())
}

/// alice, bob, carol (group devs) and root, each with a key of their own.
const KEYS: [(&str, u32, &str); 4] = [
    ("root", 0, "ecdsa521"),
    ("alice", 2001, "ed25519"),
    ("bob", 2002, "rsa3072"),
    ("carol", 2003, "ecdsa256"),
];

fn home(user: &str) -> String {
    match user {
        "root" => "/root".into(),
        _ => format!("/home/{user}"),
    }
}

fn world(config: &str) -> MemWorld {
    let mut w = MemWorld::new(Build::profile("debian-12").unwrap());
    w.file(CONFIG, 0o644, 0, 0, config.as_bytes());
    w.file("/bin/bash", 0o755, 0, 0, b"");
    w.dir("/run/sshd", 0o755, 0, 0);
    for kind in ["rsa", "ecdsa", "ed25519"] {
        let path = format!("/etc/ssh/ssh_host_{kind}_key");
        w.file(path, 0o600, 0, 0, b"-----BEGIN OPENSSH PRIVATE KEY-----\n");
    }
    let mut shadows = std::collections::BTreeMap::new();
    w.accounts.push(account("sshd", 101, "/run/sshd"));
    for (user, uid, key) in KEYS {
        w.accounts.push(account(user, uid, &home(user)));
        w.groups.push(Group {
            name: user.into(),
            gid: uid,
            members: Vec::new(),
        });
        let entry = Shadow {
            password: PasswordField::Set,
            last_change: 20_000,
            min: 0,
            max: 99_999,
            warn: 7,
            inactive: -1,
            expire: -1,
        };
        shadows.insert(user.as_bytes().to_vec(), entry);
        let home = home(user);
        w.dir(&home, 0o755, uid, uid);
        w.dir(format!("{home}/.ssh"), 0o700, uid, uid);
        let keys = format!("{home}/.ssh/authorized_keys");
        w.file(keys, 0o600, uid, uid, format!("{}\n", line(key)).as_bytes());
    }
    w.groups.push(Group {
        name: b"devs".to_vec(),
        gid: 2100,
        members: vec![b"carol".to_vec(), b"alice".to_vec()],
    });
    w.shadow = Some(shadows);
    w
}

fn account(name: &str, uid: u32, home: &str) -> Account {
    Account {
        name: name.into(),
        password: PasswordField::Shadowed,
        uid,
        gid: uid,
        home: home.into(),
        shell: b"/bin/bash".to_vec(),
    }
}

fn compared(before: &MemWorld, after: &MemWorld) -> Changes {
    let (old, new) = (Server::read(before, CONFIG), Server::read(after, CONFIG));
    let side = |world, server| Side { world, server };
    compare(side(before, &old), side(after, &new), &More::default())
}

fn alices() -> Attempt {
    Attempt {
        user: b"alice".to_vec(),
        key: Some(offered("ed25519")),
        from: Peer {
            addr: "203.0.113.1".parse().unwrap(),
            host: None,
        },
        to: Local {
            addr: "192.0.2.1".parse().unwrap(),
            port: 22,
        },
    }
}

fn answer(changes: &Changes, allow_weakening: bool) -> Answer {
    let login = alices();
    let asked = Asked {
        logins: std::slice::from_ref(&login),
        from_anywhere: true,
    };
    guard(changes, asked, &Runner::default(), allow_weakening)
}

fn named(list: &[Difference], user: &str, method: &str) -> bool {
    list.iter()
        .any(|d| d.user == user.as_bytes() && d.means.method() == method)
}

/// Two states of the machine: in the first, `user` gets in by `method`; in the second, not.
struct Pair {
    what: String,
    open: MemWorld,
    shut: MemWorld,
    user: &'static str,
    method: &'static str,
}

fn pairs() -> Vec<Pair> {
    let mut out = Vec::new();
    for (user, uid, key) in KEYS.into_iter().filter(|(u, ..)| *u != "alice") {
        let mut config = |what: &str, open: String, shut: String| {
            out.push(Pair {
                what: format!("{user}: {what}"),
                open: world(&open),
                shut: world(&shut),
                user,
                method: "publickey",
            });
        };
        let with = |more: &str| format!("{PLAIN}{more}\n");
        let plain = || PLAIN.to_owned();
        config("DenyUsers", plain(), with(&format!("DenyUsers {user}")));
        config(
            "DenyUsers pattern",
            plain(),
            with(&format!("DenyUsers {}*", &user[..3])),
        );
        config(
            "DenyUsers at",
            plain(),
            with(&format!("DenyUsers {user}@10.0.0.0/8")),
        );
        config("AllowUsers", plain(), with("AllowUsers alice"));
        config(
            "AllowUsers shortened",
            with(&format!("AllowUsers alice {user}")),
            with("AllowUsers alice"),
        );
        config(
            "AllowUsers bound to a network",
            with(&format!("AllowUsers alice {user}")),
            with(&format!("AllowUsers alice {user}@10.1.0.0/16")),
        );
        config("DenyGroups", plain(), with(&format!("DenyGroups {user}")));
        config("AllowGroups", plain(), with("AllowGroups alice"));
        config("no keys at all", plain(), with("PubkeyAuthentication no"));
        config(
            "no keys for one",
            plain(),
            with(&format!("Match User {user}\n PubkeyAuthentication no")),
        );
        config(
            "no keys from a network",
            plain(),
            with("Match Address 10.2.0.0/16\n PubkeyAuthentication no"),
        );
        config(
            "no keys for a group",
            plain(),
            with(&format!("Match Group {user}\n PubkeyAuthentication no")),
        );
        config(
            "other files",
            plain(),
            with("AuthorizedKeysFile /etc/ssh/keys/%u"),
        );
        config(
            "no files for one",
            plain(),
            with(&format!("Match User {user}\n AuthorizedKeysFile none")),
        );
        config(
            "another method",
            plain(),
            with(&format!(
                "Match User {user}\n AuthenticationMethods password"
            )),
        );
        config(
            "one more method",
            plain(),
            format!("AuthenticationMethods publickey,password\n{PLAIN}")
                .replace("PasswordAuthentication no", "PasswordAuthentication yes"),
        );
        config(
            "algorithms of alice's key alone",
            plain(),
            with("PubkeyAcceptedAlgorithms ssh-ed25519"),
        );
        config(
            "a list of revoked keys that is not there",
            plain(),
            with("RevokedKeys /etc/ssh/no"),
        );
        config("an unknown keyword", plain(), with("AllowUser root"));
        config(
            "a Match line without criteria",
            plain(),
            with("Match\n X11Forwarding no"),
        );

        let mut tree = |what: &str, change: &dyn Fn(&mut MemWorld)| {
            let (open, mut shut) = (world(PLAIN), world(PLAIN));
            change(&mut shut);
            out.push(Pair {
                what: format!("{user}: {what}"),
                open,
                shut,
                user,
                method: "publickey",
            });
        };
        let home = home(user);
        let keys = format!("{home}/.ssh/authorized_keys");
        tree("the home is everyone's", &|w| w.dir(&home, 0o777, uid, uid));
        tree("the directory is alice's", &|w| {
            w.dir(format!("{home}/.ssh"), 0o700, 2001, 2001);
        });
        tree("the file is gone", &|w| {
            w.tree.remove(keys.as_bytes());
        });
        tree("the file is empty", &|w| {
            w.file(&keys, 0o600, uid, uid, b"")
        });
        tree("the file is not to be read", &|w| {
            let text = line(key);
            w.file(&keys, 0o000, 1, 1, text.as_bytes());
        });
        tree("the line is bound to a network", &|w| {
            let text = format!("from=\"10.3.0.0/16\" {}\n", line(key));
            w.file(&keys, 0o600, uid, uid, text.as_bytes());
        });
        tree("the line is out of date", &|w| {
            let text = format!("expiry-time=\"20200101\" {}\n", line(key));
            w.file(&keys, 0o600, uid, uid, text.as_bytes());
        });
        tree("the line is broken", &|w| {
            let text = line(key);
            w.file(&keys, 0o600, uid, uid, &text.as_bytes()[..text.len() / 2]);
        });
    }
    for user in ["alice", "bob", "carol"] {
        let yes = "PasswordAuthentication yes\nUsePAM no\nKbdInteractiveAuthentication no\n";
        for (what, shut) in [
            ("no passwords", PLAIN.to_owned()),
            (
                "no passwords for one",
                format!("{yes}Match User {user}\n PasswordAuthentication no\n"),
            ),
            (
                "no passwords from afar",
                format!("{yes}Match Address *,!10.0.0.0/8\n PasswordAuthentication no\n"),
            ),
            (
                "keys alone",
                format!("{yes}AuthenticationMethods publickey\n"),
            ),
        ] {
            out.push(Pair {
                what: format!("{user}: {what}"),
                open: world(yes),
                shut: world(&shut),
                user,
                method: "password",
            });
        }
    }
    out
}

#[test]
fn whatever_would_lock_out_another_login_is_refused_and_the_login_named() {
    let all = pairs();
    assert!(all.len() >= 50, "{}", all.len());
    for p in all {
        let changes = compared(&p.open, &p.shut);
        for leave in [false, true] {
            let a = answer(&changes, leave);
            assert!(!a.allows(), "{}: let through (leave: {leave})", p.what);
            assert!(named(&a.lost, p.user, p.method), "{}: {:?}", p.what, a.lost);
        }
    }
}

#[test]
fn whatever_would_let_in_another_login_is_refused_without_leave_and_the_login_named() {
    let all = pairs();
    assert!(all.len() >= 50);
    for p in all {
        let changes = compared(&p.shut, &p.open);
        let a = answer(&changes, false);
        assert!(!a.allows(), "{}: let through", p.what);
        assert!(
            named(&a.gained, p.user, p.method),
            "{}: {:?}",
            p.what,
            a.gained
        );
    }
}

#[test]
fn a_key_in_a_file_of_several_accounts_lets_in_all_of_them() {
    let config = format!("{PLAIN}AuthorizedKeysFile /etc/ssh/keys\n");
    let (before, mut after) = (world(&config), world(&config));
    after.file("/etc/ssh/keys", 0o644, 0, 0, line("ed25519").as_bytes());
    let a = answer(&compared(&before, &after), false);
    for user in ["root", "bob", "carol"] {
        assert!(named(&a.gained, user, "publickey"), "{user}");
    }
    assert!(
        !named(&a.gained, "alice", "publickey"),
        "that one was asked for"
    );
    assert!(!a.allows());
    assert!(answer(&compared(&before, &after), true).allows());
}

#[test]
fn another_key_of_the_same_account_was_not_asked_for() {
    let (mut before, mut after) = (world(PLAIN), world(PLAIN));
    let file = "/home/alice/.ssh/authorized_keys";
    let text = format!("{}\n{}\n", line("ed25519"), line("ed25519-b"));
    before.file(file, 0o600, 2001, 2001, b"");
    after.file(file, 0o600, 2001, 2001, text.as_bytes());
    let a = answer(&compared(&before, &after), false);
    assert_eq!(a.gained.len(), 1);
    assert!(!a.allows());
}

#[test]
fn the_login_asked_for_alone_is_let_through() {
    let (mut before, after) = (world(PLAIN), world(PLAIN));
    before.dir("/home/alice", 0o777, 2001, 2001);
    let changes = compared(&before, &after);
    assert!(!changes.gained.is_empty());
    assert!(answer(&changes, false).allows());
}

#[test]
fn a_ca_that_is_trusted_lets_in_whoever_holds_its_certificates() {
    let with = format!("{PLAIN}TrustedUserCAKeys /etc/ssh/ca\n");
    let (mut before, mut after) = (world(PLAIN), world(&with));
    for w in [&mut before, &mut after] {
        w.file("/etc/ssh/ca", 0o644, 0, 0, line("ca-ed25519").as_bytes());
    }
    let a = answer(&compared(&before, &after), false);
    for (user, ..) in KEYS {
        let by_certificate = a
            .gained
            .iter()
            .any(|d| d.user == user.as_bytes() && matches!(d.means, Means::Certificate { .. }));
        assert!(by_certificate, "{user}");
    }
    let a = answer(&compared(&after, &before), false);
    // sshd's own account has a shell too.
    assert_eq!(a.lost.len(), KEYS.len() + 1, "{:?}", a.lost);
}

#[test]
fn a_line_that_makes_a_key_a_ca_is_a_gain() {
    let (before, mut after) = (world(PLAIN), world(PLAIN));
    let text = format!(
        "cert-authority,principals=\"x\" {}\n{}\n",
        line("ca-rsa"),
        line("ed25519")
    );
    after.file(
        "/home/alice/.ssh/authorized_keys",
        0o600,
        2001,
        2001,
        text.as_bytes(),
    );
    let a = answer(&compared(&before, &after), false);
    assert_eq!(a.gained.len(), 1, "{:?}", a.gained);
    assert!(matches!(a.gained[0].means, Means::Certificate { .. }));
}

#[test]
fn the_login_of_whoever_runs_this_comes_first() {
    let (before, after) = (world(PLAIN), world(&format!("{PLAIN}AllowUsers nobody\n")));
    let changes = compared(&before, &after);
    let asked = Asked {
        logins: &[],
        from_anywhere: true,
    };
    let runner = Runner {
        user: Some(b"carol".to_vec()),
        peer: None,
    };
    let a = guard(&changes, asked, &runner, true);
    assert!(a.own && a.lost[0].user == b"carol", "{:?}", a.lost);
    assert!(!a.lost[0].other_way, "her only way in");
    assert_eq!(a.lost[0].decided_by().unwrap(), b"/etc/ssh/sshd_config:4");
}

#[test]
fn a_change_of_method_is_told_as_one() {
    let before = world(PLAIN);
    let after = world(
        "PasswordAuthentication yes\nUsePAM no\nKbdInteractiveAuthentication no\n\
         PubkeyAuthentication no\n",
    );
    let changes = compared(&before, &after);
    let methods = changes.methods();
    assert!(methods.iter().any(|(lost, gained)| lost.user == b"bob"
        && lost.means.method() == "publickey"
        && gained.means.method() == "password"));
}
