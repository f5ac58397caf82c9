//! An sshd with its configuration read: what stays the same for every attempt.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::{OnceCell, RefCell};
use sshwhy_authfile::Rules;
use sshwhy_config::{
    CommandLineOption, Config, Criterion, Dialect, FileText, Files, Kw, Services, Vendor,
    glob_match, has_glob_magic,
};
use sshwhy_world::resolve::{join, resolve};
use sshwhy_world::{Build, Cred, Errno, Fact, Reader, Software, Version, World, read_whole};

/// Most bytes of a key file that are held at once, for finding out what became of a key. The
/// search for the key itself has no such limit.
pub const KEY_FILE_LIMIT: usize = 16 << 20;

/// Most bytes of one configuration file.
const CONFIG_LIMIT: usize = 16 << 20;

/// Most bytes of services(5).
const SERVICES_LIMIT: usize = 1 << 20;

/// Stacks of PAM that were read already, by service and type.
type Stacks = BTreeMap<(Vec<u8>, crate::pam::Type), Rc<crate::pam::Stack>>;

/// An sshd with its configuration read.
pub struct Server {
    /// The configuration, problems included.
    pub config: Config,
    /// How this build reads key lines.
    pub rules: Rules,
    /// "OpenSSH 9.2p1 (debian)".
    pub title: String,
    /// The configuration file it was read from.
    pub config_path: Vec<u8>,
    pub(crate) texts: BTreeMap<Vec<u8>, Arc<[u8]>>,
    pub(crate) matches_groups: bool,
    /// Every keyword that some line sets.
    pub(crate) keywords: BTreeSet<Kw>,
    /// "the default of OpenSSH 9.2p1 (debian)".
    pub(crate) default_origin: Vec<u8>,
    pub(crate) index: OnceCell<crate::elsewhere::Index>,
    pub(crate) pam: RefCell<Stacks>,
    /// Default algorithm lists, joined by commas.
    pub(crate) lists: RefCell<BTreeMap<Kw, Rc<[u8]>>>,
    /// Gates that every attempt passes.
    pub(crate) settled: RefCell<Vec<&'static str>>,
}

impl Server {
    /// Reads the configuration at `config_path`, with the options of the running daemon's command
    /// line where those are known.
    #[must_use]
    pub fn read(world: &dyn World, config_path: &[u8]) -> Server {
        let build = world.build();
        let options: Vec<CommandLineOption> = match world.daemon() {
            Fact::Known(Some(daemon)) => daemon
                .options
                .iter()
                .map(|o| CommandLineOption::Set(o.clone()))
                .collect(),
            _ => Vec::new(),
        };
        let files = WorldFiles {
            world,
            texts: RefCell::new(BTreeMap::new()),
        };
        let services = services(world);
        let mut rules = rules(build);
        rules.services = services
            .as_ref()
            .map(|all| all.iter().map(|(name, _)| name.clone()).collect());
        let mut dialect = dialect(build);
        dialect.services = services;
        let config = match build.software {
            Software::OpenSsh => Config::parse(&files, config_path, &dialect, &options),
            Software::Dropbear => Config::parse(&DropbearFiles, config_path, &dialect, &[]),
        };
        let matches_groups = config
            .blocks()
            .iter()
            .flat_map(|b| &b.criteria)
            .any(|c| matches!(c, Criterion::Group(_)));
        let keywords = config.lines().iter().map(|l| l.kw).collect();
        Server {
            config,
            rules,
            title: build.title(),
            config_path: config_path.to_vec(),
            texts: files.texts.into_inner(),
            matches_groups,
            keywords,
            default_origin: alloc::format!("the default of {}", build.title()).into_bytes(),
            index: OnceCell::new(),
            pam: RefCell::new(BTreeMap::new()),
            lists: RefCell::new(BTreeMap::new()),
            settled: RefCell::new(Vec::new()),
        }
    }

    /// Whether `user@host` patterns are split at the last `@`.
    pub(crate) fn user_pattern_at_last(&self) -> bool {
        self.config.dialect().quirks.user_at_last
    }

    /// A line of a configuration file, without its end.
    pub(crate) fn config_line(&self, file: &[u8], line: u32) -> Option<&[u8]> {
        let n = usize::try_from(line).ok()?.checked_sub(1)?;
        let raw = self.texts.get(file)?.split(|&b| b == b'\n').nth(n)?;
        Some(raw.strip_suffix(b"\r").unwrap_or(raw))
    }
}

fn dialect(build: &Build) -> Dialect {
    let vendor = match build.vendor {
        sshwhy_world::Vendor::Upstream => Vendor::Upstream,
        sshwhy_world::Vendor::Debian => Vendor::Debian,
        sshwhy_world::Vendor::RedHat => Vendor::RedHat,
        sshwhy_world::Vendor::Alpine => Vendor::Alpine,
        sshwhy_world::Vendor::Arch => Vendor::Arch,
    };
    let Version(major, minor, patch) = match build.software {
        Software::OpenSsh => build.version,
        Software::Dropbear => Version(9, 2, 1),
    };
    Dialect::openssh(major, minor, patch, vendor)
}

fn rules(build: &Build) -> Rules {
    let Version(major, minor, _) = build.version;
    match build.software {
        Software::OpenSsh => Rules::openssh(major, minor),
        Software::Dropbear => Rules::dropbear(major, minor),
    }
}

/// What getservbyname(3) finds of TCP: name, port and other names. A small system has no such
/// file, and then no port can be given by name. `None`: nobody looked.
fn services(world: &dyn World) -> Option<Services> {
    let real = match resolve(world, b"/etc/services", None) {
        Ok(Ok(r)) => r.real,
        Ok(Err(_)) => return Some(Services::new()),
        Err(_) => return None,
    };
    let text = match read_whole(world, &real, Reader::Root, SERVICES_LIMIT) {
        Fact::Known(Ok(text)) => text,
        Fact::Known(Err(_)) => return Some(Services::new()),
        Fact::Unknown(_) => return None,
    };
    let mut out = Services::new();
    for line in text.split(|&b| b == b'\n') {
        let line = line.split(|&b| b == b'#').next().unwrap_or_default();
        let mut words = line
            .split(u8::is_ascii_whitespace)
            .filter(|w| !w.is_empty());
        let (Some(name), Some(port)) = (words.next(), words.next()) else {
            continue;
        };
        let Some(port) = port.strip_suffix(b"/tcp") else {
            continue;
        };
        let Some(port) = core::str::from_utf8(port).ok().and_then(|p| p.parse().ok()) else {
            continue;
        };
        out.extend(
            core::iter::once(name)
                .chain(words)
                .map(|w| (w.to_vec(), port)),
        );
    }
    Some(out)
}

/// The files of a world as the configuration reader wants them: read by root.
struct WorldFiles<'w> {
    world: &'w dyn World,
    texts: RefCell<BTreeMap<Vec<u8>, Arc<[u8]>>>,
}

impl Files for WorldFiles<'_> {
    fn read(&self, path: &[u8]) -> FileText {
        let resolved = match resolve(self.world, path, None) {
            Ok(Ok(r)) => r,
            Ok(Err(stop)) if stop.errno == Errno::NotFound => return FileText::Missing,
            Ok(Err(stop)) => return FileText::Unreadable(errno_number(stop.errno)),
            Err(_) => return FileText::NotLooked,
        };
        // fopen(3) opens a directory, and getline(3) finds nothing in it.
        if resolved.node.is_dir() {
            return FileText::Text(Arc::from(&b""[..]));
        }
        match read_whole(self.world, &resolved.real, Reader::Root, CONFIG_LIMIT) {
            Fact::Known(Ok(text)) => {
                let text: Arc<[u8]> = Arc::from(text);
                self.texts
                    .borrow_mut()
                    .insert(path.to_vec(), Arc::clone(&text));
                FileText::Text(text)
            }
            Fact::Known(Err(Errno::NotFound)) => FileText::Missing,
            Fact::Known(Err(errno)) => FileText::Unreadable(errno_number(errno)),
            Fact::Unknown(_) => FileText::NotLooked,
        }
    }

    fn glob(&self, pattern: &[u8]) -> Vec<Vec<u8>> {
        glob(self.world, pattern, None)
    }
}

/// Dropbear has no configuration file. What it is built to do, in the words of one, is what the
/// gates that both servers share ask for.
struct DropbearFiles;

impl Files for DropbearFiles {
    fn read(&self, _path: &[u8]) -> FileText {
        FileText::Text(Arc::from(
            &b"AuthorizedKeysFile .ssh/authorized_keys\nUsePAM no\n"[..],
        ))
    }

    fn glob(&self, _pattern: &[u8]) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

fn errno_number(errno: Errno) -> i32 {
    match errno {
        Errno::NotFound => 2,
        Errno::Denied => 13,
        Errno::NotDir => 20,
        Errno::IsDir => 21,
        Errno::NotRegular => 22,
        Errno::NameTooLong => 36,
        Errno::Loop => 40,
        Errno::Other(n) => n,
    }
}

/// Most paths that a pattern may stand for on its way, and most directories that it may list.
const MOST_PATHS: usize = 1 << 14;

/// glob(3) of an absolute pattern over a world, sorted. Links that lead back up make a deep pattern
/// stand for a number of paths without bound: past [`MOST_PATHS`] the rest is left out. With `cred`, directories must be readable
/// and searchable by it.
pub(crate) fn glob(world: &dyn World, pattern: &[u8], cred: Option<&Cred>) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = alloc::vec![b"/".to_vec()];
    for part in pattern.split(|&b| b == b'/').filter(|p| !p.is_empty()) {
        let mut next = Vec::new();
        for dir in found {
            if next.len() >= MOST_PATHS {
                break;
            }
            if !has_glob_magic(part) {
                next.push(join(&dir, part));
                continue;
            }
            let Ok(Ok(resolved)) = resolve(world, &dir, cred) else {
                continue;
            };
            if cred.is_some_and(|c| !c.may(&resolved.node, sshwhy_world::access::READ)) {
                continue;
            }
            let Fact::Known(Ok(names)) = world.list(&resolved.real) else {
                continue;
            };
            next.extend(
                names
                    .iter()
                    .filter(|n| glob_match(part, n))
                    .map(|n| join(&dir, n)),
            );
        }
        found = next;
    }
    found.retain(|path| matches!(resolve(world, path, cred), Ok(Ok(_))));
    found.sort();
    found
}
