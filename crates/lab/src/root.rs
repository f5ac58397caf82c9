//! A root file system for one world after another, in memory.

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, XattrFlags, makedev, mknodat, setxattr};
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, unmount};
use sshwhy_scenario::{Scene, Spec};
use sshwhy_world::Kind;

use crate::tree;

/// Where the server in place of the system's own lies inside every root. Before 9.8 the program's
/// name is PAM's service too, so it has to be `sshd`.
pub(crate) const OTHER_SSHD: &str = "/usr/lib/sshwhy-lab/sshd";

/// The privilege separation directory of an sshd that nobody told another.
const UPSTREAM_PRIVSEP: &str = "/var/empty";

/// Directories that a private tmpfs can be mounted on; the first that exists is taken.
const PLACES: [&str; 3] = ["/mnt", "/media", "/srv"];

/// Files of a host that would change a verdict and that no world has unless it says so.
const HIDDEN: [&str; 7] = [
    "/etc/nologin",
    "/etc/hosts.allow",
    "/etc/hosts.deny",
    "/etc/gshadow",
    "/etc/krb5.conf",
    "/etc/subuid",
    "/etc/motd",
];

/// The overlay's layers of one worker, in a tmpfs of its own.
pub(crate) struct Roots {
    place: PathBuf,
    lower: PathBuf,
    base: Scene,
    count: u64,
}

/// One world's root; unmounted and removed by [`Roots::drop_root`].
pub(crate) struct Root {
    /// Where it is mounted.
    pub(crate) path: PathBuf,
    layer: PathBuf,
}

fn c(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| io::ErrorKind::InvalidInput.into())
}

fn named(what: &str) -> impl Fn(io::Error) -> io::Error + '_ {
    move |e| io::Error::new(e.kind(), format!("{what}: {e}"))
}

impl Roots {
    /// Makes the layers. The caller is in a private mount name space.
    pub(crate) fn new(
        lower: &Path,
        sshd: Option<&Path>,
        keys: &dyn sshwhy_scenario::KeyMaterial,
    ) -> io::Result<Roots> {
        let place = PLACES
            .iter()
            .map(Path::new)
            .find(|p| p.is_dir() && !lower.starts_with(p))
            .ok_or_else(|| io::Error::other("no directory to mount on"))?
            .to_path_buf();
        // Read before the place is covered.
        let other = sshd
            .map(fs::read)
            .transpose()
            .map_err(named("the other sshd"))?;
        mount(
            "tmpfs",
            &place,
            "tmpfs",
            MountFlags::NOATIME,
            c"mode=0755,size=512m",
        )?;
        for dir in ["base", "proc", "root", "up"] {
            fs::create_dir(place.join(dir))?;
        }
        let base = Spec::new("base")
            .scene(keys)
            .map_err(|p| io::Error::other(format!("the base world: {p:?}")))?;
        let roots = Roots {
            place,
            lower: lower.to_path_buf(),
            base,
            count: 0,
        };
        roots.base_layer(other)?;
        Ok(roots)
    }

    /// The base world and what every Linux has, as a layer between the system's tree and a world.
    fn base_layer(&self, other: Option<Vec<u8>>) -> io::Result<()> {
        let base = self.place.join("base");
        for (path, entry) in &self.base.tree {
            let at = tree::below(&base, path);
            if entry.node.kind != Kind::Dir {
                continue;
            }
            fs::create_dir_all(&at)?;
            fs::set_permissions(&at, PermissionsExt::from_mode(entry.node.mode))?;
            if !entry.given {
                setxattr(&at, c"trusted.overlay.opaque", b"y", XattrFlags::empty())?;
            }
        }
        tree::write(&base, &self.base, None)?;
        for path in HIDDEN {
            let at = tree::below(&base, path.as_bytes());
            mknodat(
                CWD,
                &at,
                FileType::CharacterDevice,
                Mode::empty(),
                makedev(0, 0),
            )?;
        }
        for (name, minor) in [
            ("null", 3),
            ("zero", 5),
            ("full", 7),
            ("random", 8),
            ("urandom", 9),
        ] {
            let at = base.join("dev").join(name);
            mknodat(
                CWD,
                &at,
                FileType::CharacterDevice,
                Mode::from_raw_mode(0o666),
                makedev(1, minor),
            )?;
        }
        let tty = base.join("dev/tty");
        mknodat(
            CWD,
            &tty,
            FileType::CharacterDevice,
            Mode::from_raw_mode(0o666),
            makedev(5, 0),
        )?;
        fs::create_dir_all(base.join("proc"))?;
        if let Some(program) = other {
            let at = tree::below(&base, OTHER_SSHD.as_bytes());
            let beside = at.parent().unwrap_or(&base).to_path_buf();
            for dir in [beside, tree::below(&base, UPSTREAM_PRIVSEP.as_bytes())] {
                fs::create_dir_all(&dir)?;
                fs::set_permissions(&dir, PermissionsExt::from_mode(0o755))?;
            }
            fs::write(&at, program)?;
            fs::set_permissions(&at, PermissionsExt::from_mode(0o755))?;
        }
        Ok(())
    }

    /// Where the first process of the PID name space should mount proc.
    pub(crate) fn proc(&self) -> PathBuf {
        self.place.join("proc")
    }

    /// Where every root is mounted.
    pub(crate) fn mount_point(&self) -> PathBuf {
        self.place.join("root")
    }

    /// The root file system of a scene.
    pub(crate) fn root(&mut self, scene: &Scene) -> io::Result<Root> {
        self.count += 1;
        let layer = self.place.join("up").join(self.count.to_string());
        let (upper, work) = (layer.join("u"), layer.join("w"));
        fs::create_dir(&layer)?;
        fs::create_dir(&upper)?;
        fs::create_dir(&work)?;
        // The upper layer's directory is the root directory of the world.
        fs::set_permissions(&upper, PermissionsExt::from_mode(0o755))?;
        let path = self.mount_point();
        let options = format!(
            "lowerdir={}:{},upperdir={},workdir={}",
            self.place.join("base").display(),
            self.lower.display(),
            upper.display(),
            work.display()
        );
        let options =
            CString::new(options).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        mount(
            "overlay",
            &path,
            "overlay",
            MountFlags::NOATIME,
            options.as_c_str(),
        )
        .map_err(io::Error::from)
        .map_err(named("overlay"))?;
        let root = Root { path, layer };
        let made = mount_bind(c(&self.proc())?, c(&root.path.join("proc"))?)
            .map_err(io::Error::from)
            .and_then(|()| tree::write(&root.path, scene, Some(&self.base)));
        match made {
            Ok(()) => Ok(root),
            Err(e) => {
                let _ = self.drop_root(root);
                Err(e)
            }
        }
    }

    /// Throws a root away.
    pub(crate) fn drop_root(&self, root: Root) -> io::Result<()> {
        let _ = unmount(c(&root.path.join("proc"))?, UnmountFlags::DETACH);
        unmount(c(&root.path)?, UnmountFlags::DETACH)?;
        fs::remove_dir_all(&root.layer)
    }
}

/// A handle on the root directory, to come back from a chroot.
pub(crate) struct Outside(File);

impl Outside {
    /// The root directory as it is now.
    pub(crate) fn here() -> io::Result<Outside> {
        File::open("/").map(Outside)
    }

    /// Goes into a root, for this thread alone.
    pub(crate) fn enter(&self, root: &Path) -> io::Result<()> {
        rustix::process::chroot(root)?;
        Ok(rustix::process::chdir("/")?)
    }

    /// Comes back.
    pub(crate) fn leave(&self) -> io::Result<()> {
        rustix::process::fchdir(&self.0)?;
        Ok(rustix::process::chroot(".")?)
    }
}
