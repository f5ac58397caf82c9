//! The engine, asked about each world twice: from memory, and from the tree on disk.

use std::net::IpAddr;

use sshwhy_causes::Finding;
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_scenario::{Scene, Spec};
use sshwhy_verdict::{Judgement, Server, Verdict, judge};
use sshwhy_world::{
    Account, Build, Civil, CommandOutcome, CommandRequest, Daemon, Errno, Fact, Group, MacDenial,
    Node, Reader, Sandbox, Shadow, Software, World,
};

use crate::lab::Predictor;

/// Where every world has its configuration.
pub(crate) const CONFIG: &[u8] = b"/etc/ssh/sshd_config";

/// What the engine says of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The verdict.
    pub verdict: Verdict,
    /// What stops the login, then what would stop it next.
    pub causes: Vec<&'static str>,
    /// What ends the session of an accepted key.
    pub after_login: Vec<&'static str>,
    /// What is worth knowing.
    pub notes: Vec<&'static str>,
}

impl Said {
    /// The cause that stops the login.
    #[must_use]
    pub fn first(&self) -> Option<&'static str> {
        self.causes.first().copied()
    }

    /// Whether it names what ends the session. A note does so only of the causes in `BY_NOTE`.
    #[must_use]
    pub fn names_an_end(&self) -> bool {
        !self.after_login.is_empty() || self.notes.iter().any(|id| BY_NOTE.contains(id))
    }
}

/// Ends that are notes: what a start-up file does only running it tells, and whether sftp is asked
/// for only the client knows.
const BY_NOTE: [&str; 2] = ["rc-file-exit", "sftp-subsystem-missing"];

impl From<&Judgement> for Said {
    fn from(j: &Judgement) -> Said {
        let ids = |f: &[Finding]| f.iter().map(|f| f.cause.id).collect();
        Said {
            verdict: j.verdict,
            causes: ids(&j.causes),
            after_login: ids(&j.after_login),
            notes: ids(&j.notes),
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.verdict.word())?;
        for (i, id) in self.causes.iter().enumerate() {
            write!(f, "{}{id}", if i == 0 { " " } else { " then " })?;
        }
        for id in &self.after_login {
            write!(f, " after-login {id}")?;
        }
        Ok(())
    }
}

/// The engine's two answers about one world.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// Of the world in memory.
    pub memory: Said,
    /// Of the tree on disk; or why it could not be read.
    pub disk: Result<Said, String>,
    /// Of the same tree as a mounted system, as `sshwhy audit --root` sees it: accounts from its
    /// files, no daemon, no commands.
    pub mounted: Result<Said, String>,
    /// The judgement in memory with its evidence, for messages.
    pub judgement: Judgement,
}

/// The engine as a [`Predictor`], for one build.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The build that decides.
    pub build: Build,
}

impl Engine {
    /// Judges the world in memory as this build would.
    #[must_use]
    pub fn in_memory(&self, scene: &Scene) -> Judgement {
        let mut world = scene.world();
        world.build = self.build.clone();
        let server = Server::read(&world, CONFIG);
        judge(&server, &world, &scene.attempt)
    }

    /// The lab's sshd is `sshd -i`, which comes past everything that a listener asks at its start.
    pub(crate) fn as_it_is_run(&self, scene: &Scene) -> Scene {
        let mut scene = scene.clone();
        if let Some(daemon) = &mut scene.daemon {
            daemon.per_connection = self.build.software == Software::OpenSsh;
        }
        scene
    }

    /// Judges the tree below `/`, through the same eyes as `sshwhy audit`.
    fn on_disk(&self, scene: &Scene) -> Result<Judgement, String> {
        let world = self.disk(scene)?;
        let server = Server::read(&world, CONFIG);
        Ok(judge(&server, &world, &scene.attempt))
    }

    /// The tree below `/`, as `sshwhy audit` and `sshwhy fix` see it.
    pub(crate) fn disk(&self, scene: &Scene) -> Result<OnDisk, String> {
        let options = Options {
            build: Some(self.build.clone()),
            sshd_config: Some(CONFIG.to_vec()),
            run_commands: true,
            look_up_names: true,
            ..Options::default()
        };
        Ok(OnDisk {
            live: LiveWorld::new(options).map_err(|e| e.to_string())?,
            daemon: scene.daemon.clone(),
        })
    }
}

impl Engine {
    /// Judges the tree below `/` as a disk that is mounted there.
    fn mounted(&self, scene: &Scene) -> Result<Judgement, String> {
        let options = Options {
            root: Some("/".into()),
            build: Some(self.build.clone()),
            sshd_config: Some(CONFIG.to_vec()),
            ..Options::default()
        };
        // A Dropbear has its switches from the command line, which no file of a disk need say.
        let switches = self.build.software == Software::Dropbear;
        let world = OnDisk {
            live: LiveWorld::new(options).map_err(|e| e.to_string())?,
            daemon: scene.daemon.clone().filter(|_| switches),
        };
        let server = Server::read(&world, CONFIG);
        Ok(judge(&server, &world, &scene.attempt))
    }
}

impl Predictor for Engine {
    type Output = Prediction;

    fn predict(&self, _: &Spec, scene: &Scene) -> Prediction {
        let scene = &self.as_it_is_run(scene);
        let judgement = self.in_memory(scene);
        Prediction {
            memory: Said::from(&judgement),
            disk: self.on_disk(scene).map(|j| Said::from(&j)),
            mounted: self.mounted(scene).map(|j| Said::from(&j)),
            judgement,
        }
    }
}

/// The tree on disk, without the processes around it: the server is started for each login.
pub(crate) struct OnDisk<W = LiveWorld> {
    pub(crate) live: W,
    pub(crate) daemon: Option<Daemon>,
}

impl<W: World> World for OnDisk<W> {
    fn build(&self) -> &Build {
        self.live.build()
    }
    fn now(&self) -> i64 {
        self.live.now()
    }
    fn local_time(&self, civil: Civil) -> Fact<i64> {
        self.live.local_time(civil)
    }
    fn lstat(&self, path: &[u8]) -> Fact<Result<Node, Errno>> {
        self.live.lstat(path)
    }
    fn list(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>> {
        self.live.list(path)
    }
    fn read(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>> {
        self.live.read(path, reader, sink)
    }
    fn account(&self, name: &[u8]) -> Fact<Option<Account>> {
        self.live.account(name)
    }
    fn accounts(&self) -> Fact<Vec<Account>> {
        self.live.accounts()
    }
    fn group(&self, gid: u32) -> Fact<Option<Group>> {
        self.live.group(gid)
    }
    fn groups_of(&self, account: &Account) -> Fact<Vec<u32>> {
        self.live.groups_of(account)
    }
    fn shadow(&self, name: &[u8]) -> Fact<Option<Shadow>> {
        self.live.shadow(name)
    }
    fn reverse(&self, addr: IpAddr) -> Fact<Option<Vec<u8>>> {
        self.live.reverse(addr)
    }
    fn forward(&self, name: &[u8]) -> Fact<Vec<IpAddr>> {
        self.live.forward(name)
    }
    fn run(&self, request: &CommandRequest) -> Fact<CommandOutcome> {
        self.live.run(request)
    }
    fn daemon(&self) -> Fact<Option<Daemon>> {
        Fact::Known(self.daemon.clone())
    }
    fn mac(&self, path: &[u8]) -> Fact<Option<MacDenial>> {
        self.live.mac(path)
    }
    fn sandbox(&self, path: &[u8]) -> Fact<Option<Sandbox>> {
        self.live.sandbox(path)
    }
}
