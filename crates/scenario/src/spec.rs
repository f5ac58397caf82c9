//! One world line each, typed; and all of a case together.

use crate::content::Content;
use crate::expect::{BuildMatch, Expectation, Verdict};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};
use sshwhy_keys::SigAlg;
use sshwhy_world::{Build, MacMode};

/// One case: what differs from the base world, who tries, and what must come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// For messages: the cause and the case's heading, or a seed.
    pub name: String,
    /// Profile of the build that decides in memory: `debian-12`.
    pub build: String,
    /// Changes to the base world, each with its line (0 where there is no file).
    pub changes: Vec<(u32, Change)>,
    /// The attempt.
    pub attempt: AttemptSpec,
    /// What is asked of the session once it is open.
    pub session: Session,
    /// What must come out where no [`Spec::expect_on`] fits.
    pub expect: Option<Expectation>,
    /// What must come out on some builds; the first that fits counts.
    pub expect_on: Vec<(Vec<BuildMatch>, Expectation)>,
    /// Lines that a real sshd must log at DEBUG3: literal text with `{name}` for any text. With
    /// builds before it, only those must.
    pub log: Vec<(Vec<BuildMatch>, String)>,
    /// Why no real server can be put into this world. `None`: one can.
    pub memory_only: Option<String>,
    /// Arguments of a Dropbear in place of a configuration file.
    pub dropbear: Option<Vec<u8>>,
}

impl Spec {
    /// The base world, unchanged, and nothing expected.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Spec {
            name: name.to_string(),
            build: "debian-12".to_string(),
            changes: Vec::new(),
            attempt: AttemptSpec::default(),
            session: Session::Exec(b"true".to_vec()),
            expect: None,
            expect_on: Vec::new(),
            log: Vec::new(),
            memory_only: None,
            dropbear: None,
        }
    }

    /// What must come out on a build.
    #[must_use]
    pub fn expectation(&self, build: &Build) -> Option<&Expectation> {
        let on =
            |(builds, _): &&(Vec<BuildMatch>, Expectation)| builds.iter().any(|m| m.matches(build));
        self.expect_on
            .iter()
            .find(on)
            .map(|(_, e)| e)
            .or(self.expect.as_ref())
    }

    /// The log lines that a build must write.
    pub fn logs_of<'a>(&'a self, build: &'a Build) -> impl Iterator<Item = &'a str> {
        self.log
            .iter()
            .filter(|(on, _)| on.is_empty() || on.iter().any(|m| m.matches(build)))
            .map(|(_, line)| line.as_str())
    }

    /// Whether a refusal is expected in general.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.expect
            .as_ref()
            .is_some_and(|e| e.verdict == Verdict::Refuse)
    }
}

/// Who tries to log in, with what, from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptSpec {
    /// The user name.
    pub user: Vec<u8>,
    /// Name of the key: `ed25519`, or a certificate's with `-cert`. `None`: no key is offered.
    pub key: Option<String>,
    /// The client's address.
    pub from: IpAddr,
    /// The client's name, if it has one.
    pub host: Option<Vec<u8>>,
    /// The address that is connected to.
    pub to: IpAddr,
    /// The port.
    pub port: u16,
    /// The algorithms that the client can sign with; empty: as a current client.
    pub algorithms: Vec<SigAlg>,
    /// How it signs.
    pub sign: Sign,
    /// For sk-* keys: the token is touched.
    pub touch: bool,
    /// For sk-* keys: the token verifies its user.
    pub verified: Option<bool>,
}

impl Default for AttemptSpec {
    fn default() -> Self {
        AttemptSpec {
            user: b"alice".to_vec(),
            key: Some("ed25519".to_string()),
            from: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)),
            host: None,
            to: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            port: 22,
            algorithms: Vec::new(),
            sign: Sign::Good,
            touch: true,
            verified: None,
        }
    }
}

/// How the client signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Rightly.
    Good,
    /// With a bit flipped.
    Bad,
    /// With SHA-1, whatever was announced (old agents do).
    Sha1,
}

/// What is asked of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// A command.
    Exec(Vec<u8>),
    /// A shell that reads `exit` and ends.
    Shell,
    /// A subsystem, such as sftp.
    Subsystem(Vec<u8>),
}

/// A day count of shadow(5); empty fields are -1.
pub type Days = i64;

/// Fields of a passwd(5) entry that a line names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFields {
    /// User id.
    pub uid: Option<u32>,
    /// Primary group id.
    pub gid: Option<u32>,
    /// Home directory.
    pub home: Option<Vec<u8>>,
    /// Shell.
    pub shell: Option<Vec<u8>>,
    /// The password field of passwd(5) itself, `x` unless named.
    pub password: Option<Vec<u8>>,
}

/// Fields of a shadow(5) entry that a line names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShadowFields {
    /// The password field.
    pub password: Option<Vec<u8>>,
    /// Day of the last change.
    pub last: Option<Days>,
    /// Days until it may be changed.
    pub min: Option<Days>,
    /// Days after which it must be changed.
    pub max: Option<Days>,
    /// Days of warning.
    pub warn: Option<Days>,
    /// Days of grace.
    pub inactive: Option<Days>,
    /// Day on which the account expires.
    pub expire: Option<Days>,
}

/// One word of `setfacl -m`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclWord {
    /// `true`: a group, `false`: a user.
    pub group: bool,
    /// Name or number.
    pub name: Vec<u8>,
    /// `rwx` as the bits 4, 2 and 1.
    pub perm: u8,
}

/// The listener, as far as a line names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaemonFields {
    /// Something listens.
    pub listening: bool,
    /// When it read its configuration, in seconds since the epoch.
    pub config_read: Option<i64>,
    /// Its binary was replaced on disk.
    pub replaced: bool,
}

/// One change to the world. Owners are `NAME` or `NAME:GROUP`, either may be a number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the fields are those of the line in scenarios/README.md"
)]
pub enum Change {
    /// A regular file; what lay there is replaced.
    File {
        path: Vec<u8>,
        mode: u32,
        owner: Vec<u8>,
        content: Content,
    },
    /// A directory; one that is there keeps what is in it.
    Dir {
        path: Vec<u8>,
        mode: u32,
        owner: Vec<u8>,
    },
    /// A symbolic link.
    Link { path: Vec<u8>, target: Vec<u8> },
    /// A named pipe.
    Fifo {
        path: Vec<u8>,
        mode: u32,
        owner: Vec<u8>,
    },
    /// The null device.
    NullDevice { path: Vec<u8> },
    /// Mode bits.
    Mode { path: Vec<u8>, mode: u32 },
    /// Owner and group.
    Owner { path: Vec<u8>, owner: Vec<u8> },
    /// ACL entries, as `setfacl -m` would set them.
    Acl { path: Vec<u8>, words: Vec<AclWord> },
    /// An SELinux label.
    Label { path: Vec<u8>, label: Vec<u8> },
    /// Nothing lies there any more, nor below.
    Remove { path: Vec<u8> },
    /// New content of alice's authorized_keys.
    Keys(Content),
    /// Lines after those of sshd_config.
    Config(Content),
    /// Lines before those of sshd_config.
    ConfigFirst(Content),
    /// All of sshd_config.
    ConfigIs(Content),
    /// An account: made, or changed in the fields named.
    Account {
        name: Vec<u8>,
        fields: AccountFields,
    },
    /// No such account, nor its shadow entry.
    NoAccount { name: Vec<u8> },
    /// A shadow entry: made, or changed in the fields named.
    Shadow { name: Vec<u8>, fields: ShadowFields },
    /// No shadow entry.
    NoShadow { name: Vec<u8> },
    /// A group: made, or changed.
    Group {
        name: Vec<u8>,
        gid: Option<u32>,
        members: Option<Vec<Vec<u8>>>,
    },
    /// No such group.
    NoGroup { name: Vec<u8> },
    /// A file of /etc/pam.d.
    Pam { service: Vec<u8>, content: Content },
    /// A host name that holds forwards and backwards.
    Name { addr: IpAddr, host: Vec<u8> },
    /// An executable of root's, mode 0755, that prints something.
    Command {
        path: Vec<u8>,
        status: i32,
        output: Content,
    },
    /// In memory only: the listener.
    Daemon(DaemonFields),
    /// In memory only: SELinux (by the label it has) or AppArmor (by sshd's profile) denies sshd
    /// to read a path.
    Mac {
        path: Vec<u8>,
        mode: MacMode,
        have: Vec<u8>,
        want: Option<Vec<u8>>,
    },
    /// In memory only: a setting of the service unit hides a path.
    Sandbox { path: Vec<u8>, setting: Vec<u8> },
    /// In memory only: a fact that is not known: a path, `accounts`, `groups` or `shadow`.
    Gap { what: Vec<u8> },
}

impl Change {
    /// Whether only a world in memory can hold it.
    #[must_use]
    pub fn memory_only(&self) -> bool {
        matches!(
            self,
            Change::Daemon(_) | Change::Mac { .. } | Change::Sandbox { .. } | Change::Gap { .. }
        )
    }
}
