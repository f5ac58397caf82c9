//! `sshwhy fix` in the lab: planned on the tree on disk, applied, planned again, taken back,
//! applied once more; and then the real server is asked.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sshwhy_causes::Safety;
use sshwhy_mend::apply::{Setting, apply};
use sshwhy_mend::{Ask, Plan, plan, undo};
use sshwhy_scenario::{Scene, Spec};
use sshwhy_world::World;

use crate::lab::Predictor;
use crate::predict::{CONFIG, Engine};

/// Where worlds have their files: what lies elsewhere is the host's, below the overlay.
const COMPARED: [&str; 9] = [
    "/etc",
    "/home",
    "/root",
    "/run",
    "/srv",
    "/opt",
    "/mnt",
    "/media",
    "/var/mail",
];

/// Directories of the host that no world has to do with.
const PASSED_OVER: [&str; 3] = ["/root/.cargo", "/root/.rustup", "/root/.cache"];

/// What was not changed for so long is the host's, and known by its times alone.
const RECENT: i64 = 3600;

/// The mender, for one build.
#[derive(Clone, Debug)]
pub struct Fixer {
    /// The build that decides.
    pub engine: Engine,
    /// The server's test of its configuration, if it is to be run.
    pub test: Option<Vec<Vec<u8>>>,
}

/// What came of one world.
#[derive(Clone, Debug, Default)]
pub struct Mended {
    /// Whether the plan said that the login is accepted once it is carried out, and had something
    /// to do.
    pub mended: bool,
    /// Whether the login was accepted before anything was done.
    pub accepted_before: bool,
    /// How many people are to be asked.
    pub asked: usize,
    /// The changes, for messages.
    pub changes: Vec<String>,
    /// What went wrong.
    pub wrong: Vec<String>,
}

impl Fixer {
    pub(crate) fn plan(&self, scene: &Scene) -> Result<(bool, Plan, Option<u32>), String> {
        let world = self.engine.disk(scene)?;
        let before = sshwhy_mend::accepted(&world, CONFIG, &scene.attempt);
        let plan = plan(&Ask {
            world: &world,
            config: CONFIG,
            attempts: std::slice::from_ref(&scene.attempt),
            key_named: true,
            allow_weakening: false,
        });
        let uid = world
            .account(&scene.attempt.user)
            .known()
            .ok()
            .and_then(|a| a.map(|a| a.uid));
        Ok((before, plan, uid))
    }

    fn mend(&self, scene: &Scene, out: &mut Mended) -> Result<(), String> {
        let (before, first, uid) = self.plan(scene)?;
        out.accepted_before = before;
        out.asked = first.ask.len();
        out.changes = first.changes.iter().map(|c| format!("{c:?}")).collect();
        if first.changes.iter().any(|c| c.safety == Safety::Weakens) {
            out.wrong.push("the plan weakens without leave".into());
        }
        if !first.accepts {
            if !first.changes.is_empty() {
                out.wrong.push("changes that do not help".into());
            }
            return Ok(());
        }
        if first.changes.is_empty() {
            return Ok(());
        }
        out.mended = true;
        let mut setting = setting(uid);
        if first.reload.is_some() {
            setting.test.clone_from(&self.test);
        }
        let tree = |what: &str| snapshot().map_err(|e| format!("{what}: {e}"));
        let whole = tree("before")?;
        match apply(&first.changes, &setting) {
            Ok(Some(done)) if done.rests.is_none() && done.skipped.is_empty() => {}
            Ok(other) => out.wrong.push(format!("applied with rests: {other:?}")),
            Err(e) => {
                out.wrong.push(format!("not applied: {e}"));
                return Ok(());
            }
        }
        let mended = tree("after")?;
        let (accepted, second, _) = self.plan(scene)?;
        if !second.changes.is_empty() || !second.accepts {
            out.wrong.push(format!("the second plan: {second:?}"));
        }
        if !accepted {
            out.wrong
                .push("the engine refuses after the mending".into());
        }
        back(&setting)?;
        differences("taken back", &whole, &tree("taken back")?, &mut out.wrong);
        back(&setting)?;
        differences("done again", &mended, &tree("done again")?, &mut out.wrong);
        Ok(())
    }
}

/// How a plan for the account is applied here.
pub(crate) fn setting(uid: Option<u32>) -> Setting {
    let mut setting = Setting::new(Path::new("/"), uid.as_slice());
    setting.store = PathBuf::from("/var/lib/sshwhy");
    setting
}

/// Takes the newest run back, whatever it was.
pub(crate) fn back(setting: &Setting) -> Result<(), String> {
    let store = sshwhy_mend::journal::Store::existing(&setting.store)
        .map_err(|e| e.to_string())?
        .ok_or("no journal")?;
    let newest = undo::runs(&store)
        .map_err(|e| e.to_string())?
        .pop()
        .ok_or("no run")?;
    let look =
        undo::look(&setting.store, &setting.root, Some(&newest.id)).map_err(|e| e.to_string())?;
    if !look.conflicts.is_empty() {
        return Err(format!("conflicts: {:?}", look.conflicts));
    }
    look.carry_out(false).map_err(|e| e.to_string())?;
    Ok(())
}

impl Predictor for Fixer {
    type Output = Mended;

    fn predict(&self, _: &Spec, scene: &Scene) -> Mended {
        let mut out = Mended::default();
        if let Err(why) = self.mend(scene, &mut out) {
            out.wrong.push(why);
        }
        out
    }
}

/// Everything about a file that taking back has to bring back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    mode: u32,
    owner: (u32, u32),
    links: u64,
    pub(crate) modified: (i64, i64),
    content: Vec<u8>,
    attributes: Vec<(Vec<u8>, Vec<u8>)>,
}

pub(crate) type Tree = BTreeMap<PathBuf, Seen>;

/// The directories of a world, with all that is in them.
pub(crate) fn snapshot() -> io::Result<Tree> {
    let mut out = Tree::new();
    let mut todo: Vec<PathBuf> = COMPARED.iter().map(PathBuf::from).collect();
    todo.push(PathBuf::from("/"));
    while let Some(path) = todo.pop() {
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        };
        if meta.is_dir() && path != Path::new("/") {
            for entry in fs::read_dir(&path)? {
                let entry = entry?.path();
                if !PASSED_OVER.iter().any(|p| entry == Path::new(p)) {
                    todo.push(entry);
                }
            }
        }
        out.insert(path.clone(), seen(&path, &meta)?);
    }
    Ok(out)
}

fn seen(path: &Path, meta: &Metadata) -> io::Result<Seen> {
    let content = if meta.is_symlink() {
        fs::read_link(path)?.as_os_str().as_bytes().to_vec()
    } else if meta.is_file() && now() - meta.ctime() < RECENT {
        fs::read(path)?
    } else {
        Vec::new()
    };
    let mut names = vec![0u8; 4096];
    let used = match rustix::fs::llistxattr(path, &mut names) {
        Ok(n) => n,
        Err(rustix::io::Errno::NOTSUP) => 0,
        Err(e) => return Err(e.into()),
    };
    let mut attributes = Vec::new();
    for name in names
        .get(..used)
        .unwrap_or_default()
        .split(|b| *b == 0)
        .filter(|n| !n.is_empty())
    {
        let mut value = vec![0u8; 65536];
        let n = rustix::fs::lgetxattr(path, OsStr::from_bytes(name), &mut value)?;
        value.truncate(n);
        attributes.push((name.to_vec(), value));
    }
    attributes.sort();
    Ok(Seen {
        mode: meta.mode(),
        owner: (meta.uid(), meta.gid()),
        // An overlay counts the links of a directory in its own way.
        links: if meta.is_dir() { 1 } else { meta.nlink() },
        modified: (meta.mtime(), meta.mtime_nsec()),
        content,
        attributes,
    })
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| d.as_secs().cast_signed())
}

fn differences(when: &str, want: &Tree, got: &Tree, wrong: &mut Vec<String>) {
    for path in want
        .keys()
        .chain(got.keys().filter(|p| !want.contains_key(*p)))
    {
        let (a, b) = (want.get(path), got.get(path));
        if a != b {
            wrong.push(format!("{when}: {}: {a:?} is now {b:?}", path.display()));
        }
    }
}
