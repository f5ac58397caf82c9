//! The facts of this machine or of a mounted disk, as answers to [`World`].
//!
//! **Invariants:** nothing here writes, follows a link out of the tree, opens anything but regular
//! files and directories, or starts a program unless [`Options`] asks for it. A fact that could
//! not be had is a [`Gap`].

mod accounts;
mod detect;
mod nss;
mod rights;
mod tree;
mod zone;

use accounts::Accounts;
use sshwhy_world::{
    Account, Build, Civil, CommandOutcome, CommandRequest, Daemon, Errno, Fact, Gap, Group,
    MacDenial, Node, Reader, Sandbox, Shadow, World,
};
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use tree::Tree;
use zone::Zone;

/// What to look at, and how far to go.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The root of a mounted disk or an unpacked image. `None`: this machine.
    pub root: Option<PathBuf>,
    /// The server that decides. `None`: the one found there.
    pub build: Option<Build>,
    /// The configuration that is judged, if it is not the daemon's own: then the running daemon
    /// has no say.
    pub sshd_config: Option<Vec<u8>>,
    /// Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand.
    pub run_commands: bool,
    /// Look into the logs.
    pub logs: bool,
    /// Ask the resolver for names of addresses.
    pub look_up_names: bool,
}

/// Why no world could be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CollectError {
    /// The root is not a directory that can be opened.
    Root {
        /// The directory.
        path: PathBuf,
        /// The kernel's error.
        why: String,
    },
    /// There is neither sshd nor Dropbear.
    NoServer {
        /// Where it was looked for.
        root: PathBuf,
    },
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CollectError::Root { path, why } => {
                write!(f, "cannot open the directory {}: {why}", path.display())
            }
            CollectError::NoServer { root } => write!(
                f,
                "no sshd and no dropbear is installed below {} (name a build to judge as one)",
                root.display()
            ),
        }
    }
}

impl std::error::Error for CollectError {}

/// This machine or a mounted disk. Every answer is kept: each file is looked at once.
pub struct LiveWorld {
    options: Options,
    tree: Tree,
    build: Build,
    accounts: Accounts,
    zone: Zone,
}

impl LiveWorld {
    /// Opens the tree and finds out which server it has.
    ///
    /// # Errors
    /// The root cannot be opened, or holds no server and none was named.
    pub fn new(mut options: Options) -> Result<LiveWorld, CollectError> {
        let root = options.root.clone().unwrap_or_else(|| PathBuf::from("/"));
        let tree = Tree::new(&root).map_err(|e| CollectError::Root {
            path: root.clone(),
            why: e.to_string(),
        })?;
        let build = match options.build.take() {
            Some(build) => build,
            None => detect::server(&tree, || None).ok_or(CollectError::NoServer { root })?,
        };
        let live = options.root.is_none();
        Ok(LiveWorld {
            options,
            tree,
            build,
            accounts: Accounts::new(live),
            zone: Zone::default(),
        })
    }

    /// Whether it is this machine, not a disk.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.options.root.is_none()
    }

    /// The root of the disk, if it is one.
    #[must_use]
    pub fn root(&self) -> Option<&Path> {
        self.options.root.as_deref()
    }

    /// Whether everything can be seen: we run as root.
    #[must_use]
    pub fn is_privileged(&self) -> bool {
        self.tree.privileged
    }
}

impl World for LiveWorld {
    fn build(&self) -> &Build {
        &self.build
    }

    fn now(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(d) => i64::try_from(d.as_secs()).unwrap_or(i64::MAX),
            Err(e) => i64::try_from(e.duration().as_secs()).map_or(i64::MIN, |s| -s),
        }
    }

    fn local_time(&self, civil: Civil) -> Fact<i64> {
        self.zone.instant(&self.tree, civil)
    }

    fn lstat(&self, path: &[u8]) -> Fact<Result<Node, Errno>> {
        self.tree.lstat(path)
    }

    fn list(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>> {
        self.tree.list(path)
    }

    fn read(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>> {
        self.tree.read(path, reader, sink)
    }

    fn account(&self, name: &[u8]) -> Fact<Option<Account>> {
        self.accounts.account(&self.tree, name)
    }

    fn accounts(&self) -> Fact<Vec<Account>> {
        self.accounts.accounts(&self.tree)
    }

    fn group(&self, gid: u32) -> Fact<Option<Group>> {
        self.accounts.group(&self.tree, gid)
    }

    fn groups_of(&self, account: &Account) -> Fact<Vec<u32>> {
        self.accounts.groups_of(&self.tree, account)
    }

    fn shadow(&self, name: &[u8]) -> Fact<Option<Shadow>> {
        self.accounts.shadow(&self.tree, name)
    }

    fn reverse(&self, addr: IpAddr) -> Fact<Option<Vec<u8>>> {
        Fact::Unknown(Gap::not_looked(
            format!("the name of {addr}"),
            "names are not looked up",
            "",
        ))
    }

    fn run(&self, request: &CommandRequest) -> Fact<CommandOutcome> {
        Fact::Unknown(Gap::not_looked(
            format!("what {} prints", request.keyword),
            "commands are not run unless asked for",
            "add --run-commands",
        ))
    }

    fn daemon(&self) -> Fact<Option<Daemon>> {
        Fact::Known(None)
    }

    fn mac(&self, _path: &[u8]) -> Fact<Option<MacDenial>> {
        Fact::Known(None)
    }

    fn sandbox(&self, _path: &[u8]) -> Fact<Option<Sandbox>> {
        Fact::Known(None)
    }
}
