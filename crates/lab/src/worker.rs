//! A thread in name spaces of its own that runs worlds.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::MemfdFlags;
use rustix::mount::{MountPropagationFlags, mount_change};
use rustix::net::{AddressFamily, SocketType};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};
use sshwhy_scenario::{KeyMaterial, Scene, Spec};
use sshwhy_world::{Build, Software};

use crate::dropbear;

use crate::lab::Predictor;
use crate::outcome::{Answer, Outcome, Step, Truth, Wire};
use crate::own_server::OwnServer;
use crate::own_side::Fault;
use crate::probe::{self, Checked};
use crate::root::{OTHER_SSHD, Outside, Root, Roots};
use crate::wire;

/// Addresses that every worker has from the start.
const ADDRESSES: [&str; 10] = [
    "192.0.2.1",
    "192.0.2.9",
    "198.51.100.7",
    "203.0.113.5",
    "10.0.0.1",
    "10.1.2.3",
    "172.16.5.5",
    "2001:db8::1",
    "2001:db8::9",
    "2001:db8:5::7",
];

/// How long an sshd may live on after its connection was closed.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Worker<'a> {
    keys: &'a (dyn KeyMaterial + Sync),
    sshd: &'static str,
    software: Software,
    own: Option<Build>,
    roots: Roots,
    outside: Outside,
    addresses: BTreeSet<IpAddr>,
    listeners: HashMap<SocketAddr, TcpListener>,
    /// Our own PID name space, and the one for servers.
    own_pids: File,
    their_pids: File,
    first: Child,
}

/// A server, and a client's connection to it.
struct Started {
    server: Serving,
    stream: TcpStream,
    log: File,
}

/// A server that was started.
enum Serving {
    /// It serves this one connection, and ends with it.
    Connection(Child),
    /// It would go on.
    Listener(Child),
    /// Threads of this process.
    Own(OwnServer),
}

impl Serving {
    /// Waits for its end, or makes it.
    fn end(self) -> io::Result<()> {
        match self {
            Serving::Connection(mut child) => wait(&mut child),
            Serving::Listener(mut child) => {
                let _ = child.kill();
                child.wait().map(|_| ())
            }
            Serving::Own(server) => {
                server.end();
                Ok(())
            }
        }
    }
}

fn named(what: &str) -> impl Fn(io::Error) -> io::Error + '_ {
    move |e| io::Error::new(e.kind(), format!("{what}: {e}"))
}

impl<'a> Worker<'a> {
    /// Moves this thread into its name spaces: it must be one that is thrown away after.
    pub(crate) fn new(
        lower: &std::path::Path,
        sshd: Option<&std::path::Path>,
        software: Software,
        own: Option<&Build>,
        keys: &'a (dyn KeyMaterial + Sync),
    ) -> io::Result<Worker<'a>> {
        let flags = UnshareFlags::NEWNS | UnshareFlags::NEWNET | UnshareFlags::FS;
        unshare(flags).map_err(named("unshare (mount, network)"))?;
        mount_change(
            "/",
            MountPropagationFlags::REC | MountPropagationFlags::PRIVATE,
        )?;
        rustix::process::umask(rustix::fs::Mode::empty());
        let mut addresses = BTreeSet::new();
        let mut batch = String::from("link set lo up\n");
        for text in ADDRESSES {
            if let Ok(addr) = text.parse::<IpAddr>() {
                batch.push_str(&add_line(addr));
                addresses.insert(addr);
            }
        }
        ip(&batch)?;
        let roots = Roots::new(lower, sshd, keys)?;

        // The servers' PID name space. Its first process waits for the end of a pipe that only
        // this process holds: when it ends, so does everything in there.
        let own_pids = File::open("/proc/thread-self/ns/pid")?;
        unshare(UnshareFlags::NEWPID).map_err(named("unshare (pid)"))?;
        let script = "trap '' CHLD; mount -t proc proc \"$0\" && echo ready && exec cat >/dev/null";
        let mut first = Command::new("/bin/sh")
            .args(["-c", script])
            .arg(roots.proc())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = first.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        if line != "ready\n" {
            return Err(io::Error::other(
                "the first process of a PID name space did not start",
            ));
        }
        let their_pids = File::open(format!("/proc/{}/ns/pid", first.id()))?;
        let kind = Some(LinkNameSpaceType::ProcessID);
        move_into_link_name_space(own_pids.as_fd(), kind)?;
        Ok(Worker {
            keys,
            sshd: match (sshd, software) {
                (Some(_), _) => OTHER_SSHD,
                (None, Software::OpenSsh) => "/usr/sbin/sshd",
                (None, Software::Dropbear) => "/usr/sbin/dropbear",
            },
            software,
            own: own.cloned(),
            roots,
            outside: Outside::here()?,
            addresses,
            listeners: HashMap::new(),
            own_pids,
            their_pids,
            first,
        })
    }

    /// Runs one world.
    pub(crate) fn run<P: Predictor>(
        &mut self,
        spec: &Spec,
        predictor: &P,
        info: bool,
    ) -> io::Result<(Outcome, P::Output)> {
        let began = Instant::now();
        let scene = spec
            .scene(self.keys)
            .map_err(|p| io::Error::other(format!("{}: {}", spec.name, p[0])))?;
        let (prediction, wire, log) = self.once(spec, &scene, "DEBUG3", Some(predictor))?;
        let log_info = if info {
            Some(self.once::<P>(spec, &scene, "INFO", None)?.2)
        } else {
            None
        };
        let truth = truth(&wire, &log);
        let outcome = Outcome {
            truth,
            wire,
            log,
            log_info,
            took: began.elapsed(),
        };
        let prediction = prediction.ok_or_else(|| io::Error::other("no prediction"))?;
        Ok((outcome, prediction))
    }

    /// Looks at a world with `sshwhy check`'s probe.
    pub(crate) fn check(&mut self, spec: &Spec) -> Option<Checked> {
        let scene = spec.scene(self.keys).ok()?;
        let root = self.roots.root(&scene).ok()?;
        let checked = self
            .started(spec, &scene, "INFO", &root)
            .ok()
            .and_then(|started| {
                let mut checked = probe::check(started.stream, spec, &scene, self.keys)?;
                checked.log = started
                    .server
                    .end()
                    .and_then(|()| self.lines(started.log))
                    .ok()?;
                Some(checked)
            });
        self.roots.drop_root(root).ok()?;
        checked
    }

    /// Looks at a world whose fault is on the client's own side.
    pub(crate) fn own_side(&mut self, fault: &Fault, spec: &Spec) -> io::Result<Checked> {
        let scene = spec
            .scene(self.keys)
            .map_err(|p| io::Error::other(format!("{}: {}", spec.name, p[0])))?;
        let root = self.roots.root(&scene)?;
        let mut servers: Vec<Serving> = Vec::new();
        let mut logs: Vec<File> = Vec::new();
        let checked = fault.look(&scene, &mut || {
            // A listener of before would still listen.
            if !matches!(servers.last(), Some(Serving::Connection(_))) {
                servers.drain(..).try_for_each(Serving::end)?;
            }
            let started = self.started(spec, &scene, "INFO", &root)?;
            servers.push(started.server);
            logs.push(started.log);
            Ok(started.stream)
        });
        servers.into_iter().try_for_each(Serving::end)?;
        self.roots.drop_root(root)?;
        let mut checked = checked?;
        for log in logs {
            checked.log.extend(self.lines(log)?);
        }
        Ok(checked)
    }

    fn once<P: Predictor>(
        &mut self,
        spec: &Spec,
        scene: &Scene,
        level: &str,
        predictor: Option<&P>,
    ) -> io::Result<(Option<P::Output>, Wire, Vec<String>)> {
        let root = self.roots.root(scene)?;
        let inside = self.serve(spec, scene, level, predictor, &root);
        let dropped = self.roots.drop_root(root);
        let inside = inside?;
        dropped?;
        Ok(inside)
    }

    /// Predicts in the root, starts a server there, and logs in from outside.
    fn serve<P: Predictor>(
        &mut self,
        spec: &Spec,
        scene: &Scene,
        level: &str,
        predictor: Option<&P>,
        root: &Root,
    ) -> io::Result<(Option<P::Output>, Wire, Vec<String>)> {
        let mut prediction = None;
        if let Some(predictor) = predictor {
            self.outside.enter(&root.path)?;
            prediction = Some(predictor.predict(spec, scene));
            self.outside.leave()?;
        }
        let mut started = self.started(spec, scene, level, root)?;
        let wire = wire::login(&mut started.stream, spec, scene, self.keys);
        drop(started.stream);
        started.server.end()?;
        Ok((prediction, wire, self.lines(started.log)?))
    }

    /// A server in a root, and a connection to it.
    fn started(
        &mut self,
        spec: &Spec,
        scene: &Scene,
        level: &str,
        root: &Root,
    ) -> io::Result<Started> {
        if let Some(build) = self.own.clone() {
            return self.start_own(scene, &build, root);
        }
        self.outside.enter(&root.path)?;
        let started = match self.software {
            Software::OpenSsh => self.start(scene, level),
            Software::Dropbear => self.start_dropbear(spec, scene),
        };
        self.outside.leave()?;
        started
    }

    /// What a server wrote.
    fn lines(&self, mut log: File) -> io::Result<Vec<String>> {
        let mut text = Vec::new();
        log.rewind()?;
        log.read_to_end(&mut text)?;
        let lines = String::from_utf8_lossy(&text);
        let lines = lines.lines().map(|l| match self.software {
            Software::OpenSsh => l.trim_end().to_string(),
            Software::Dropbear => dropbear::text(l).to_string(),
        });
        Ok(lines.collect())
    }

    fn start(&mut self, scene: &Scene, level: &str) -> io::Result<Started> {
        let to = SocketAddr::new(scene.attempt.to.addr, scene.attempt.to.port);
        let (ours, theirs) = self.connection(scene.attempt.from.addr, to)?;
        let log = File::from(rustix::fs::memfd_create("sshd.log", MemfdFlags::CLOEXEC)?);
        let theirs = OwnedFd::from(theirs);
        let mut command = Command::new(self.sshd);
        command
            .args(["-i", "-e", "-f", "/etc/ssh/sshd_config"])
            .args(["-o", &format!("LogLevel={level}"), "-o", "PidFile=none"])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::from(theirs.try_clone()?))
            .stdout(Stdio::from(theirs))
            .stderr(Stdio::from(log.try_clone()?));
        let kind = Some(LinkNameSpaceType::ProcessID);
        move_into_link_name_space(self.their_pids.as_fd(), kind)?;
        let child = command.spawn().map_err(named(self.sshd));
        move_into_link_name_space(self.own_pids.as_fd(), kind)?;
        Ok(Started {
            server: Serving::Connection(child?),
            stream: ours,
            log,
        })
    }

    /// Dropbear as a daemon, which `-i` would not let log to us, and a connection to it.
    fn start_dropbear(&mut self, spec: &Spec, scene: &Scene) -> io::Result<Started> {
        let to = SocketAddr::new(scene.attempt.to.addr, scene.attempt.to.port);
        self.addresses(&[scene.attempt.from.addr, to.ip()])?;
        let log = File::from(rustix::fs::memfd_create(
            "dropbear.log",
            MemfdFlags::CLOEXEC,
        )?);
        dropbear::write_host_key(self.keys)?;
        let mut command = Command::new(self.sshd);
        command
            .args(dropbear::arguments(spec.dropbear.as_deref(), to))
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::from(log.try_clone()?));
        let kind = Some(LinkNameSpaceType::ProcessID);
        move_into_link_name_space(self.their_pids.as_fd(), kind)?;
        let child = command.spawn().map_err(named(self.sshd));
        move_into_link_name_space(self.own_pids.as_fd(), kind)?;
        let mut child = child?;
        let began = Instant::now();
        loop {
            match client(scene.attempt.from.addr, to) {
                Ok(stream) => {
                    return Ok(Started {
                        server: Serving::Listener(child),
                        stream,
                        log,
                    });
                }
                Err(e) if began.elapsed() > PATIENCE || child.try_wait()?.is_some() => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(e);
                }
                Err(_) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// Our own server, and a connection to it. What its operator hears is not kept.
    fn start_own(&mut self, scene: &Scene, build: &Build, root: &Root) -> io::Result<Started> {
        let to = SocketAddr::new(scene.attempt.to.addr, scene.attempt.to.port);
        self.addresses(&[scene.attempt.from.addr, to.ip()])?;
        let server = OwnServer::start(&root.path, to, build)?;
        Ok(Started {
            server: Serving::Own(server),
            stream: client(scene.attempt.from.addr, to)?,
            log: File::from(rustix::fs::memfd_create("own.log", MemfdFlags::CLOEXEC)?),
        })
    }

    /// Gives this name space addresses.
    fn addresses(&mut self, wanted: &[IpAddr]) -> io::Result<()> {
        for &addr in wanted {
            if !self.addresses.contains(&addr) {
                let inside = self.own.is_none();
                if inside {
                    self.outside.leave()?;
                }
                ip(&add_line(addr))?;
                self.addresses.insert(addr);
                if inside {
                    self.outside.enter(&self.roots.mount_point())?;
                }
            }
        }
        Ok(())
    }

    /// Both ends of a TCP connection between two addresses.
    fn connection(&mut self, from: IpAddr, to: SocketAddr) -> io::Result<(TcpStream, TcpStream)> {
        self.addresses(&[from, to.ip()])?;
        let listener = match self.listeners.entry(to) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(TcpListener::bind(to).map_err(named("bind"))?),
        };
        let ours = client(from, to)?;
        let (theirs, _) = listener.accept()?;
        theirs.set_nodelay(true)?;
        Ok((ours, theirs))
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        drop(self.first.stdin.take());
        let _ = self.first.wait();
    }
}

/// The client's end of a connection.
fn client(from: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let family = if to.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
    rustix::net::bind(&socket, &SocketAddr::new(from, 0))
        .map_err(io::Error::from)
        .map_err(named("bind the client"))?;
    rustix::net::connect(&socket, &to)?;
    let ours = TcpStream::from(socket);
    ours.set_nodelay(true)?;
    Ok(ours)
}

/// Moves this thread into new name spaces.
#[allow(
    unsafe_code,
    reason = "unshare(2) is unsafe where it parts the file descriptor table"
)]
pub(crate) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: the table of file descriptors stays shared (no CLONE_FILES), which is the one
    // thing that I/O safety rests on.
    Ok(unsafe { rustix::thread::unshare_unsafe(flags) }?)
}

fn add_line(addr: IpAddr) -> String {
    match addr {
        IpAddr::V4(a) if a.is_loopback() => String::new(),
        IpAddr::V6(a) if a.is_loopback() => String::new(),
        IpAddr::V4(a) => format!("addr add {a}/32 dev lo\n"),
        IpAddr::V6(a) => format!("addr add {a}/128 dev lo nodad\n"),
    }
}

fn ip(batch: &str) -> io::Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut child = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .map_err(named("ip (package iproute2)"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(batch.as_bytes())?;
    }
    if child.wait()?.success() {
        Ok(())
    } else {
        Err(io::Error::other("ip failed"))
    }
}

/// Waits for a server to end; after [`PATIENCE`] it is made to.
fn wait(child: &mut Child) -> io::Result<()> {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        let timeout = Timespec {
            tv_sec: PATIENCE.as_secs().cast_signed(),
            tv_nsec: 0,
        };
        let mut fds = [PollFd::new(&pidfd, PollFlags::IN)];
        if poll(&mut fds, Some(&timeout))? == 0 {
            let _ = pidfd_send_signal(&pidfd, Signal::KILL);
        }
    }
    child.wait().map(|_| ())
}

/// What really happened: the monitor's word first, the wire for the rest.
fn truth(wire: &Wire, log: &[String]) -> Truth {
    let accepts = |l: &String| {
        l.starts_with("Accepted publickey for ")
            || (l.starts_with("Pubkey auth succeeded for ") && !l.ends_with("extra auth required"))
    };
    let accepted = log.iter().any(accepts);
    if accepted {
        return match (wire.exit, &wire.disconnect) {
            (Some(0), _) => Truth::Accepted,
            (Some(n), _) => Truth::Ended(format!("exit status {n}")),
            (None, Some(how)) => Truth::Ended(how.clone()),
            (None, None) => Truth::Ended("no exit status".into()),
        };
    }
    Truth::Refused(if wire.identification.is_none() {
        Step::Connect
    } else if wire.sign.is_some() {
        Step::Signature
    } else if !wire.query.is_empty() {
        let offered = match &wire.none {
            Some(Answer::Failure(methods, _)) => methods.split(',').any(|m| m == "publickey"),
            _ => true,
        };
        if offered { Step::Query } else { Step::Method }
    } else if wire.none.is_some() {
        Step::Method
    } else {
        Step::Transport
    })
}
