//! A machine's tree, whole: everything that taking back has to restore.

use rustix::fs::{self, AtFlags, CWD, Mode, OFlags, XattrFlags};
use sshwhy_mend::{Change, Made, What};
use sshwhy_world::{Acl, AclEntry, AclTag, Kind, Node};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(crate) const ALICE: u32 = 4001;
pub(crate) const BOB: u32 = 4002;

/// Everything about every node below a directory, but inode numbers and change times, by path.
/// With `links`, the number of names of files too.
pub(crate) fn whole(root: &Path, links: bool) -> BTreeMap<Vec<u8>, String> {
    let mut out = BTreeMap::new();
    walk(root, root, links, &mut out);
    out
}

fn walk(root: &Path, at: &Path, links: bool, out: &mut BTreeMap<Vec<u8>, String>) {
    let st = fs::statat(CWD, at, AtFlags::SYMLINK_NOFOLLOW).unwrap();
    let mut text = format!(
        "mode {:o} owner {}:{} atime {}.{} mtime {}.{}",
        st.st_mode,
        st.st_uid,
        st.st_gid,
        st.st_atime,
        st.st_atime_nsec,
        st.st_mtime,
        st.st_mtime_nsec
    );
    let kind = fs::FileType::from_raw_mode(st.st_mode);
    if links && kind == fs::FileType::RegularFile {
        let _ = write!(text, " links {}", st.st_nlink);
    }
    let flags = OFlags::RDONLY | OFlags::NOATIME | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match kind {
        fs::FileType::RegularFile => {
            let fd = fs::open(at, flags, Mode::empty()).unwrap();
            let mut bytes = Vec::new();
            let mut file = std::fs::File::from(fd);
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            let _ = write!(text, " bytes {}", bytes.escape_ascii());
        }
        fs::FileType::Symlink => {
            let to = fs::readlinkat(CWD, at, Vec::new()).unwrap();
            // Reading a link is an access; its time is not of interest.
            text = text.split(" atime").next().unwrap().to_owned();
            let _ = write!(text, " to {to:?}");
        }
        _ => {}
    }
    if matches!(kind, fs::FileType::RegularFile | fs::FileType::Directory) {
        let mut room = vec![0; 4096];
        let n = fs::listxattr(at, &mut room[..]).unwrap();
        let mut names: Vec<Vec<u8>> = room[..n].split(|&b| b == 0).map(<[u8]>::to_vec).collect();
        names.sort();
        for name in names.iter().filter(|n| !n.is_empty()) {
            let mut value = vec![0; 4096];
            let n = fs::getxattr(at, &**name, &mut value[..]).unwrap();
            let _ = write!(text, " {}={:02x?}", name.escape_ascii(), &value[..n]);
        }
    }
    let below = at.strip_prefix(root).unwrap();
    out.insert(below.as_os_str().as_bytes().to_vec(), text);
    if kind == fs::FileType::Directory {
        let fd = fs::open(at, flags | OFlags::DIRECTORY, Mode::empty()).unwrap();
        let names: Vec<PathBuf> = fs::Dir::new(fd)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_bytes().to_vec())
            .filter(|n| n != b"." && n != b"..")
            .map(|n| at.join(std::ffi::OsStr::from_bytes(&n)))
            .collect();
        for name in names {
            walk(root, &name, links, out);
        }
    }
}

/// Two trees are the same, or what differs is said.
pub(crate) fn assert_same(
    a: &BTreeMap<Vec<u8>, String>,
    b: &BTreeMap<Vec<u8>, String>,
    what: &str,
) {
    let mut wrong = String::new();
    for path in a.keys().chain(b.keys().filter(|p| !a.contains_key(*p))) {
        let (x, y) = (a.get(path), b.get(path));
        if x != y {
            let _ = writeln!(wrong, "{}:\n  {x:?}\n  {y:?}", path.escape_ascii());
        }
    }
    assert!(wrong.is_empty(), "{what}\n{wrong}");
}

pub(crate) struct Machine {
    pub(crate) root: PathBuf,
    pub(crate) store: PathBuf,
}

fn mode(path: &Path, mode: u32) {
    fs::chmod(path, Mode::from_raw_mode(mode)).unwrap();
}

fn own(path: &Path, uid: u32) {
    let (uid, gid) = (fs::Uid::from_raw(uid), fs::Gid::from_raw(uid));
    fs::chownat(CWD, path, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW).unwrap();
}

pub(crate) fn wide_acl() -> Acl {
    let e = |tag, perm| AclEntry { tag, perm };
    Acl {
        entries: vec![
            e(AclTag::UserObj, 7),
            e(AclTag::User(BOB), 7),
            e(AclTag::GroupObj, 5),
            e(AclTag::Mask, 7),
            e(AclTag::Other, 0),
        ],
    }
}

fn raw(acl: &Acl) -> Vec<u8> {
    let mut raw = 2u32.to_le_bytes().to_vec();
    for e in &acl.entries {
        let (tag, id) = match e.tag {
            AclTag::UserObj => (1u16, u32::MAX),
            AclTag::User(id) => (2, id),
            AclTag::GroupObj => (4, u32::MAX),
            AclTag::Group(id) => (8, id),
            AclTag::Mask => (16, u32::MAX),
            AclTag::Other => (32, u32::MAX),
        };
        raw.extend(tag.to_le_bytes());
        raw.extend(u16::from(e.perm).to_le_bytes());
        raw.extend(id.to_le_bytes());
    }
    raw
}

pub(crate) const OLD_KEYS: &[u8] = b"ssh-ed25519 AAAA\nwrapped alice\nssh-rsa BBBB bob\n";
pub(crate) const NEW_KEYS: &[u8] = b"ssh-ed25519 AAAAwrapped alice\nssh-rsa BBBB bob\n";
pub(crate) const OLD_CONFIG: &[u8] = b"# old\nPubkeyAuthentication no\n";
pub(crate) const NEW_CONFIG: &[u8] = b"# old\nPubkeyAuthentication yes\n";

/// A broken machine: every kind of change has something to do.
pub(crate) fn machine(at: &Path) -> Machine {
    let _ = std::fs::remove_dir_all(at);
    let root = at.join("root");
    let p = |path: &str| root.join(path);
    for dir in ["etc/ssh/keys", "home/alice/.ssh", "home/carol"] {
        std::fs::create_dir_all(p(dir)).unwrap();
    }
    let file = |path: &str, bytes: &[u8], m: u32, uid: u32| {
        std::fs::write(p(path), bytes).unwrap();
        own(&p(path), uid);
        mode(&p(path), m);
    };
    file("etc/ssh/sshd_config", OLD_CONFIG, 0o640, 0);
    file("etc/ssh/keys/alice", b"shared\n", 0o644, 0);
    file("home/alice/.ssh/authorized_keys", OLD_KEYS, 0o4666, ALICE);
    file("home/alice/.ssh/authorized_keys2", b"foreign\n", 0o600, BOB);
    file("home/alice/.ssh/config", b"Host *\n", 0o2755, 0);
    file("home/alice/.ssh/rc", b"exit 1\n", 0o755, ALICE);
    file("home/carol/elsewhere", b"carols\n", 0o600, ALICE);
    std::fs::hard_link(p("etc/ssh/keys/alice"), p("etc/ssh/keys/bob")).unwrap();
    std::os::unix::fs::symlink("nowhere/at all", p("home/carol/keys")).unwrap();
    let keys = p("home/alice/.ssh/authorized_keys");
    fs::setxattr(&keys, "user.note", b"\0kept\xff", XattrFlags::empty()).unwrap();
    fs::setxattr(
        p("home/alice/.ssh/rc"),
        "user.rc",
        b"x",
        XattrFlags::empty(),
    )
    .unwrap();
    own(&p("home/alice"), ALICE);
    own(&p("home/carol"), ALICE);
    own(&p("home/carol/keys"), BOB);
    mode(&p("home/alice"), 0o777);
    fs::setxattr(
        p("home/alice/.ssh"),
        "system.posix_acl_access",
        &raw(&wide_acl()),
        XattrFlags::empty(),
    )
    .unwrap();
    // What is made in it gets one that it is not to have.
    fs::setxattr(
        p("home/carol"),
        "system.posix_acl_default",
        &raw(&wide_acl()),
        XattrFlags::empty(),
    )
    .unwrap();
    // Times that nobody has by chance, the innermost first.
    for (n, path) in [
        "home/alice/.ssh/authorized_keys",
        "home/alice/.ssh/authorized_keys2",
        "home/alice/.ssh/config",
        "home/alice/.ssh/rc",
        "home/carol/elsewhere",
        "home/carol/keys",
        "etc/ssh/sshd_config",
        "etc/ssh/keys/alice",
        "home/alice/.ssh",
        "home/alice",
        "home/carol",
        "home",
        "etc/ssh/keys",
        "etc/ssh",
        "etc",
        "",
    ]
    .iter()
    .enumerate()
    {
        let time = |sec: i64| fs::Timespec {
            tv_sec: sec + i64::try_from(n).unwrap(),
            tv_nsec: 123_456_789,
        };
        let times = fs::Timestamps {
            last_access: time(1_500_000_000),
            last_modification: time(1_400_000_000),
        };
        fs::utimensat(CWD, p(path), &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
    }
    Machine {
        store: at.join("store"),
        root,
    }
}

pub(crate) fn node(kind: Kind, mode: u32, uid: u32) -> Node {
    Node::new(kind, mode, uid, uid)
}

fn change(path: &str, before: Option<Node>, what: What) -> Change {
    Change {
        path: path.as_bytes().to_vec(),
        what,
        before,
        reasons: vec!["home-writable"],
        safety: sshwhy_causes::Safety::Neutral,
        touches: Vec::new(),
        by: None,
    }
}

fn made(uid: u32, mode: u32) -> Made {
    Made {
        uid,
        gid: uid,
        mode,
    }
}

/// Changes of every kind, which lead from [`machine`] to a sound one.
pub(crate) fn changes() -> Vec<Change> {
    let mut dot_ssh = node(Kind::Dir, 0o770, 0);
    dot_ssh.acl = Some(wide_acl());
    let mut owned = dot_ssh.clone();
    (owned.uid, owned.gid) = (ALICE, ALICE);
    let mut shared = node(Kind::File, 0o644, 0);
    shared.links = 2;
    let keys = "/home/alice/.ssh/authorized_keys";
    vec![
        change(
            "/home/alice",
            Some(node(Kind::Dir, 0o777, ALICE)),
            What::Mode { to: 0o755 },
        ),
        change(
            "/home/alice/.ssh",
            Some(dot_ssh),
            What::Owner {
                uid: ALICE,
                gid: Some(ALICE),
            },
        ),
        change("/home/alice/.ssh", Some(owned), What::Acl { to: None }),
        change(
            "/home/alice/.ssh",
            // What the owning group had by itself; the mask was more.
            Some(node(Kind::Dir, 0o750, ALICE)),
            What::Mode { to: 0o700 },
        ),
        change(
            keys,
            Some(node(Kind::File, 0o4666, ALICE)),
            What::Mode { to: 0o600 },
        ),
        change(
            keys,
            Some(node(Kind::File, 0o600, ALICE)),
            What::Write {
                before: Some(OLD_KEYS.to_vec()),
                after: NEW_KEYS.to_vec(),
                made: made(ALICE, 0o600),
            },
        ),
        change(
            "/home/alice/.ssh/authorized_keys2",
            Some(node(Kind::File, 0o600, BOB)),
            What::Replace {
                before: Some(b"foreign\n".to_vec()),
                after: b"foreign\n".to_vec(),
                made: made(ALICE, 0o600),
            },
        ),
        change(
            "/home/alice/.ssh/config",
            Some(node(Kind::File, 0o2755, 0)),
            What::Owner {
                uid: ALICE,
                gid: Some(ALICE),
            },
        ),
        change(
            "/home/alice/.ssh/rc",
            Some(node(Kind::File, 0o755, ALICE)),
            What::Remove {
                before: Some(b"exit 1\n".to_vec()),
            },
        ),
        change("/home/carol/.ssh", None, What::MakeDir(made(ALICE, 0o700))),
        change(
            "/home/carol/.ssh/authorized_keys",
            None,
            What::Write {
                before: None,
                after: NEW_KEYS.to_vec(),
                made: made(ALICE, 0o640),
            },
        ),
        change(
            "/home/carol/keys",
            Some(node(Kind::Link(b"nowhere/at all".to_vec()), 0o777, BOB)),
            What::Replace {
                before: None,
                after: b"here\n".to_vec(),
                made: made(ALICE, 0o600),
            },
        ),
        change(
            "/etc/ssh/keys/alice",
            Some(shared),
            What::Replace {
                before: Some(b"shared\n".to_vec()),
                after: b"alone\n".to_vec(),
                made: made(0, 0o644),
            },
        ),
        change(
            "/etc/ssh/sshd_config",
            Some(node(Kind::File, 0o640, 0)),
            What::Write {
                before: Some(OLD_CONFIG.to_vec()),
                after: NEW_CONFIG.to_vec(),
                made: made(0, 0o644),
            },
        ),
    ]
}
