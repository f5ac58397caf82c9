//! sshd builds: version, vendor, and what follows from them, read from the tables in `builds/`.

use alloc::string::String;
use alloc::vec::Vec;

const FEATURES: &str = include_str!("../../../builds/features.txt");
const PROFILES: &str = include_str!("../../../builds/profiles.txt");

/// Which program decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    /// OpenSSH's sshd.
    OpenSsh,
    /// Dropbear.
    Dropbear,
}

/// Who built it; vendors carry patches that change verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// No patches.
    Upstream,
    /// Debian, and Ubuntu which derives from it.
    Debian,
    /// Red Hat, Fedora and their derivatives.
    RedHat,
    /// Alpine: built without PAM.
    Alpine,
    /// Arch.
    Arch,
}

impl Vendor {
    /// The word that the tables in `builds/` use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Vendor::Upstream => "upstream",
            Vendor::Debian => "debian",
            Vendor::RedHat => "redhat",
            Vendor::Alpine => "alpine",
            Vendor::Arch => "arch",
        }
    }

    fn from_word(word: &str) -> Option<Vendor> {
        [
            Vendor::Upstream,
            Vendor::Debian,
            Vendor::RedHat,
            Vendor::Alpine,
            Vendor::Arch,
        ]
        .into_iter()
        .find(|v| v.word() == word)
    }
}

/// A version: 9.2p1 is `(9, 2, 1)`; Dropbear 2022.83 is `(2022, 83, 0)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16, pub u16);

impl Version {
    /// Reads `9.2p1`, `10.0`, `2022.83`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Version> {
        let (major, rest) = text.split_once('.')?;
        let (minor, patch) = match rest.split_once('p') {
            Some((minor, patch)) => (minor, patch.parse().ok()?),
            None => (rest, 0),
        };
        Some(Version(major.parse().ok()?, minor.parse().ok()?, patch))
    }
}

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Behaviour that some builds have and others have not. What each means stands beside
        /// its row in `builds/features.txt`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature { $(#[doc = $word] $name,)* }
        impl Feature {
            const ALL: &[(Feature, &str)] = &[$((Feature::$name, $word),)*];
        }
    };
}

features! {
    UserGroupModes = "user-group-modes",
    TcpWrappers = "tcp-wrappers",
    SelinuxRole = "selinux-role",
    KeysFileFirst = "keys-file-first",
    KeysFileGlob = "keys-file-glob",
    KeyTypeAlgorithms = "key-type-algorithms",
    RsaSha2ListBug = "rsa-sha2-list-bug",
    AlgorithmFirst = "algorithm-first",
    ExactEcdsaCurve = "exact-ecdsa-curve",
    RequiredRsaSize = "required-rsa-size",
    CaSignatureList = "ca-signature-list",
    Dsa = "dsa",
    SkKeys = "sk-keys",
    VerifyRequired = "verify-required",
    Webauthn = "webauthn",
    MlDsa44 = "mldsa44",
    MlDsa44Draft = "mldsa44-draft",
    Xmss = "xmss",
    ShortRsa = "short-rsa",
    TabSeparators = "tab-separators",
    LineLimit = "line-limit",
    ExpiryTime = "expiry-time",
    ExpiryUtc = "expiry-utc",
    PermitListen = "permitlisten",
    NoTouchRequired = "no-touch-required",
    Restrict = "restrict",
    EmptyPrincipalsNo = "empty-principals-no",
    RefusedAtLine = "refused-at-line",
    CertRefusalNamed = "cert-refusal-named",
    OpenErrorLogged = "open-error-logged",
    OpenMissingSilent = "open-missing-silent",
    BadOptionsInfo = "bad-options-info",
    AlgorithmWording = "algorithm-wording",
    AlgorithmWording85 = "algorithm-wording-85",
    PamServiceFixed = "pam-service-fixed",
    PamUserChangeNo = "pam-user-change-no",
    Penalties = "penalties",
    RevokedKeysMany = "revoked-keys-many",
    SessionBinary = "session-binary",
    RefuseConnection = "refuse-connection",
    LockedByExpiry = "locked-by-expiry",
    AllowUserHostCidr = "allow-user-host-cidr",
    SigAlgsConfigured = "sig-algs-configured",
    DropbearSk = "dropbear-sk-keys",
    DropbearSha1 = "dropbear-rsa-sha1",
    DropbearFileMode = "dropbear-file-mode",
}

/// One build of an SSH server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The profile's name (`debian-12`), or one made of version and vendor.
    pub name: String,
    /// The program.
    pub software: Software,
    /// Its version.
    pub version: Version,
    /// Its vendor.
    pub vendor: Vendor,
    /// Software version as the identification string shows it.
    pub banner: String,
    /// The Linux-PAM beside it, where that is known otherwise than by the vendor's release.
    pub pam: Option<Version>,
    features: u64,
}

/// A row of a table: its words, without the comment.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter_map(|line| {
        let line = line.split('#').next().unwrap_or("").trim();
        (!line.is_empty()).then(|| line.split_whitespace().collect())
    })
}

impl Build {
    /// A build of a version by a vendor.
    #[must_use]
    pub fn new(software: Software, version: Version, vendor: Vendor, banner: &str) -> Build {
        let mut features = 0u64;
        // A row without vendors is OpenSSH's, whoever built it.
        let me = match software {
            Software::OpenSsh => vendor.word(),
            Software::Dropbear => "dropbear",
        };
        for row in rows(FEATURES) {
            let [name, since, before, rest @ ..] = row.as_slice() else {
                continue;
            };
            let bound = |word: &str| Version::parse(word);
            let inside = bound(since).is_none_or(|s| version >= s)
                && bound(before).is_none_or(|b| version < b);
            let mine = match rest.first() {
                Some(vendors) => vendors.split(',').any(|v| v == me),
                None => software == Software::OpenSsh,
            };
            if inside
                && mine
                && let Some(i) = Feature::ALL.iter().position(|(_, w)| w == name)
            {
                features |= 1 << i;
            }
        }
        let Version(a, b, c) = version;
        let name = match software {
            Software::OpenSsh => alloc::format!("openssh-{a}.{b}p{c}-{}", vendor.word()),
            Software::Dropbear => alloc::format!("dropbear-{a}.{b}"),
        };
        Build {
            name,
            software,
            version,
            vendor,
            banner: banner.into(),
            pam: None,
            features,
        }
    }

    /// The profile of that name, from `builds/profiles.txt`. `openssh-X.Y[pZ]` and
    /// `dropbear-YYYY.NN` of any version are understood too, as built by nobody but upstream.
    #[must_use]
    pub fn profile(name: &str) -> Option<Build> {
        for row in rows(PROFILES) {
            if let [n, software, version, vendor, banner @ ..] = row.as_slice()
                && *n == name
            {
                let software = match *software {
                    "dropbear" => Software::Dropbear,
                    _ => Software::OpenSsh,
                };
                let version = Version::parse(version)?;
                let vendor = Vendor::from_word(vendor)?;
                let mut build = Build::new(software, version, vendor, &banner.join(" "));
                build.name = name.into();
                return Some(build);
            }
        }
        let (software, version) = match name.split_once('-')? {
            ("openssh", v) => (Software::OpenSsh, Version::parse(v)?),
            ("dropbear", v) => (Software::Dropbear, Version::parse(v)?),
            _ => return None,
        };
        let banner = match software {
            Software::OpenSsh => alloc::format!("OpenSSH_{}.{}", version.0, version.1),
            Software::Dropbear => alloc::format!("dropbear_{}.{}", version.0, version.1),
        };
        let mut build = Build::new(software, version, Vendor::Upstream, &banner);
        build.name = name.into();
        Some(build)
    }

    /// The names of all profiles.
    #[must_use]
    pub fn profiles() -> Vec<&'static str> {
        rows(PROFILES)
            .filter_map(|row| row.first().copied())
            .collect()
    }

    /// Whether this build behaves so.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        Feature::ALL
            .iter()
            .position(|(f, _)| *f == feature)
            .is_some_and(|i| self.features & (1 << i) != 0)
    }

    /// "OpenSSH 9.2p1 (debian)": for messages.
    #[must_use]
    pub fn title(&self) -> String {
        let Version(a, b, c) = self.version;
        match self.software {
            Software::OpenSsh => alloc::format!("OpenSSH {a}.{b}p{c} ({})", self.vendor.word()),
            Software::Dropbear => alloc::format!("Dropbear {a}.{b}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_understood() {
        for row in rows(FEATURES) {
            assert!(row.len() >= 3, "{row:?}");
            assert!(
                Feature::ALL.iter().any(|(_, w)| *w == row[0]),
                "unknown feature {row:?}"
            );
            for bound in &row[1..3] {
                assert!(*bound == "-" || Version::parse(bound).is_some(), "{row:?}");
            }
        }
        for (_, word) in Feature::ALL {
            assert!(
                rows(FEATURES).any(|row| row[0] == *word),
                "{word} has no row"
            );
        }
        for name in Build::profiles() {
            assert!(Build::profile(name).is_some(), "{name}");
        }
        assert!(Feature::ALL.len() <= 64);
    }

    #[test]
    fn a_build_is_more_than_a_version() {
        let debian = Build::profile("debian-12").unwrap();
        let upstream = Build::profile("openssh-9.2").unwrap();
        assert!(debian.has(Feature::UserGroupModes));
        assert!(!upstream.has(Feature::UserGroupModes));
        assert!(!debian.has(Feature::KeysFileGlob));
        assert!(
            Build::profile("debian-13")
                .unwrap()
                .has(Feature::KeysFileGlob)
        );
    }
}
