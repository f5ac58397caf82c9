//! What differs between sshd builds for the configuration. Every test of a version in this crate stands here or in
//! the tables of [`crate::keyword`] and `defaults`; the code elsewhere asks the [`Dialect`].

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::defaults;
use crate::keyword::{Kw, Meaning, ROWS, Row, Scope};

/// An OpenSSH portable version: `9.2p1` is (9, 2, 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// 9 of 9.2p1.
    pub major: u16,
    /// 2 of 9.2p1.
    pub minor: u16,
    /// 1 of 9.2p1.
    pub patch: u16,
}

impl Version {
    /// A version from its numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Version {
            major,
            minor,
            patch,
        }
    }
}

/// Who built it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vendor {
    /// Built from the upstream tree.
    Upstream,
    /// Debian, Ubuntu and what derives from them.
    Debian,
    /// RHEL, Fedora and rebuilds.
    RedHat,
    /// SUSE and openSUSE.
    Suse,
    /// Alpine Linux: no PAM in the default package.
    Alpine,
    /// Arch Linux.
    Arch,
}

/// A set of vendors, for the keyword table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vendors(u8);

impl Vendors {
    /// Everyone.
    pub const ALL: Vendors = Vendors(u8::MAX);
    /// Debian's patches.
    pub const DEBIAN: Vendors = Vendors(2);
    /// Red Hat's patches.
    pub const RED_HAT: Vendors = Vendors(4);
    /// Builds with the GSSAPI key exchange patch.
    pub const GSSAPI_PATCH: Vendors = Vendors(2 | 4 | 8);

    /// Is `vendor` in the set?
    #[must_use]
    pub const fn contains(self, vendor: Vendor) -> bool {
        let bit = match vendor {
            Vendor::Upstream => 1,
            Vendor::Debian => 2,
            Vendor::RedHat => 4,
            Vendor::Suse => 8,
            Vendor::Alpine => 16,
            Vendor::Arch => 32,
        };
        self.0 & bit != 0
    }
}

/// A compile-time feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    /// In every build.
    Always,
    /// `--with-pam`.
    Pam,
    /// `--with-kerberos5`.
    Kerberos,
    /// Kerberos with AFS.
    Afs,
    /// GSSAPI.
    Gssapi,
    /// Not `DISABLE_LASTLOG`.
    Lastlog,
}

/// The compile-time features of one build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Features {
    /// PAM.
    pub pam: bool,
    /// Kerberos 5.
    pub kerberos: bool,
    /// GSSAPI.
    pub gssapi: bool,
    /// Login records in lastlog.
    pub lastlog: bool,
    /// SELinux role in the user name (`user/role`); not a keyword, kept for the caller.
    pub selinux: bool,
    /// `ssh-dss` compiled in.
    pub dsa: bool,
    /// FIDO keys compiled in (`ENABLE_SK`).
    pub security_keys: bool,
    /// ML-DSA composite keys compiled in.
    pub mldsa: bool,
}

impl Features {
    /// Is `feature` compiled in?
    #[must_use]
    pub const fn has(&self, feature: Feature) -> bool {
        match feature {
            Feature::Always => true,
            Feature::Pam => self.pam,
            Feature::Kerberos => self.kerberos,
            Feature::Afs => false,
            Feature::Gssapi => self.gssapi,
            Feature::Lastlog => self.lastlog,
        }
    }
}

/// How the arguments of a line are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokenizer {
    /// 8.6 and older: `strdelim`, only double quotes, `=` separates; in a file a `#` anywhere ends
    /// the line before that (`load_server_config`), on the command line nothing does.
    Strdelim,
    /// 8.7 and newer: `argv_split` with comments.
    ArgvSplit,
}

/// How a Match line is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchGrammar {
    /// 9.8 and older: `strdelim` (`Criterion = arg` works).
    Strdelim,
    /// 9.9p1: `argv_split`, and `Criterion=arg` is not understood.
    ArgvPlain,
    /// 9.9p2 and newer: `argv_split`, with `Criterion=arg` in one word.
    ArgvEquals,
}

/// How `-T` prints keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpCase {
    /// 10.4 and older.
    Lower,
    /// 10.5 and newer.
    Camel,
}

/// Which of several lines counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The first.
    First,
    /// The last.
    Last,
    /// All, one after the other.
    Append,
}

/// Behaviour that changed with versions, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Quirks {
    /// How arguments are cut.
    pub tokenizer: Tokenizer,
    /// How Match lines are read.
    pub match_grammar: MatchGrammar,
    /// `#` ends a Match line (8.7 and newer).
    pub match_comment: bool,
    /// `Match RDomain` (7.7).
    pub match_rdomain: bool,
    /// `Match Invalid-User` (9.9).
    pub match_invalid_user: bool,
    /// 9.9p1: `Match Invalid-User` holds while the daemon reads its globals.
    pub match_invalid_user_static: bool,
    /// `Match Version` (10.0).
    pub match_version: bool,
    /// `Match Address` arguments are checked while reading (8.4).
    pub match_address_checked: bool,
    /// A missing attribute in a test specification means no match (8.1).
    pub list_wildcards: bool,
    /// `-pattern` lists (7.5).
    pub list_remove: bool,
    /// `^list` (8.1).
    pub list_prepend: bool,
    /// CASignatureAlgorithms accepts no certificate names (9.4).
    pub ca_plain_only: bool,
    /// `AllowUsers` and other lists without any argument are refused (9.7).
    pub empty_lists_refused: bool,
    /// `any` is refused where a list was set before, even in another block (8.7 to 9.6).
    pub any_looks_back: bool,
    /// Once a list is set, another AuthenticationMethods line is not read at all (until 8.6).
    pub methods_once: bool,
    /// `none` of AuthorizedKeysFile must stand alone (10.3).
    pub keys_file_none_alone: bool,
    /// `AuthorizedPrincipalsFile none` means no file in a Match block too (seen: not in 10.0, but in 10.6).
    pub principals_none_in_match: bool,
    /// RevokedKeys takes several files (10.3).
    pub revoked_keys_many: bool,
    /// AuthorizedPrincipalsCommand looks at AuthorizedKeysCommand for being set (until 9.3).
    pub principals_command_confused: bool,
    /// A Subsystem named twice is fatal (until 9.4).
    pub subsystem_twice_fatal: bool,
    /// A Subsystem of a Match block ends sshd-auth where there is no global one (seen: in 10.0, not in 10.6; the
    /// code between them changed in 10.5).
    pub subsystem_match_alone_fatal: bool,
    /// Subsystem keeps its quoting (9.5).
    pub subsystem_quoting: bool,
    /// `PermitOpen any` inside a list is refused (9.7).
    pub permit_open_strict: bool,
    /// AllowUsers splits at the last `@` (9.9).
    pub user_at_last: bool,
    /// AuthorizedKeysFile and AuthorizedPrincipalsFile are globs (10.0).
    pub keys_file_glob: bool,
    /// `without-password` is printed as `prohibit-password` (10.1).
    pub prints_prohibit_password: bool,
    /// Old ToS names of IPQoS are ignored (10.1).
    pub ipqos_tos_ignored: bool,
    /// Lines of 4095 bytes and more are refused (until 7.7).
    pub line_limit: Option<usize>,
    /// Times take a fraction of seconds and no sign (10.3).
    pub decimal_times: bool,
    /// How `-T` prints keywords.
    pub dump_case: DumpCase,
    /// PAMServiceName inside Match takes effect.
    pub pam_service_in_match: bool,
}

/// One sshd build, as far as sshd_config goes.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// OpenSSH's version.
    pub version: Version,
    /// Who built it.
    pub vendor: Vendor,
    /// `SSH_RELEASE`, what `Match Version` compares: `OpenSSH_10.0p2`.
    pub release: String,
    /// For messages: `OpenSSH 9.2p1 Debian`.
    pub build: String,
    /// Compiled-in features.
    pub features: Features,
    /// Behaviour.
    pub quirks: Quirks,
    /// The keyword rows of this build.
    pub rows: Vec<Row>,
    /// Where a relative Include is looked up (`SSHDIR`).
    pub ssh_directory: Cow<'static, [u8]>,
    /// Home of the user sshd runs as: `~` in file names.
    pub daemon_home: Cow<'static, [u8]>,
    /// Working directory of the daemon: relative file names of HostKey, Banner and the like.
    pub working_directory: Cow<'static, [u8]>,
    /// TCP services that a port may be named by, of the server's services(5). `None`: nobody looked,
    /// and those that every such file has are taken to be there.
    pub services: Option<crate::scan::Services>,
    /// Default values where a vendor's build differs, by keyword.
    pub defaults: Vec<(Kw, &'static str)>,
    /// Every signature algorithm compiled in, in internal order.
    pub all_key_algorithms: Vec<&'static str>,
    /// The default of PubkeyAcceptedAlgorithms and its siblings.
    pub default_key_algorithms: Vec<&'static str>,
    /// The default of CASignatureAlgorithms (empty before 7.9: there is no such keyword).
    pub default_ca_algorithms: Vec<&'static str>,
}

const fn v(major: u16, minor: u16) -> Version {
    Version::new(major, minor, 0)
}

impl Dialect {
    /// The build `OpenSSH_{major}.{minor}p{patch}` of `vendor`. Versions before 7.4 are taken as 7.4.
    #[must_use]
    pub fn openssh(major: u16, minor: u16, patch: u16, vendor: Vendor) -> Self {
        let version = Version::new(major, minor, patch);
        let since = |major, minor| version >= v(major, minor);
        let features = Features {
            pam: vendor != Vendor::Alpine,
            // Debian moved GSSAPI into a package of its own after 10.0.
            kerberos: matches!(vendor, Vendor::RedHat | Vendor::Suse | Vendor::Arch)
                || vendor == Vendor::Debian && !since(10, 1),
            gssapi: matches!(vendor, Vendor::RedHat | Vendor::Suse | Vendor::Arch)
                || vendor == Vendor::Debian && !since(10, 1),
            lastlog: !matches!(vendor, Vendor::Alpine),
            selinux: matches!(vendor, Vendor::Debian | Vendor::RedHat),
            dsa: !since(9, 8) || !since(10, 0) && vendor == Vendor::Debian,
            security_keys: since(8, 2),
            mldsa: since(10, 4),
        };
        let quirks = Quirks {
            tokenizer: if since(8, 7) {
                Tokenizer::ArgvSplit
            } else {
                Tokenizer::Strdelim
            },
            match_grammar: if !since(9, 9) {
                MatchGrammar::Strdelim
            } else if version < Version::new(9, 9, 2) {
                MatchGrammar::ArgvPlain
            } else {
                MatchGrammar::ArgvEquals
            },
            match_comment: since(8, 7),
            match_rdomain: since(7, 7),
            match_invalid_user: since(9, 9),
            match_invalid_user_static: since(9, 9) && version < Version::new(9, 9, 2),
            match_version: since(10, 0),
            match_address_checked: since(8, 4),
            list_wildcards: since(7, 8),
            list_remove: since(7, 5),
            list_prepend: since(8, 1),
            ca_plain_only: since(9, 4),
            empty_lists_refused: since(9, 7),
            any_looks_back: since(8, 7) && !since(9, 7),
            methods_once: !since(8, 7),
            keys_file_none_alone: since(10, 3),
            principals_none_in_match: since(10, 6),
            revoked_keys_many: since(10, 3),
            principals_command_confused: !since(9, 4),
            subsystem_twice_fatal: !since(9, 5),
            subsystem_quoting: since(9, 5),
            subsystem_match_alone_fatal: since(10, 0) && !since(10, 5),
            permit_open_strict: since(9, 7),
            user_at_last: since(9, 9),
            keys_file_glob: since(10, 0),
            prints_prohibit_password: since(10, 1),
            ipqos_tos_ignored: since(10, 1),
            line_limit: if since(7, 8) { None } else { Some(4095) },
            dump_case: if since(10, 5) {
                DumpCase::Camel
            } else {
                DumpCase::Lower
            },
            decimal_times: since(10, 3),
            pam_service_in_match: !since(10, 4),
        };
        let maker = match vendor {
            Vendor::Upstream => "",
            Vendor::Debian => " Debian",
            Vendor::RedHat => " Red Hat",
            Vendor::Suse => " SUSE",
            Vendor::Alpine => " Alpine",
            Vendor::Arch => " Arch",
        };
        // 10.0p1 calls itself 10.0p2.
        let named_patch = if (major, minor, patch) == (10, 0, 1) {
            2
        } else {
            patch
        };
        Dialect {
            version,
            vendor,
            release: format!("OpenSSH_{major}.{minor}p{named_patch}"),
            build: format!("OpenSSH {major}.{minor}p{patch}{maker}"),
            features,
            quirks,
            rows: ROWS
                .iter()
                .filter(|row| {
                    row.since <= version && version < row.until && row.vendors.contains(vendor)
                })
                .copied()
                .collect(),
            services: None,
            ssh_directory: Cow::Borrowed(b"/etc/ssh"),
            daemon_home: Cow::Borrowed(b"/root"),
            working_directory: Cow::Borrowed(b"/"),
            defaults: defaults::values(version, vendor),
            all_key_algorithms: defaults::all_key_algorithms(version, &features),
            default_key_algorithms: defaults::default_key_algorithms(version, &features),
            default_ca_algorithms: defaults::default_ca_algorithms(version, &features),
        }
    }

    /// The row of a keyword as written, without regard to case.
    #[must_use]
    pub fn row(&self, keyword: &[u8]) -> Option<&Row> {
        self.rows
            .iter()
            .find(|row| row.name.as_bytes().eq_ignore_ascii_case(keyword))
    }

    /// What the keyword means in this build: a feature that is not compiled in makes it `Unsupported`.
    #[must_use]
    pub fn meaning(&self, row: &Row) -> Meaning {
        if self.features.has(row.feature) {
            row.meaning
        } else {
            Meaning::Unsupported
        }
    }

    /// Is there a keyword in this build that sets `kw`?
    #[must_use]
    pub fn knows(&self, kw: Kw) -> bool {
        self.rows
            .iter()
            .any(|row| self.meaning(row) == Meaning::Sets(kw))
    }

    /// The name under which `-T` prints `kw`: the first row that sets it, as `lookup_opcode_name`.
    #[must_use]
    pub fn printed_name(&self, kw: Kw) -> &'static str {
        match self.quirks.dump_case {
            DumpCase::Camel => kw.name(),
            DumpCase::Lower => self
                .rows
                .iter()
                .find(|row| row.meaning == Meaning::Sets(kw))
                .map_or_else(|| kw.name(), |row| row.name),
        }
    }

    /// May `kw` be set by a Match block, and is the value then used?
    #[must_use]
    pub fn matchable(&self, kw: Kw) -> bool {
        if kw == Kw::PAMServiceName && !self.quirks.pam_service_in_match {
            return false;
        }
        self.rows
            .iter()
            .any(|row| row.meaning == Meaning::Sets(kw) && row.scope == Scope::All)
    }

    /// Which of several lines counts.
    #[must_use]
    pub fn policy(&self, kw: Kw) -> Policy {
        let since = |major, minor| self.version >= v(major, minor);
        let last_until = |major, minor| {
            if since(major, minor) {
                Policy::First
            } else {
                Policy::Last
            }
        };
        match kw {
            Kw::Port
            | Kw::ListenAddress
            | Kw::HostKey
            | Kw::HostCertificate
            | Kw::AllowUsers
            | Kw::DenyUsers
            | Kw::AllowGroups
            | Kw::DenyGroups
            | Kw::AcceptEnv
            | Kw::Subsystem
            | Kw::PerSourcePenalties => Policy::Append,
            Kw::FingerprintHash | Kw::StreamLocalBindMask => Policy::Last,
            Kw::MaxStartups | Kw::PerSourceNetBlockSize => last_until(10, 1),
            Kw::PerSourceMaxStartups => last_until(9, 5),
            Kw::IPQoS => last_until(10, 3),
            _ => Policy::First,
        }
    }

    /// The default of `kw` as `-T` would print it, without its keyword; `None` where the default is "not set" or is
    /// a list computed from the build (algorithms).
    #[must_use]
    pub fn default_text(&self, kw: Kw) -> Option<&'static str> {
        self.defaults
            .iter()
            .find(|(key, _)| *key == kw)
            .map(|&(_, text)| text)
    }
}
