//! Many worlds on real servers, several at a time.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sshwhy_scenario::{Embedded, KeyMaterial, Scene, Spec};
use sshwhy_world::{Build, Software};

use crate::outcome::Outcome;
use crate::own_side::Fault;
use crate::probe::{self, Checked};
use crate::worker::Worker;

/// Where a server's root file system comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootSource {
    /// The host's own, below an overlay.
    Host,
    /// An unpacked one, below an overlay.
    Dir(PathBuf),
}

/// What a lab runs on.
#[derive(Clone, Debug)]
pub struct LabConfig {
    /// The root file system.
    pub root: RootSource,
    /// Which server of it is asked.
    pub software: Software,
    /// Another sshd in place of the root's `/usr/sbin/sshd`. A path of the host.
    pub sshd: Option<PathBuf>,
    /// `sshwhy serve` in the server's place, deciding as this build, up to the session. What its
    /// operator hears is no log of sshd's: it is not kept.
    pub own: Option<Build>,
    /// How many worlds at a time.
    pub workers: usize,
    /// Run every world a second time at `LogLevel INFO`, for [`Outcome::log_info`].
    pub info: bool,
    /// Look at every world a second time with `sshwhy check`'s own probe, for
    /// [`Judged::checked`].
    pub check: bool,
}

impl Default for LabConfig {
    /// The installed sshd (or `$SSHWHY_LAB_SSHD`), two workers a core.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        LabConfig {
            root: RootSource::Host,
            software: Software::OpenSsh,
            sshd: std::env::var_os("SSHWHY_LAB_SSHD").map(PathBuf::from),
            own: None,
            workers: cores * 2,
            info: false,
            check: false,
        }
    }
}

impl LabConfig {
    /// The server's program, as a path of the host.
    #[must_use]
    pub fn program(&self) -> PathBuf {
        let inside = match self.software {
            Software::OpenSsh => "usr/sbin/sshd",
            Software::Dropbear => "usr/sbin/dropbear",
        };
        match (&self.sshd, &self.root) {
            (Some(path), _) => path.clone(),
            (None, RootSource::Host) => Path::new("/").join(inside),
            (None, RootSource::Dir(root)) => root.join(inside),
        }
    }
}

/// Why there is no lab on this machine. Tests print it after `SKIPPED: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// Name spaces and chroot need root.
    NotRoot,
    /// There is no sshd at that path.
    NoSshd(PathBuf),
    /// The kernel or the container did not let us: what was tried, and the answer.
    NotAllowed(String),
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WhyNot::NotRoot => f.write_str("the lab needs root"),
            WhyNot::NoSshd(path) => write!(f, "there is no sshd at {}", path.display()),
            WhyNot::NotAllowed(what) => write!(f, "the lab cannot run here: {what}"),
        }
    }
}

impl std::error::Error for WhyNot {}

/// Asked about every world before a server is.
///
/// Called on the worker's thread, inside the world's root: `/` is the world's, and so is
/// everything that is opened by path. The process is shared with other workers, so that it must
/// not change credentials or the environment of the whole process (a raw system call changes
/// those of a thread alone). It may start threads and processes; both see the same root.
pub trait Predictor: Sync {
    /// What is predicted.
    type Output: Send;
    /// Predicts what the server will do.
    fn predict(&self, spec: &Spec, scene: &Scene) -> Self::Output;
}

/// Predicts nothing.
impl Predictor for () {
    type Output = ();
    fn predict(&self, _: &Spec, _: &Scene) {}
}

/// A world, what came of it, and what was predicted.
#[derive(Debug)]
pub struct Judged<P = ()> {
    /// The world.
    pub spec: Spec,
    /// What came of it, or why it could not be built.
    pub outcome: io::Result<Outcome>,
    /// What was predicted; `None` where the world could not be built.
    pub prediction: Option<P>,
    /// What `check` makes of it, where that was asked for and would offer such a key.
    pub checked: Option<Checked>,
}

/// Real servers for written worlds.
#[derive(Clone, Debug)]
pub struct Lab {
    config: LabConfig,
}

impl Lab {
    /// Looks whether a lab can run here, by setting one worker up.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn new(config: LabConfig) -> Result<Lab, WhyNot> {
        if !rustix::process::geteuid().is_root() {
            return Err(WhyNot::NotRoot);
        }
        let lab = Lab { config };
        let sshd = lab.config.program();
        if !sshd.is_file() {
            return Err(WhyNot::NoSshd(sshd));
        }
        let tried = std::thread::scope(|s| s.spawn(|| lab.worker(&Embedded).map(drop)).join());
        match tried {
            Ok(Ok(())) => Ok(lab),
            Ok(Err(e)) => Err(WhyNot::NotAllowed(e.to_string())),
            Err(_) => Err(WhyNot::NotAllowed("a worker panicked".into())),
        }
    }

    fn lower(&self) -> &Path {
        match &self.config.root {
            RootSource::Host => Path::new("/"),
            RootSource::Dir(path) => path,
        }
    }

    fn worker<'a>(&self, keys: &'a (dyn KeyMaterial + Sync)) -> io::Result<Worker<'a>> {
        Worker::new(
            self.lower(),
            self.config.sshd.as_deref(),
            self.config.software,
            self.config.own.as_ref(),
            keys,
        )
    }

    /// Runs worlds and gives the outcomes in their order.
    pub fn run(&self, specs: impl IntoIterator<Item = Spec, IntoIter: Send>) -> Vec<Judged> {
        self.run_with(specs, &())
    }

    /// Runs worlds; `predictor` is asked about each before its server is.
    pub fn run_with<P: Predictor>(
        &self,
        specs: impl IntoIterator<Item = Spec, IntoIter: Send>,
        predictor: &P,
    ) -> Vec<Judged<P::Output>> {
        let mut done: Vec<(usize, Judged<P::Output>)> = Vec::new();
        self.each(specs, predictor, |i, judged| done.push((i, judged)));
        done.sort_by_key(|(i, _)| *i);
        done.into_iter().map(|(_, judged)| judged).collect()
    }

    /// Runs worlds and hands each outcome on as it comes, with the world's number.
    pub fn each<P: Predictor>(
        &self,
        specs: impl IntoIterator<Item = Spec, IntoIter: Send>,
        predictor: &P,
        sink: impl FnMut(usize, Judged<P::Output>) + Send,
    ) {
        let queue = Mutex::new(specs.into_iter().enumerate());
        let sink = Mutex::new(sink);
        std::thread::scope(|scope| {
            for _ in 0..self.config.workers.max(1) {
                scope.spawn(|| {
                    let mut worker = self.worker(&Embedded);
                    loop {
                        let next = queue.lock().ok().and_then(|mut q| q.next());
                        let Some((i, spec)) = next else { break };
                        let mut checked = None;
                        let judged = match &mut worker {
                            Ok(worker) => {
                                let done = worker.run(&spec, predictor, self.config.info);
                                if done.is_ok() && self.config.check && probe::would(&spec) {
                                    checked = worker.check(&spec);
                                }
                                done
                            }
                            Err(e) => Err(io::Error::new(e.kind(), e.to_string())),
                        };
                        let (outcome, prediction) = match judged {
                            Ok((outcome, prediction)) => (Ok(outcome), Some(prediction)),
                            Err(e) => (Err(e), None),
                        };
                        if let Ok(mut sink) = sink.lock() {
                            sink(
                                i,
                                Judged {
                                    spec,
                                    outcome,
                                    prediction,
                                    checked,
                                },
                            );
                        }
                    }
                });
            }
        });
    }

    /// Looks at faults of the client's own side, one after another.
    ///
    /// # Errors
    /// There is no worker.
    pub fn own_side(
        &self,
        faults: &[&'static Fault],
    ) -> io::Result<Vec<(&'static Fault, Spec, io::Result<Checked>)>> {
        let look = || {
            let mut worker = self.worker(&Embedded)?;
            let each = faults.iter().map(|fault| {
                let spec = fault.spec();
                let checked = worker.own_side(fault, &spec);
                (*fault, spec, checked)
            });
            Ok(each.collect())
        };
        let done = std::thread::scope(|scope| scope.spawn(look).join());
        done.unwrap_or_else(|_| Err(io::Error::other("a worker panicked")))
    }
}
