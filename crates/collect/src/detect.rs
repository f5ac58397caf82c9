//! Which server it is, without starting it: the package database first, then the binary's text.

use crate::tree::Tree;
use memchr::memmem;
use sshwhy_world::build::Version;
use sshwhy_world::{Build, Errno, Fact, Reader, Software, Vendor};

/// Where servers are installed; the first that exists is the one.
const SSHD: [&str; 6] = [
    "/usr/sbin/sshd",
    "/usr/bin/sshd",
    "/usr/local/sbin/sshd",
    "/usr/local/bin/sshd",
    "/opt/openssh/sbin/sshd",
    "/opt/ssh/sbin/sshd",
];
const DROPBEAR: [&str; 3] = [
    "/usr/sbin/dropbear",
    "/usr/bin/dropbear",
    "/usr/local/sbin/dropbear",
];
/// Where the version stands if the listener's binary has none (9.8 and later).
const SESSION: [&str; 4] = [
    "/usr/lib/openssh/sshd-session",
    "/usr/libexec/openssh/sshd-session",
    "/usr/lib/ssh/sshd-session",
    "/usr/local/libexec/sshd-session",
];
/// A package database is read up to here.
const MAX_DATABASE: usize = 64 << 20;
/// A binary is searched up to here.
const MAX_BINARY: u64 = 64 << 20;

/// os-release(5), as far as it decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Os {
    pub(crate) id: String,
    pub(crate) like: Vec<String>,
    pub(crate) version: String,
}

impl Os {
    pub(crate) fn parse(text: &[u8]) -> Os {
        let mut os = Os::default();
        for line in text.split(|&b| b == b'\n') {
            let line = String::from_utf8_lossy(line.trim_ascii());
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            let value = value.trim_matches(['"', '\'']).to_ascii_lowercase();
            match key {
                "ID" => os.id = value,
                "ID_LIKE" => os.like = value.split_whitespace().map(str::to_owned).collect(),
                "VERSION_ID" => os.version = value,
                _ => {}
            }
        }
        os
    }

    /// Whose patches a packaged server has here.
    pub(crate) fn vendor(&self) -> Vendor {
        let words = std::iter::once(&self.id).chain(&self.like);
        for word in words {
            match word.as_str() {
                "debian" | "ubuntu" | "raspbian" => return Vendor::Debian,
                "rhel" | "fedora" | "centos" | "rocky" | "almalinux" | "ol" | "amzn" => {
                    return Vendor::RedHat;
                }
                "alpine" => return Vendor::Alpine,
                "arch" | "archarm" | "manjaro" => return Vendor::Arch,
                _ => {}
            }
        }
        Vendor::Upstream
    }

    fn is_ubuntu(&self) -> bool {
        self.id == "ubuntu" || self.like.iter().any(|w| w == "ubuntu")
    }
}

/// A version and what follows it: `9.2p1` and `2+deb12u10`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    version: Version,
    text: String,
    revision: String,
}

/// The server of a tree. `running`: the binary that listens now, where that is known.
pub(crate) fn server(tree: &Tree, running: impl FnOnce() -> Option<Vec<u8>>) -> Option<Build> {
    let first = |list: &[&'static str]| list.iter().map(|p| p.as_bytes()).find(|p| tree.exists(p));
    let several = SSHD
        .iter()
        .chain(&DROPBEAR)
        .filter(|p| tree.exists(p.as_bytes()))
        .count()
        > 1;
    let running = if several { running() } else { None };
    let os_release = tree
        .system_file(b"/etc/os-release", 1 << 16)
        .or_else(|| tree.system_file(b"/usr/lib/os-release", 1 << 16))
        .unwrap_or_default();
    let os = Os::parse(&os_release);
    let is_dropbear = |p: &[u8]| p.ends_with(b"dropbear");
    match running.as_deref() {
        Some(p) if is_dropbear(p) => return dropbear(tree, p),
        Some(p) => {
            if let Some(build) = openssh(tree, p, &os) {
                return Some(build);
            }
        }
        None => {}
    }
    if let Some(path) = first(&SSHD) {
        return openssh(tree, path, &os);
    }
    dropbear(tree, first(&DROPBEAR)?)
}

fn openssh(tree: &Tree, path: &[u8], os: &Os) -> Option<Build> {
    let own = path.starts_with(b"/usr/local/") || path.starts_with(b"/opt/");
    if own {
        let found = scan_sshd(tree, path)?;
        let banner = format!("OpenSSH_{}", plain(&found.text));
        return Some(Build::new(
            Software::OpenSsh,
            found.version,
            Vendor::Upstream,
            &banner,
        ));
    }
    if let Some(found) = dpkg(tree, "openssh-server") {
        let who = if os.is_ubuntu() { "Ubuntu" } else { "Debian" };
        let banner = format!("OpenSSH_{} {who}-{}", found.text, found.revision);
        return Some(named(os, found.version, Vendor::Debian, &banner));
    }
    let found = apk(tree)
        .or_else(|| pacman(tree))
        .or_else(|| scan_sshd(tree, path))?;
    let vendor = os.vendor();
    let banner = match vendor {
        Vendor::Debian if !found.revision.is_empty() => {
            format!("OpenSSH_{} {}", found.text, found.revision)
        }
        // Debian's version shows the patch level, everybody else's does not.
        _ => format!("OpenSSH_{}", plain(&found.text)),
    };
    Some(named(os, found.version, vendor, &banner))
}

/// The profile of this release if the version is the same, so that it goes by its usual name.
pub(crate) fn named(os: &Os, version: Version, vendor: Vendor, banner: &str) -> Build {
    let major = os.version.split('.').next().unwrap_or("");
    let redhat = format!("rhel-{major}");
    let names = [
        format!("{}-{}", os.id, os.version),
        if vendor == Vendor::RedHat {
            redhat
        } else {
            String::new()
        },
    ];
    for name in names {
        if let Some(mut build) = Build::profile(&name)
            && (build.version, build.vendor, build.software) == (version, vendor, Software::OpenSsh)
        {
            // 10.0p1 calls itself 10.0p2; the profile's word for the version is the recorded one.
            let own = build.banner.split(' ').next().unwrap_or("").to_owned();
            build.banner = match banner.split_once(' ') {
                Some((_, rest)) => format!("{own} {rest}"),
                None => own,
            };
            return build;
        }
    }
    Build::new(Software::OpenSsh, version, vendor, banner)
}

fn plain(text: &str) -> &str {
    text.split('p').next().unwrap_or(text)
}

fn dropbear(tree: &Tree, path: &[u8]) -> Option<Build> {
    let found = ["dropbear-bin", "dropbear"]
        .iter()
        .find_map(|p| dpkg(tree, p))
        .or_else(|| scan(tree, path, b"dropbear_", dropbear_version))?;
    let banner = format!("dropbear_{}", found.text);
    Some(Build::new(
        Software::Dropbear,
        found.version,
        Vendor::Upstream,
        &banner,
    ))
}

/// `1:9.2p1-2+deb12u10`: epoch, upstream version, revision.
fn debian_version(text: &str) -> Option<Found> {
    let text = text.split_once(':').map_or(text, |(_, rest)| rest);
    let (upstream, revision) = text.rsplit_once('-').unwrap_or((text, ""));
    // 7.9p1+dfsg, 9.2p1~rc1
    let end = upstream.find(['+', '~']).unwrap_or(upstream.len());
    let upstream = upstream.get(..end)?;
    Some(Found {
        version: Version::parse(upstream)?,
        text: upstream.to_owned(),
        revision: revision.to_owned(),
    })
}

fn field<'a>(block: &'a [u8], key: &[u8]) -> Option<&'a str> {
    let line = block
        .split(|&b| b == b'\n')
        .find_map(|l| l.strip_prefix(key))?;
    std::str::from_utf8(line).ok().map(str::trim)
}

/// The block of a database in which a line stands: blocks end with an empty line.
fn block<'a>(data: &'a [u8], line: &[u8]) -> Option<&'a [u8]> {
    for at in memmem::find_iter(data, line) {
        let starts = at == 0 || data.get(at - 1) == Some(&b'\n');
        let ends = matches!(data.get(at + line.len()), None | Some(b'\n' | b'\r'));
        if !(starts && ends) {
            continue;
        }
        let from = memmem::rfind(&data[..at], b"\n\n").map_or(0, |i| i + 2);
        let to = memmem::find(&data[at..], b"\n\n").map_or(data.len(), |i| at + i);
        return data.get(from..to);
    }
    None
}

fn dpkg(tree: &Tree, package: &str) -> Option<Found> {
    let data = tree.system_file(b"/var/lib/dpkg/status", MAX_DATABASE)?;
    let block = block(&data, format!("Package: {package}").as_bytes())?;
    let status = field(block, b"Status:")?;
    // "deinstall ok config-files": only its settings are left.
    if !(status.ends_with(" installed")
        || status.ends_with(" unpacked")
        || status.ends_with(" half-configured"))
    {
        return None;
    }
    debian_version(field(block, b"Version:")?)
}

fn apk(tree: &Tree) -> Option<Found> {
    let data = tree
        .system_file(b"/lib/apk/db/installed", MAX_DATABASE)
        .or_else(|| tree.system_file(b"/usr/lib/apk/db/installed", MAX_DATABASE))?;
    let block = ["P:openssh-server", "P:openssh-server-pam", "P:openssh"]
        .iter()
        .find_map(|line| block(&data, line.as_bytes()))?;
    // V:9.7_p1-r4
    let version = field(block, b"V:")?.replace("_p", "p");
    debian_version(&version)
}

fn pacman(tree: &Tree) -> Option<Found> {
    let names = tree.names(b"/var/lib/pacman/local");
    let name = names.iter().find(|n| {
        n.strip_prefix(b"openssh-")
            .is_some_and(|r| r.first().is_some_and(u8::is_ascii_digit))
    })?;
    debian_version(std::str::from_utf8(name.strip_prefix(b"openssh-")?).ok()?)
}

fn scan_sshd(tree: &Tree, path: &[u8]) -> Option<Found> {
    let own_session = SESSION.iter().map(|p| p.as_bytes());
    std::iter::once(path)
        .chain(own_session)
        .find_map(|p| scan(tree, p, b"OpenSSH_", openssh_version))
}

/// Looks for a version after `mark` in a binary, chunk by chunk.
fn scan(tree: &Tree, path: &[u8], mark: &[u8], parse: fn(&[u8]) -> Option<Found>) -> Option<Found> {
    const AFTER: usize = 96;
    let real = tree.real(path)?;
    let finder = memmem::Finder::new(mark);
    let (mut best, mut total): (Option<Found>, u64) = (None, 0);
    // The end of one chunk is looked at again with the next one.
    let mut tail: Vec<u8> = Vec::new();
    let mut search = |data: &[u8]| {
        for at in finder.find_iter(data) {
            let rest = data.get(at + mark.len()..).unwrap_or_default();
            let rest = rest.get(..AFTER).unwrap_or(rest);
            let text = rest.split(|&b| b == 0).next().unwrap_or_default();
            if let Some(found) = parse(text)
                && best
                    .as_ref()
                    .is_none_or(|b| found.revision.len() > b.revision.len())
            {
                best = Some(found);
            }
        }
    };
    let answer: Fact<Result<(), Errno>> = tree.read(&real, Reader::Root, &mut |chunk| {
        total += chunk.len() as u64;
        tail.extend_from_slice(chunk.get(..AFTER * 2).unwrap_or(chunk));
        search(&tail);
        search(chunk);
        let keep = chunk.len().saturating_sub(AFTER);
        tail = chunk.get(keep..).unwrap_or_default().to_vec();
        total < MAX_BINARY
    });
    matches!(answer, Fact::Known(Ok(())))
        .then_some(best)
        .flatten()
}

/// `9.2p1` or `9.2p1 Debian-2+deb12u10`, to the end of the string. Patterns such as `7.0*` and the
/// bare `9.2` of the banner are not what is looked for.
fn openssh_version(text: &[u8]) -> Option<Found> {
    let text = std::str::from_utf8(text).ok()?;
    let (number, revision) = text.split_once(' ').unwrap_or((text, ""));
    if !number.contains('p') || number.contains(['*', ',']) {
        return None;
    }
    let revision: String = revision
        .chars()
        .take_while(char::is_ascii_graphic)
        .collect();
    let version = Version::parse(number)?;
    Some(Found {
        version,
        text: number.to_owned(),
        revision,
    })
}

fn dropbear_version(text: &[u8]) -> Option<Found> {
    let end = text
        .iter()
        .position(|b| !(b.is_ascii_digit() || *b == b'.'))
        .unwrap_or(text.len());
    let text = std::str::from_utf8(text.get(..end)?).ok()?;
    let version = Version::parse(text)?;
    (version.0 > 0).then(|| Found {
        version,
        text: text.to_owned(),
        revision: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_versions_lose_epoch_and_revision() {
        let v = debian_version("1:9.2p1-2+deb12u10").unwrap();
        assert_eq!(
            (v.version, v.revision.as_str()),
            (Version(9, 2, 1), "2+deb12u10")
        );
        assert_eq!(
            debian_version("1:10.0p1-7+deb13u4").unwrap().version,
            Version(10, 0, 1)
        );
        assert_eq!(
            debian_version("2022.83-1+deb12u3").unwrap().version,
            Version(2022, 83, 0)
        );
        assert_eq!(debian_version("9.9p2-1").unwrap().version, Version(9, 9, 2));
        assert!(debian_version("rubbish").is_none());
    }

    #[test]
    fn the_version_in_a_binary_is_told_from_the_lists_of_old_clients() {
        assert!(openssh_version(b"7.0*,OpenSSH_7.1*").is_none());
        assert!(openssh_version(b"9.2").is_none());
        assert_eq!(openssh_version(b"8.7p1").unwrap().version, Version(8, 7, 1));
        assert_eq!(
            openssh_version(b"9.2p1 Debian-2+deb12u10")
                .unwrap()
                .revision,
            "Debian-2+deb12u10"
        );
    }

    #[test]
    fn derivatives_count_as_what_they_derive_from() {
        let vendor = |t: &str| Os::parse(t.as_bytes()).vendor();
        assert_eq!(
            vendor("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"),
            Vendor::RedHat
        );
        assert_eq!(
            vendor("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
            Vendor::Debian
        );
        assert_eq!(vendor("ID=alpine\n"), Vendor::Alpine);
        assert_eq!(
            vendor("ID=opensuse-leap\nID_LIKE='suse opensuse'\n"),
            Vendor::Upstream
        );
    }
}
