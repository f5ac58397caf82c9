//! What is done and taken back when nothing gets in the way, and what is refused.

use crate::PLACE;
use crate::child::setting;
use crate::tree::{
    ALICE, BOB, Machine, NEW_CONFIG, NEW_KEYS, OLD_KEYS, assert_same, changes, machine, node, whole,
};
use sshwhy_mend::apply::{Done, apply, stage};
use sshwhy_mend::journal::{Phase, Store};
use sshwhy_mend::safe::Root;
use sshwhy_mend::safe_trouble::{Trouble, Why};
use sshwhy_mend::{What, undo};
use sshwhy_world::Kind;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

pub(crate) fn fresh() -> Machine {
    machine(&Path::new(PLACE).join("m"))
}

pub(crate) fn undone(m: &Machine, id: Option<&str>) -> Result<Option<Done>, Trouble> {
    undo::look(&m.store, &m.root, id)?.carry_out(false)
}

pub(crate) fn there_and_back() {
    let m = fresh();
    let before = whole(&m.root, false);
    let done = apply(&changes(), &setting(&m)).unwrap().unwrap();
    assert_eq!(done.rests, None);
    let after = whole(&m.root, false);
    let at = |p: &str| m.root.join(p);
    let meta = |p: &str| {
        let s = fs::symlink_metadata(at(p)).unwrap();
        (s.mode() & 0o7777, s.uid(), s.gid(), s.nlink())
    };
    assert_eq!(meta("home/alice").0, 0o755);
    assert_eq!(
        (meta("home/alice/.ssh").0, meta("home/alice/.ssh").1),
        (0o700, ALICE)
    );
    assert_eq!(
        meta("home/alice/.ssh/authorized_keys"),
        (0o600, ALICE, ALICE, 1)
    );
    assert_eq!(
        meta("home/alice/.ssh/authorized_keys2"),
        (0o600, ALICE, ALICE, 1)
    );
    // The kernel would have cleared the set-id bit.
    assert_eq!(meta("home/alice/.ssh/config"), (0o2755, ALICE, ALICE, 1));
    assert_eq!(
        meta("home/carol/.ssh/authorized_keys"),
        (0o640, ALICE, ALICE, 1)
    );
    assert_eq!(
        fs::read(at("home/alice/.ssh/authorized_keys")).unwrap(),
        NEW_KEYS
    );
    assert_eq!(fs::read(at("home/carol/keys")).unwrap(), b"here\n");
    assert_eq!(fs::read(at("etc/ssh/keys/bob")).unwrap(), b"shared\n");
    assert_eq!(fs::read(at("etc/ssh/sshd_config")).unwrap(), NEW_CONFIG);
    assert!(!at("home/alice/.ssh/rc").exists());
    let keys = &after[&b"home/alice/.ssh/authorized_keys"[..]];
    assert!(
        keys.contains("user.note=[00, 6b"),
        "attributes stay: {keys}"
    );
    let made = &after[&b"home/carol/.ssh"[..]];
    assert!(!made.contains("acl_access"), "no ACL is inherited: {made}");
    assert!(
        after
            .keys()
            .all(|p| !p.windows(8).any(|w| w == b".sshwhy-"))
    );

    // A journal that others can read would show them files that they cannot.
    assert_eq!(fs::metadata(&m.store).unwrap().mode() & 0o777, 0o700);
    let back = undone(&m, None).unwrap().unwrap();
    assert_same(&before, &whole(&m.root, false), "undo");
    let store = Store::open(&m.store).unwrap();
    assert_eq!(store.phase(&done.id), Phase::Undone);
    // Nothing is left to undo without saying which.
    assert!(matches!(undone(&m, None).unwrap_err().why, Why::NoRun(_)));
    undone(&m, Some(&back.id)).unwrap().unwrap();
    assert_same(&after, &whole(&m.root, false), "undo of undo");
    assert_eq!(undo::runs(&store).unwrap().len(), 3);
}

pub(crate) fn expectations() {
    let refused = |spoil: &dyn Fn(&Machine), path: &str| {
        let m = fresh();
        spoil(&m);
        let before = whole(&m.root, true);
        let t = apply(&changes(), &setting(&m)).unwrap_err();
        assert_eq!(t.path, path.as_bytes(), "{t}");
        assert!(matches!(t.why, Why::Changed(_)), "{t}");
        assert_same(&before, &whole(&m.root, true), path);
    };
    let keys = "home/alice/.ssh/authorized_keys";
    refused(
        &|m| fs::write(m.root.join(keys), b"other").unwrap(),
        &format!("/{keys}"),
    );
    refused(
        &|m| fs::set_permissions(m.root.join(keys), PermissionsExt::from_mode(0o644)).unwrap(),
        &format!("/{keys}"),
    );
    refused(
        &|m| fs::hard_link(m.root.join(keys), m.root.join("x")).unwrap(),
        &format!("/{keys}"),
    );
    refused(
        &|m| chown(m.root.join("home/alice"), Some(BOB), None).unwrap(),
        "/home/alice",
    );
    refused(
        &|m| fs::remove_file(m.root.join("home/alice/.ssh/rc")).unwrap(),
        "/home/alice/.ssh/rc",
    );
    refused(
        &|m| fs::create_dir(m.root.join("home/carol/.ssh")).unwrap(),
        "/home/carol/.ssh",
    );
    refused(
        &|m| {
            fs::remove_file(m.root.join("home/carol/keys")).unwrap();
            symlink("elsewhere", m.root.join("home/carol/keys")).unwrap();
            std::os::unix::fs::lchown(m.root.join("home/carol/keys"), Some(BOB), Some(BOB))
                .unwrap();
        },
        "/home/carol/keys",
    );
    // The same changes a second time expect what is no more.
    refused(
        &|m| drop(apply(&changes(), &setting(m)).unwrap().unwrap()),
        "/home/alice",
    );
}

pub(crate) fn conflicts() {
    let m = fresh();
    let before = whole(&m.root, false);
    apply(&changes(), &setting(&m)).unwrap().unwrap();
    let keys = m.root.join("home/alice/.ssh/authorized_keys");
    let since = [NEW_KEYS, b"ssh-ed25519 CCCC new\n"].concat();
    fs::write(&keys, &since).unwrap();
    let then = whole(&m.root, true);
    let t = undone(&m, None).unwrap_err();
    assert_eq!(t.path, b"/home/alice/.ssh/authorized_keys");
    assert!(t.why().contains("somebody changed it since"), "{t}");
    assert_same(&then, &whole(&m.root, true), "nothing is touched");
    // A file in the directory that would go.
    fs::write(&keys, NEW_KEYS).unwrap();
    let guest = m.root.join("home/carol/.ssh/known_hosts");
    fs::write(&guest, b"x").unwrap();
    let then = whole(&m.root, true);
    let t = undone(&m, None).unwrap_err();
    assert!(t.why().contains("known_hosts"), "{t}");
    let mut now = whole(&m.root, true);
    // Only the time of a file that was replaced by itself and back may differ.
    let mut then = then;
    for tree in [&mut now, &mut then] {
        tree.remove(&b"home/carol/.ssh"[..]);
    }
    assert_same(&then, &now, "nothing is touched");
    // By itself, a run goes back as far as nobody has changed it since.
    fs::remove_file(&guest).unwrap();
    fs::write(&keys, &since).unwrap();
    let undo = undo::look(&m.store, &m.root, None).unwrap();
    let done = undo.carry_out(true).unwrap().unwrap();
    assert_eq!(done.skipped.len(), 1);
    assert_eq!(fs::read(&keys).unwrap(), since);
    let now = whole(&m.root, false);
    let config = &b"etc/ssh/sshd_config"[..];
    assert_eq!(before[config], now[config]);
}

pub(crate) fn ways_in() {
    let one = |m: &Machine, path: &str, what: What, before| {
        let mut c = changes().remove(0);
        (c.path, c.what, c.before) = (path.as_bytes().to_vec(), what, before);
        let then = whole(&m.root, true);
        let t = apply(&[c], &setting(m)).unwrap_err();
        assert_same(&then, &whole(&m.root, true), path);
        t
    };
    let m = fresh();
    let write = || What::Write {
        before: None,
        after: b"x".to_vec(),
        made: sshwhy_mend::Made {
            uid: 0,
            gid: 0,
            mode: 0o600,
        },
    };
    symlink("/etc", m.root.join("home/alice/link")).unwrap();
    std::os::unix::fs::lchown(m.root.join("home/alice/link"), Some(ALICE), Some(ALICE)).unwrap();
    assert_eq!(one(&m, "/home/alice/link/x", write(), None).why, Why::Link);
    assert_eq!(one(&m, "/home/alice/../x", write(), None).why, Why::Link);
    fs::create_dir(m.root.join("home/alice/bobs")).unwrap();
    chown(m.root.join("home/alice/bobs"), Some(BOB), None).unwrap();
    let t = one(&m, "/home/alice/bobs/x", write(), None);
    assert_eq!(
        (t.why, t.path.as_slice()),
        (Why::Foreign(BOB), &b"/home/alice/bobs"[..])
    );
    // A foreign file and one of several names are never made the account's in place.
    let owner = What::Owner {
        uid: ALICE,
        gid: None,
    };
    let foreign = node(Kind::File, 0o600, BOB);
    let t = one(
        &m,
        "/home/alice/.ssh/authorized_keys2",
        owner.clone(),
        Some(foreign),
    );
    assert_eq!(t.why, Why::Foreign(BOB));
    let mut shared = node(Kind::File, 0o644, 0);
    shared.links = 2;
    let t = one(&m, "/etc/ssh/keys/alice", owner, Some(shared));
    assert!(t.why().contains("several names"), "{t}");

    // Links that are followed, where a whole path is asked for.
    let root = Root::open(&m.root, &[ALICE]).unwrap();
    let resolved = |path: &str| root.resolve(path.as_bytes());
    assert_eq!(
        resolved("/home/alice/link/ssh/sshd_config")
            .unwrap_err()
            .why,
        Why::Link
    );
    symlink("../carol", m.root.join("home/alice/.ssh2")).unwrap();
    std::os::unix::fs::lchown(m.root.join("home/alice/.ssh2"), Some(ALICE), Some(ALICE)).unwrap();
    // Her home is open to all: anybody may have made the link.
    assert_eq!(resolved("/home/alice/.ssh2/x").unwrap_err().why, Why::Link);
    fs::set_permissions(m.root.join("home/alice"), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(
        resolved("/home/alice/.ssh2/new/x").unwrap(),
        b"/home/carol/new/x"
    );
    symlink("etc", m.root.join("config")).unwrap();
    assert_eq!(resolved("/config/ssh").unwrap(), b"/etc/ssh");
    std::os::unix::fs::lchown(m.root.join("home/alice/.ssh2"), Some(BOB), Some(BOB)).unwrap();
    assert_eq!(resolved("/home/alice/.ssh2/x").unwrap_err().why, Why::Link);

    links_by_name(&m);
}

/// A change that the server comes to by an account's link: the link is looked at once more.
fn links_by_name(m: &Machine) {
    let by = |path: &str, name: &str| {
        let mut change = changes().pop().unwrap();
        change.path = path.as_bytes().to_vec();
        change.what = What::Mode { to: 0o700 };
        change.before = None;
        change.by = Some(name.as_bytes().to_vec());
        let before = whole(&m.root, true);
        let t = apply(&[change], &setting(m)).unwrap_err();
        assert_same(&before, &whole(&m.root, true), path);
        t.why
    };
    let link = |target: &str, owner: u32| {
        let at = m.root.join("home/alice/.ssh3");
        let _ = fs::remove_file(&at);
        symlink(target, &at).unwrap();
        std::os::unix::fs::lchown(&at, Some(owner), Some(owner)).unwrap();
    };
    let name = "/home/alice/.ssh3/authorized_keys";
    // It leads elsewhere by then, into root's files, or is another account's.
    link("../carol", ALICE);
    assert_eq!(by("/home/alice/.ssh/authorized_keys", name), Why::Link);
    link("/etc/ssh/keys", ALICE);
    assert_eq!(by("/etc/ssh/keys/authorized_keys", name), Why::Link);
    link("../carol", BOB);
    assert_eq!(by("/home/carol/authorized_keys", name), Why::Link);
    link("../carol", ALICE);
    let there = by("/home/carol/authorized_keys", name);
    assert!(
        matches!(there, Why::Changed(_)),
        "it is only not there: {there:?}"
    );
}

pub(crate) fn labels() {
    let m = fresh();
    let program = Path::new(PLACE).join("restorecon");
    let script = "#!/bin/sh\necho \"Would relabel $3 from system_u:object_r:tmpfs_t:s0 to \
                  system_u:object_r:ssh_home_t:s0\"\n";
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let label = |p: &str| {
        let mut room = [0; 256];
        let path = m.root.join(p);
        let n = rustix::fs::getxattr(&path, "security.selinux", &mut room[..]).unwrap_or(0);
        room[..n].to_vec()
    };
    let config = m.root.join("home/alice/.ssh/config");
    let old = b"system_u:object_r:old_t:s0\0";
    if let Err(e) = rustix::fs::setxattr(
        &config,
        "security.selinux",
        old,
        rustix::fs::XattrFlags::empty(),
    ) {
        return crate::skipped(&format!("labels: this file system keeps none: {e}"));
    }
    let before = whole(&m.root, false);
    let mut all = changes();
    let mut relabel = all[7].clone();
    relabel.what = What::Label { to: None };
    (
        relabel.before.as_mut().unwrap().uid,
        relabel.before.as_mut().unwrap().gid,
    ) = (ALICE, ALICE);
    all.insert(8, relabel);
    let mut s = setting(&m);
    s.restorecon = Some(program);
    apply(&all, &s).unwrap().unwrap();
    let want = b"system_u:object_r:ssh_home_t:s0\0";
    assert_eq!(label("home/alice/.ssh/config"), want);
    assert_eq!(
        label("home/alice/.ssh/authorized_keys"),
        want,
        "replaced files are labelled too"
    );
    assert_eq!(label("home/carol/.ssh"), want, "and new directories");
    assert_eq!(
        label("home/alice"),
        b"",
        "what only changed its mode is not"
    );
    undone(&m, None).unwrap().unwrap();
    assert_same(&before, &whole(&m.root, false), "labels come back");
}

pub(crate) fn sshd_test() {
    let m = fresh();
    let config = m.root.join("etc/ssh/sshd_config");
    let sshd = "/usr/sbin/sshd";
    let key = Path::new(PLACE).join("host_key");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .status();
    if !Path::new(sshd).exists() || !made.is_ok_and(|s| s.success()) {
        return crate::skipped("no sshd to test a configuration with");
    }
    let words = [
        sshd.as_bytes(),
        b"-t",
        b"-f",
        config.as_os_str().as_bytes(),
        b"-h",
        key.as_os_str().as_bytes(),
    ];
    // Its own directory for the parting of privileges, in this name space alone.
    crate::tmpfs(Path::new("/run"), "size=1m").unwrap();
    fs::create_dir("/run/sshd").unwrap();
    let mut s = setting(&m);
    s.test = Some(words.map(<[u8]>::to_vec).to_vec());
    let mut bad = changes();
    if let What::Write { after, .. } = &mut bad.last_mut().unwrap().what {
        *after = b"PubkeyAuthentication perhaps\n".to_vec();
    }
    let before = whole(&m.root, true);
    let t = apply(&bad, &s).unwrap_err();
    assert!(matches!(t.why, Why::Refused { before: false, .. }), "{t}");
    assert!(
        t.why().contains("perhaps") || t.why().contains("PubkeyAuthentication"),
        "{t}"
    );
    assert_same(&before, &whole(&m.root, true), "a refused configuration");
    assert!(Store::open(&m.store).unwrap().ids().unwrap().is_empty());
    apply(&changes(), &s).unwrap().unwrap();
}

pub(crate) fn locked() {
    let m = fresh();
    let staged = stage(&changes(), &setting(&m)).unwrap().unwrap();
    assert_eq!(apply(&changes(), &setting(&m)).unwrap_err().why, Why::Busy);
    assert_eq!(undone(&m, None).unwrap_err().why, Why::Busy);
    staged.forget();
    assert_eq!(apply(&[], &setting(&m)).unwrap(), None);
    let done = apply(&changes(), &setting(&m)).unwrap().unwrap();
    // A journal that was cut off is not read as a shorter one.
    let journal = m.store.join(&done.id).join("journal");
    let text = fs::read(&journal).unwrap();
    fs::write(&journal, &text[..text.len() / 2]).unwrap();
    assert!(matches!(
        undone(&m, Some(&done.id)).unwrap_err().why,
        Why::Journal(_)
    ));
    fs::write(&journal, &text).unwrap();
    assert_eq!(
        fs::read(m.root.join("home/alice/.ssh/authorized_keys")).unwrap(),
        NEW_KEYS
    );
    undone(&m, Some(&done.id[..20])).unwrap().unwrap();
    assert_eq!(
        fs::read(m.root.join("home/alice/.ssh/authorized_keys")).unwrap(),
        OLD_KEYS
    );
}
