//! Root file systems with other servers, fetched into a cache outside the checkout.
//!
//! Each Debian suite becomes a directory that an overlay can lie on: the packages of an SSH
//! server and what they depend on, downloaded by apt with a state of its own and unpacked without
//! being installed. The mirrors are those that this machine's own apt uses. Nothing of the host
//! is changed.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sshwhy_world::build::Version;
use sshwhy_world::{Build, Software, Vendor};

/// A Debian suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Its code name.
    pub name: &'static str,
    /// The profile of its OpenSSH.
    pub profile: &'static str,
    /// A disagreement there fails a run. The newest one moves, and only reports.
    pub gate: bool,
    /// It has security updates in an archive of their own.
    security: bool,
}

/// The suites, oldest first.
pub const SUITES: [Suite; 4] = [
    Suite {
        name: "bullseye",
        profile: "debian-11",
        gate: true,
        security: true,
    },
    Suite {
        name: "bookworm",
        profile: "debian-12",
        gate: true,
        security: true,
    },
    Suite {
        name: "trixie",
        profile: "debian-13",
        gate: true,
        security: true,
    },
    Suite {
        name: "sid",
        profile: "debian-sid",
        gate: false,
        security: false,
    },
];

/// What a root holds: the servers, the clients, and what a login needs.
const PACKAGES: [&str; 10] = [
    "openssh-server",
    "openssh-client",
    "dropbear-bin",
    "putty-tools",
    "passwd",
    "login",
    "coreutils",
    "bash",
    "dash",
    "libpam-modules",
];

/// What the unpatched OpenSSH is built with.
const BUILD_PACKAGES: [&str; 8] = [
    "gcc",
    "make",
    "libc6-dev",
    "libssl-dev",
    "zlib1g-dev",
    "libpam0g-dev",
    "dash",
    "coreutils",
];
const BUILD_TOOLS: [&str; 5] = ["sed", "grep", "mawk", "tar", "gzip"];

/// The suite whose source package is built without Debian's patches.
const UPSTREAM_SUITE: &str = "bookworm";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// `$SSHWHY_LAB_CACHE`, or `sshwhy/lab` below the user's cache directory.
#[must_use]
pub fn cache() -> PathBuf {
    let var = |name| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    var("SSHWHY_LAB_CACHE").unwrap_or_else(|| {
        let base = var("XDG_CACHE_HOME")
            .unwrap_or_else(|| var("HOME").unwrap_or_else(|| "/root".into()).join(".cache"));
        base.join("sshwhy/lab")
    })
}

impl Suite {
    fn dir(&self) -> PathBuf {
        cache().join(self.name)
    }

    /// The unpacked root; `None` until it was fetched.
    #[must_use]
    pub fn root(&self) -> Option<PathBuf> {
        let dir = self.dir();
        dir.join("versions").is_file().then(|| dir.join("root"))
    }

    /// The version of a package in the fetched root, without its epoch.
    fn version(&self, package: &str) -> Option<String> {
        let text = fs::read_to_string(self.dir().join("versions")).ok()?;
        let line = text
            .lines()
            .find_map(|l| l.strip_prefix(package)?.strip_prefix(' '))?;
        Some(line.rsplit(':').next().unwrap_or(line).to_string())
    }

    /// Its OpenSSH.
    #[must_use]
    pub fn openssh(&self) -> Option<Build> {
        let text = self.version("openssh-server")?;
        let profile = Build::profile(self.profile)?;
        let (upstream, revision) = text.split_once('-')?;
        let version = Version::parse(upstream)?;
        if version == profile.version {
            return Some(profile);
        }
        let banner = format!("OpenSSH_{upstream} Debian-{revision}");
        let mut build = Build::new(Software::OpenSsh, version, Vendor::Debian, &banner);
        build.name = self.profile.into();
        Some(build)
    }

    /// Its Dropbear.
    #[must_use]
    pub fn dropbear(&self) -> Option<Build> {
        let text = self.version("dropbear-bin")?;
        Build::profile(&format!("dropbear-{}", text.split('-').next()?))
    }
}

/// The unpatched sshd that was built, with the root it runs in and its profile.
#[must_use]
pub fn upstream() -> Option<(PathBuf, PathBuf, Build)> {
    let sshd = cache().join("upstream/sshd");
    let suite = SUITES.iter().find(|s| s.name == UPSTREAM_SUITE)?;
    let text = fs::read_to_string(cache().join("upstream/version")).ok()?;
    let version = Version::parse(text.trim().split('-').next()?)?;
    let mut build = Build::profile(&format!("openssh-{}.{}", version.0, version.1))?;
    // It runs with the suite's PAM.
    let pam = suite.version("libpam-modules");
    build.pam = pam.and_then(|v| {
        let mut parts = v.split(['.', '-']).map(str::parse);
        Some(Version(parts.next()?.ok()?, parts.next()?.ok()?, 0))
    });
    (sshd.is_file()).then_some((sshd, suite.root()?, build))
}

/// Whether every server is in the cache.
#[must_use]
pub fn is_whole() -> bool {
    SUITES.iter().all(|s| s.root().is_some()) && upstream().is_some()
}

/// Keeps others from changing the cache as long as it lives.
fn lock() -> Result<fs::File, String> {
    let path = cache().join("lock");
    let file = fs::File::create(&path).and_then(|f| f.lock().map(|()| f));
    file.map_err(|e| format!("{}: {e}", path.display()))
}

/// Fetches what is missing. `say` gets one line about each thing.
///
/// # Errors
/// apt is missing, or not one suite could be had.
pub fn run(refresh: bool, with_upstream: bool, say: &(dyn Fn(&str) + Sync)) -> Result<(), String> {
    let mirrors = Mirrors::of_this_machine()?;
    fs::create_dir_all(cache()).map_err(|e| format!("{}: {e}", cache().display()))?;
    let _lock = lock()?;
    let results: Vec<(Suite, Result<bool, String>)> = std::thread::scope(|scope| {
        let running: Vec<_> = SUITES
            .iter()
            .map(|suite| {
                let mirrors = &mirrors;
                (*suite, scope.spawn(move || fetch(suite, mirrors, refresh)))
            })
            .collect();
        let join = |(s, t): (Suite, std::thread::ScopedJoinHandle<'_, _>)| {
            (
                s,
                t.join()
                    .unwrap_or_else(|_| Err("the thread that fetched it panicked".into())),
            )
        };
        running.into_iter().map(join).collect()
    });
    let mut there = 0;
    for (suite, result) in &results {
        match result {
            Ok(new) => {
                there += 1;
                let what = if *new { "fetched" } else { "is there" };
                let of = |p| suite.version(p).unwrap_or_default();
                say(&format!(
                    "{} {what}: OpenSSH {}, Dropbear {}, PuTTY {}",
                    suite.name,
                    of("openssh-server"),
                    of("dropbear-bin"),
                    of("putty-tools"),
                ));
            }
            Err(why) => say(&format!("SKIPPED: suite {}: {why}", suite.name)),
        }
    }
    if there == 0 {
        return Err("no suite could be fetched".into());
    }
    if let Some(suite) = SUITES.iter().find(|s| s.name == UPSTREAM_SUITE) {
        match crate::policy::fetch(suite, &mirrors, refresh) {
            Ok(new) => {
                let what = if new { "built" } else { "is there" };
                say(&format!("SELinux policy of {} {what}", suite.name));
            }
            Err(why) => say(&format!("SKIPPED: SELinux policy: {why}")),
        }
    }
    if with_upstream {
        match build_upstream(&mirrors, refresh) {
            Ok(version) => say(&format!("upstream {version}, without Debian's patches")),
            Err(why) => say(&format!("SKIPPED: upstream build: {why}")),
        }
    }
    Ok(())
}

/// Where this machine's apt gets Debian from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mirrors {
    main: String,
    security: Option<String>,
}

impl Mirrors {
    fn of_this_machine() -> Result<Mirrors, String> {
        let mut texts = vec![fs::read_to_string("/etc/apt/sources.list").unwrap_or_default()];
        let mut names: Vec<PathBuf> = fs::read_dir("/etc/apt/sources.list.d")
            .map(|d| d.flatten().map(|e| e.path()).collect())
            .unwrap_or_default();
        names.sort();
        texts.extend(names.iter().filter_map(|n| fs::read_to_string(n).ok()));
        Mirrors::of(&texts.join("\n")).ok_or_else(|| {
            "this machine's apt knows no Debian mirror (no URI ends in /debian)".into()
        })
    }

    /// From lines of sources.list(5), of either form.
    fn of(text: &str) -> Option<Mirrors> {
        let mut main = None;
        let mut security = None;
        for line in text.lines() {
            let line = line.trim();
            if !(line.starts_with("deb ") || line.starts_with("URIs:")) {
                continue;
            }
            for uri in line.split_whitespace().filter(|w| w.contains(":/")) {
                let end = uri.trim_end_matches('/').trim_end_matches(".list");
                match end.rsplit('/').next() {
                    Some("debian") => main.get_or_insert(uri.to_string()),
                    Some("debian-security" | "security.debian.org") => {
                        security.get_or_insert(uri.to_string())
                    }
                    _ => continue,
                };
            }
        }
        Some(Mirrors {
            main: main?,
            security,
        })
    }
}

/// An apt with a state of its own, in a directory.
pub(crate) struct Apt {
    config: PathBuf,
    archives: PathBuf,
}

impl Apt {
    pub(crate) fn new(
        dir: &Path,
        suite: &Suite,
        mirrors: &Mirrors,
        source: bool,
    ) -> io::Result<Apt> {
        for sub in [
            "etc",
            "state/lists/partial",
            "cache/archives/partial",
            "root",
        ] {
            fs::create_dir_all(dir.join(sub))?;
        }
        fs::write(dir.join("state/status"), "")?;
        let mut list = String::new();
        let mut line = |kind: &str, uri: &str, suite: &str| {
            let _ = writeln!(list, "{kind} [signed-by={KEYRING}] {uri} {suite} main");
        };
        line("deb", &mirrors.main, suite.name);
        if source {
            line("deb-src", &mirrors.main, suite.name);
        }
        if let Some(uri) = mirrors.security.as_ref().filter(|_| suite.security) {
            line("deb", uri, &format!("{}-security", suite.name));
        }
        fs::write(dir.join("etc/sources.list"), list)?;
        let at = |sub: &str| dir.join(sub).display().to_string();
        let config = format!(
            "Dir::Etc::sourcelist \"{}\";\nDir::Etc::sourceparts \"-\";\n\
             Dir::Etc::preferences \"-\";\nDir::Etc::preferencesparts \"-\";\n\
             Dir::State \"{}\";\nDir::State::status \"{}\";\nDir::Cache \"{}\";\n\
             Dir::Cache::archives \"{}\";\n\
             APT::Sandbox::User \"root\";\nAcquire::Languages \"none\";\n\
             Acquire::Retries \"2\";\nAPT::Update::Post-Invoke {{}};\n\
             Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n",
            at("etc/sources.list"),
            at("state"),
            at("state/status"),
            at("cache"),
            at("cache/archives"),
        );
        let path = dir.join("etc/apt.conf");
        fs::write(&path, config)?;
        Ok(Apt {
            config: path,
            archives: dir.join("cache/archives"),
        })
    }

    fn run(&self, words: &[&str], dir: &Path) -> Result<(), String> {
        let mut command = Command::new("apt-get");
        command
            .env("APT_CONFIG", &self.config)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
            .arg("-qq")
            .args(words)
            .current_dir(dir)
            .stdin(Stdio::null());
        let out = command.output().map_err(|e| format!("apt-get: {e}"))?;
        if out.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&out.stderr);
        let mut lines = text.lines().filter(|l| l.starts_with("E:"));
        let why = lines.next().unwrap_or("it gave no reason").to_string();
        Err(format!("apt-get {}: {why}", words.join(" ")))
    }

    /// Downloads packages with all that they depend on.
    pub(crate) fn download(&self, packages: &[&str], dir: &Path) -> Result<(), String> {
        self.run(&["update"], dir)?;
        let mut words = vec![
            "-y",
            "--no-install-recommends",
            "--download-only",
            "install",
        ];
        words.extend(packages);
        self.run(&words, dir)
    }

    /// Unpacks all that was downloaded; names and versions, one a line.
    pub(crate) fn unpack(&self, root: &Path) -> Result<String, String> {
        let io = |e: io::Error| format!("{}: {e}", root.display());
        for dir in ["bin", "sbin", "lib", "lib64"] {
            fs::create_dir_all(root.join("usr").join(dir)).map_err(io)?;
            symlink(format!("usr/{dir}"), root.join(dir)).map_err(io)?;
        }
        let mut debs: Vec<PathBuf> = fs::read_dir(&self.archives)
            .map_err(io)?
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == "deb"))
            .collect();
        debs.sort();
        let mut versions = String::new();
        for deb in &debs {
            unpack_one(deb, root)?;
            let name = deb
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .replace("%3a", ":");
            let mut words = name.split('_');
            if let (Some(package), Some(version)) = (words.next(), words.next()) {
                let _ = writeln!(versions, "{package} {version}");
            }
        }
        // What maintainer scripts would have made.
        for (path, target) in [("usr/bin/sh", "dash"), ("var/run", "/run")] {
            let at = root.join(path);
            let found = fs::symlink_metadata(&at);
            if found.as_ref().is_ok_and(|f| f.is_symlink() || f.is_file()) {
                continue;
            }
            // base-files ships /var/run as a directory, and its script makes the link.
            remove(&at).map_err(io)?;
            fs::create_dir_all(at.parent().unwrap_or(root)).map_err(io)?;
            symlink(target, &at).map_err(io)?;
        }
        Ok(versions)
    }
}

fn unpack_one(deb: &Path, root: &Path) -> Result<(), String> {
    let io = |e: io::Error| format!("{}: {e}", deb.display());
    let mut from = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(deb)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(io)?;
    let tar = from.stdout.take().ok_or("no pipe")?;
    let status = Command::new("tar")
        .args(["-x", "--keep-directory-symlink", "-p", "-f", "-", "-C"])
        .arg(root)
        .args(
            ["./usr/share/doc", "./usr/share/man", "./usr/share/locale"]
                .map(|d| format!("--exclude={d}")),
        )
        .stdin(tar)
        .status()
        .map_err(io)?;
    let first = from.wait().map_err(io)?;
    if first.success() && status.success() {
        Ok(())
    } else {
        Err(format!("{} could not be unpacked", deb.display()))
    }
}

/// Fetches a suite unless it is there; whether it was fetched.
fn fetch(suite: &Suite, mirrors: &Mirrors, refresh: bool) -> Result<bool, String> {
    if suite.root().is_some() && !refresh {
        return Ok(false);
    }
    let io = |e: io::Error| e.to_string();
    let new = cache().join(format!("{}.new", suite.name));
    remove(&new).map_err(io)?;
    let apt = Apt::new(&new, suite, mirrors, false).map_err(io)?;
    apt.download(&PACKAGES, &new)?;
    let versions = apt.unpack(&new.join("root"))?;
    for left in ["cache", "state", "etc"] {
        remove(&new.join(left)).map_err(io)?;
    }
    // Written last: with it the root is whole.
    fs::write(new.join("versions"), versions).map_err(io)?;
    remove(&suite.dir()).map_err(io)?;
    fs::rename(&new, suite.dir()).map_err(io)?;
    Ok(true)
}

pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Builds the upstream tarball of Debian's source package as it is, in a root of its own.
fn build_upstream(mirrors: &Mirrors, refresh: bool) -> Result<String, String> {
    let dir = cache().join("upstream");
    let version = || fs::read_to_string(dir.join("version")).map(|v| v.trim().to_string());
    if !refresh
        && dir.join("sshd").is_file()
        && let Ok(version) = version()
    {
        return Ok(format!("{version} is there"));
    }
    let io = |e: io::Error| e.to_string();
    let suite = SUITES
        .iter()
        .find(|s| s.name == UPSTREAM_SUITE)
        .ok_or("the suite of the sources is none that is known")?;
    let work = cache().join("upstream.new");
    remove(&work).map_err(io)?;
    let apt = Apt::new(&work, suite, mirrors, true).map_err(io)?;
    let packages: Vec<&str> = BUILD_PACKAGES.into_iter().chain(BUILD_TOOLS).collect();
    apt.download(&packages, &work)?;
    let root = work.join("root");
    apt.unpack(&root)?;
    let src = root.join("src");
    fs::create_dir_all(&src).map_err(io)?;
    apt.run(
        &["source", "--download-only", "--tar-only", "openssh"],
        &src,
    )?;
    let tarball = fs::read_dir(&src)
        .map_err(io)?
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .find(|n| n.starts_with("openssh_") && n.contains(".orig.tar."))
        .filter(|n| !n.ends_with(".asc"))
        .ok_or("no upstream tarball came")?;
    let version = tarball
        .strip_prefix("openssh_")
        .and_then(|t| t.split(".orig").next())
        .and_then(|v| v.rsplit(':').next())
        .unwrap_or_default()
        .to_string();
    let script = format!(
        "set -e; cd /src; umask 0; mknod /dev/null c 1 3; mknod /dev/urandom c 1 9; umask 022\n\
         ln -sf mawk /usr/bin/awk; mkdir -p /tmp; chmod 1777 /tmp\n\
         tar -xf {tarball} --one-top-level=tree --strip-components=1; cd tree\n\
         ./configure --prefix=/usr --sysconfdir=/etc/ssh --libexecdir=/usr/lib/openssh \
           --with-pam --with-pid-dir=/run >/src/log 2>&1\n\
         make -j{} sshd >>/src/log 2>&1\n",
        std::thread::available_parallelism().map_or(2, usize::from)
    );
    fs::create_dir_all(root.join("dev")).map_err(io)?;
    fs::create_dir_all(root.join("proc")).map_err(io)?;
    let status = Command::new("unshare")
        .args([
            "--mount",
            "--pid",
            "--net",
            "--fork",
            "--kill-child",
            "chroot",
        ])
        .arg(&root)
        .args(["/bin/sh", "-c", &script])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .status()
        .map_err(|e| format!("unshare: {e}"))?;
    if !status.success() {
        return Err(format!(
            "it does not build: see {}",
            root.join("src/log").display()
        ));
    }
    fs::create_dir_all(&dir).map_err(io)?;
    fs::copy(src.join("tree/sshd"), dir.join("sshd")).map_err(io)?;
    fs::write(dir.join("version"), format!("{version}\n")).map_err(io)?;
    remove(&work).map_err(io)?;
    Ok(format!("{version} built"))
}

#[cfg(test)]
mod tests {
    use super::Mirrors;

    #[test]
    fn mirrors_are_read_from_both_forms_of_sources() {
        let old = "# deb http://no/debian x main\ndeb http://a.example/debian bookworm main\n\
                   deb [arch=amd64] http://a.example/debian-security bookworm-security main\n";
        let m = Mirrors::of(old).unwrap();
        assert_eq!(m.main, "http://a.example/debian");
        assert_eq!(
            m.security.as_deref(),
            Some("http://a.example/debian-security")
        );
        let new = "Types: deb\nURIs: https://b.example/x/debian/\nSuites: trixie\n";
        let m = Mirrors::of(new).unwrap();
        assert_eq!(
            (m.main.as_str(), m.security),
            ("https://b.example/x/debian/", None)
        );
        assert!(Mirrors::of("deb http://archive.example/ubuntu noble main\n").is_none());
    }
}
