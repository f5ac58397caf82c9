//! The facts of this machine or of a mounted disk, as answers to [`World`].
//!
//! **Invariants:** nothing here writes, follows a link out of the tree, opens anything but regular
//! files and directories, or starts a program unless [`Options`] asks for it. A fact that could
//! not be had is a [`Gap`].

mod accounts;
pub mod bundle;
mod command;
mod daemon;
mod detect;
pub mod logs;
mod mac;
mod nss;
mod rights;
mod sockets;
mod tree;
mod unit;
mod zone;

use accounts::Accounts;
use logs::{LogLine, LogQuery};
use mac::Mac;
use sshwhy_world::{
    Account, Build, Civil, CommandOutcome, CommandRequest, Cred, Daemon, Errno, Fact, Gap, Group,
    KeyLines, MacDenial, Node, Reader, Sandbox, Shadow, Software, World,
};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
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
    /// The daemon to judge by, in place of the one that runs.
    pub daemon: Option<Daemon>,
    /// Run AuthorizedKeysCommand and AuthorizedPrincipalsCommand.
    pub run_commands: bool,
    /// Look into the logs.
    pub logs: bool,
    /// Ask the resolver for names of addresses.
    pub look_up_names: bool,
    /// Indexes of large key files, for whoever asks about many logins. `None`: files are read.
    pub indexes: Option<sshwhy_index::Cache>,
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
    mac: Mac,
    hidden: OnceCell<unit::Hidden>,
    servers: daemon::Servers,
    daemon: OnceCell<Fact<Option<Daemon>>>,
    names: RefCell<HashMap<IpAddr, Fact<Option<Vec<u8>>>>>,
    addresses: RefCell<HashMap<Vec<u8>, Fact<Vec<IpAddr>>>>,
    outcomes: RefCell<Vec<(CommandRequest, Fact<CommandOutcome>)>>,
}

/// How long a look-up of an address may take.
const RESOLVER_PATIENCE: Duration = Duration::from_secs(5);

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
        let live = options.root.is_none();
        let servers = daemon::Servers::default();
        // Whoever names a configuration means sshd: Dropbear has none, and no process need be asked.
        let ask = live && options.sshd_config.is_none();
        let running = || {
            if ask {
                daemon::running_binary(&servers)
            } else {
                None
            }
        };
        let build = match options.build.take() {
            Some(build) => build,
            None => detect::server(&tree, running).ok_or(CollectError::NoServer { root })?,
        };
        let mac = Mac::new(live);
        if mac.has_labels(&tree) {
            tree.want_labels();
        }
        Ok(LiveWorld {
            options,
            tree,
            build,
            accounts: Accounts::new(live),
            zone: Zone::default(),
            mac,
            hidden: OnceCell::new(),
            servers,
            daemon: OnceCell::new(),
            names: RefCell::default(),
            addresses: RefCell::default(),
            outcomes: RefCell::default(),
        })
    }

    /// What sshd logged about a user, a key or an address. The files and the journal are looked at
    /// only with [`Options::logs`] or where SELinux or AppArmor is on.
    pub fn recent_logs(&self, query: &LogQuery) -> Fact<Vec<LogLine>> {
        if !self.options.logs && !self.mac.is_on(&self.tree) {
            return Fact::Unknown(Gap::not_looked(
                "what sshd logged",
                "logs are not read unless asked for",
                "add --logs",
            ));
        }
        logs::recent(&self.tree, &self.zone, self.is_live(), self.now(), query)
    }

    fn run_now(&self, request: &CommandRequest) -> Fact<CommandOutcome> {
        let what = format!("what {} prints", request.keyword);
        if !self.is_live() {
            let why = "nothing on a mounted disk is run";
            return Fact::Unknown(Gap::not_looked(
                what,
                why,
                "run the audit inside that system",
            ));
        }
        if !self.options.run_commands {
            let why = "commands are not run unless asked for";
            return Fact::Unknown(Gap::not_looked(what, why, "add --run-commands"));
        }
        let account = match self.account(&request.user) {
            Fact::Known(Some(account)) => account,
            Fact::Known(None) => {
                let why = format!("there is no account {}", tree::show(&request.user));
                return Fact::Unknown(Gap::could_not(what, why, ""));
            }
            Fact::Unknown(gap) => return Fact::Unknown(gap),
        };
        let groups = match self.groups_of(&account) {
            Fact::Known(groups) => groups,
            Fact::Unknown(gap) => return Fact::Unknown(gap),
        };
        let me = rustix::process::geteuid().as_raw();
        if !self.is_privileged() && account.uid != me {
            let why = format!("only root may run it as {}", tree::show(&account.name));
            return Fact::Unknown(Gap::could_not(what, why, "run the audit as root"));
        }
        let cred = Cred {
            uid: account.uid,
            gid: account.gid,
            groups,
        };
        let who = command::As {
            cred: &cred,
            name: &account.name,
            home: &account.home,
        };
        match command::run(&request.argv, Some(&who), command::PATIENCE, command::LIMIT) {
            Ok(outcome) => Fact::Known(outcome),
            // What sshd sees of a program that its child cannot execute.
            Err(e)
                if e.raw_os_error()
                    .is_some_and(|e| e != libc::EAGAIN && e != libc::ENOMEM) =>
            {
                Fact::Known(CommandOutcome {
                    output: Vec::new(),
                    cut: false,
                    status: Some(127),
                    signal: None,
                    timed_out: false,
                    millis: 0,
                })
            }
            Err(e) => Fact::Unknown(Gap::could_not(what, e.to_string(), "")),
        }
    }

    /// Asks the resolver, with patience; why not, if it is not to be asked or does not answer.
    fn ask_resolver<T: Send + 'static>(
        &self,
        what: String,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Fact<T> {
        let next = "give the name with the address";
        if !self.is_live() {
            let why = "a mounted disk has no resolver";
            return Fact::Unknown(Gap::not_looked(what, why, next));
        }
        if !self.options.look_up_names {
            let why = "names are not looked up unless asked for";
            return Fact::Unknown(Gap::not_looked(what, why, next));
        }
        let (send, answer) = std::sync::mpsc::channel();
        std::thread::spawn(move || send.send(question()));
        match answer.recv_timeout(RESOLVER_PATIENCE) {
            Ok(answer) => Fact::Known(answer),
            Err(_) => {
                let why = "the resolver did not answer within five seconds";
                Fact::Unknown(Gap::could_not(what, why, next))
            }
        }
    }

    /// The files whose content was fetched so far, and how often each was. A file of up to 1 MiB is
    /// fetched once, however many accounts are asked about; a larger one once for each question.
    #[must_use]
    pub fn fetched(&self) -> Vec<(Vec<u8>, u32)> {
        let mut all: Vec<_> = self
            .tree
            .fetched
            .borrow()
            .iter()
            .map(|(path, n)| (path.clone(), *n))
            .collect();
        all.sort();
        all
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

    fn key_lines(&self, path: &[u8], reader: Reader<'_>, blob: &[u8]) -> Option<KeyLines> {
        let indexes = self.options.indexes.as_ref()?;
        let wanted = sshwhy_index::fingerprint(blob)?;
        let file = self.tree.opened(path, reader)?;
        let (lines, total) = indexes.lines(&file, &wanted)?;
        let lines = lines.into_iter().map(|l| (l.place.line, l.raw)).collect();
        Some(KeyLines { lines, total })
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
        if let Some(known) = self.names.borrow().get(&addr) {
            return known.clone();
        }
        let fact = self.ask_resolver(format!("the name of {addr}"), move || {
            nss::confirmed_name(addr)
        });
        self.names.borrow_mut().insert(addr, fact.clone());
        fact
    }

    fn forward(&self, name: &[u8]) -> Fact<Vec<IpAddr>> {
        if let Some(known) = self.addresses.borrow().get(name) {
            return known.clone();
        }
        let shown = name.escape_ascii();
        let asked = name.to_vec();
        let fact = self.ask_resolver(format!("the addresses of {shown}"), move || {
            nss::addresses(&asked)
        });
        self.addresses
            .borrow_mut()
            .insert(name.to_vec(), fact.clone());
        fact
    }

    fn run(&self, request: &CommandRequest) -> Fact<CommandOutcome> {
        let known = |outcomes: &[(CommandRequest, Fact<CommandOutcome>)]| {
            outcomes
                .iter()
                .find(|(r, _)| r == request)
                .map(|(_, o)| o.clone())
        };
        if let Some(known) = known(&self.outcomes.borrow()) {
            return known;
        }
        let fact = self.run_now(request);
        self.outcomes
            .borrow_mut()
            .push((request.clone(), fact.clone()));
        fact
    }

    fn daemon(&self) -> Fact<Option<Daemon>> {
        if let Some(daemon) = &self.options.daemon {
            return Fact::Known(Some(daemon.clone()));
        }
        // With a configuration of the asker's the daemon is not looked at: it has read another one.
        if !self.is_live() || self.options.sshd_config.is_some() {
            return Fact::Known(None);
        }
        let name: &[u8] = match self.build.software {
            Software::OpenSsh => b"sshd",
            Software::Dropbear => b"dropbear",
        };
        self.daemon
            .get_or_init(|| daemon::find(&self.tree, &self.servers, name))
            .clone()
    }

    fn mac(&self, path: &[u8]) -> Fact<Option<MacDenial>> {
        self.mac.denial(&self.tree, path)
    }

    fn sandbox(&self, path: &[u8]) -> Fact<Option<Sandbox>> {
        let hidden = self.hidden.get_or_init(|| {
            // Without systemd as the init nothing reads its units.
            if self.is_live() && !Path::new("/run/systemd/system").exists() {
                return unit::Hidden::default();
            }
            unit::Hidden::of_sshd(&self.tree, self.is_live())
        });
        Fact::Known(hidden.at(path))
    }
}
