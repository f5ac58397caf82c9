//! What makes the daemon read its files again on this system, and programs that are run with a
//! limit.
//!
//! sshd reads `sshd_config` at its start and on SIGHUP; keys it reads at every login. Reloading
//! keeps the sessions that run; so does restarting sshd, and the units say so (`KillMode=process`),
//! but a restart that fails leaves nobody listening.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::time::{Duration, Instant};

/// A program and its arguments; the program by its absolute path.
pub type Command = Vec<Vec<u8>>;

/// The time that a reload has.
const RELOAD_TIME: Duration = Duration::from_secs(90);
/// Output that is kept, in bytes.
const KEEP: u64 = 64 * 1024;
/// Where programs are looked for: no search path decides about what root runs.
const BIN: [&str; 4] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
/// Where units lie.
const UNITS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// It ended by itself, with status 0.
    pub ok: bool,
    /// What it wrote to standard output and standard error.
    pub said: Vec<u8>,
}

/// Runs a program with an empty environment and without input, for `limit` at most.
#[must_use]
pub fn run(command: &Command, limit: Duration) -> Outcome {
    let failed = |why: &str| Outcome {
        ok: false,
        said: why.as_bytes().to_vec(),
    };
    let Some((program, arguments)) = command.split_first() else {
        return failed("there is nothing to run");
    };
    let Ok((mut reader, writer)) = std::io::pipe() else {
        return failed("no pipe could be made");
    };
    let Ok(second) = writer.try_clone() else {
        return failed("no pipe could be made");
    };
    let mut started = process::Command::new(OsStr::from_bytes(program));
    started
        .args(arguments.iter().map(|a| OsStr::from_bytes(a)))
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(second)
        .process_group(0);
    let child = started.spawn();
    // Our ends of the pipe for writing.
    drop(started);
    let mut child = match child {
        Ok(child) => child,
        Err(e) => return failed(&format!("{} does not start: {e}", program.escape_ascii())),
    };
    // A daemon that a reload leaves behind may keep the pipe open: it is not waited for.
    let _ = rustix::fs::fcntl_setfl(&reader, rustix::fs::OFlags::NONBLOCK);
    let begun = Instant::now();
    let (mut said, mut status) = (Vec::new(), None);
    loop {
        let _ = (&mut reader).take(KEEP).read_to_end(&mut said);
        said.truncate(usize::try_from(KEEP).unwrap_or(usize::MAX));
        match child.try_wait() {
            Ok(Some(s)) if status.is_none() => {
                // What it wrote last.
                status = Some(s);
                continue;
            }
            Ok(Some(_)) => break,
            Ok(None) if begun.elapsed() < limit => std::thread::sleep(Duration::from_millis(2)),
            _ => {
                let group = i32::try_from(child.id()).ok();
                if let Some(group) = group.and_then(rustix::process::Pid::from_raw) {
                    let kill = rustix::process::Signal::KILL;
                    let _ = rustix::process::kill_process_group(group, kill);
                }
                let _ = child.wait();
                said.extend_from_slice(b"\nit did not end in time");
                break;
            }
        }
    }
    Outcome {
        ok: status.is_some_and(|s| s.success()),
        said,
    }
}

/// Which server it is that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// OpenSSH's sshd.
    OpenSsh,
    /// Dropbear.
    Dropbear,
}

/// What is known of the running daemon.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The root directory of the machine that runs.
    pub root: PathBuf,
    /// Which server.
    pub server: Server,
    /// Its process id, where one listens.
    pub pid: Option<u32>,
    /// Ports or addresses change.
    pub listener: bool,
    /// Reloading does not suffice.
    pub restart: bool,
}

/// What makes the daemon read its files again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What it is called: `ssh.service`.
    pub name: String,
    /// What is run, in order. Empty: nothing is needed.
    pub commands: Vec<Command>,
    /// The daemon is stopped and started; else it goes on and reads its files.
    pub restart: bool,
    /// Why nothing is needed, or what is to be known; may be empty.
    pub note: &'static str,
}

/// Finds the way of this system. `None`: no service manager and no running daemon is known.
#[must_use]
pub fn find(asked: &Asked) -> Option<Way> {
    let at = |path: &str| asked.root.join(path.trim_start_matches('/'));
    let tool = |name: &str| {
        let dirs = BIN.iter().map(|d| format!("{d}/{name}"));
        dirs.into_iter().find(|p| at(p).exists())
    };
    let words =
        |words: &[&str]| -> Command { words.iter().map(|w| w.as_bytes().to_vec()).collect() };
    let names: &[&str] = match asked.server {
        Server::OpenSsh => &["ssh", "sshd"],
        Server::Dropbear => &["dropbear"],
    };
    // Dropbear has no configuration file that it reads again.
    let restart = asked.restart || asked.server == Server::Dropbear;
    let verb = if restart { "restart" } else { "reload" };
    if at("/run/systemd/system").is_dir()
        && let Some(systemctl) = tool("systemctl")
    {
        let unit = |suffix: &str| {
            let has = |n: &&&str| {
                UNITS
                    .iter()
                    .any(|d| at(&format!("{d}/{n}.{suffix}")).exists())
            };
            let own = asked.pid.and_then(|pid| unit_of(&asked.root, pid));
            let by_process = own.filter(|o| names.contains(&o.as_str()));
            by_process.or_else(|| names.iter().find(has).map(|n| (*n).to_owned()))
        };
        if let Some(socket) = names.iter().find(|n| socket_is_on(&asked.root, n)) {
            return Some(by_socket(asked, socket, &systemctl, &words, restart));
        }
        if let Some(name) = unit("service") {
            let name = format!("{name}.service");
            return Some(Way {
                commands: vec![words(&[&systemctl, verb, &name])],
                name,
                restart,
                note: "",
            });
        }
    }
    // OpenRC
    if at("/run/openrc").is_dir()
        && let Some(rc) = tool("rc-service")
        && let Some(name) = names
            .iter()
            .rev()
            .find(|n| at(&format!("/etc/init.d/{n}")).exists())
    {
        return Some(Way {
            name: (*name).to_owned(),
            commands: vec![words(&[&rc, name, verb])],
            restart,
            note: "",
        });
    }
    for name in names {
        let script = format!("/etc/init.d/{name}");
        if at(&script).exists() {
            let command = match tool("service") {
                Some(service) => words(&[&service, name, verb]),
                None => words(&[&script, verb]),
            };
            return Some(Way {
                name: (*name).to_owned(),
                commands: vec![command],
                restart,
                note: "",
            });
        }
    }
    let pid = asked.pid?;
    let kill = tool("kill")?;
    (asked.server == Server::OpenSsh).then(|| Way {
        name: format!("process {pid}"),
        commands: vec![words(&[&kill, "-HUP", &pid.to_string()])],
        restart: false,
        note: "no service manager is known to look after it",
    })
}

fn by_socket(
    asked: &Asked,
    socket: &str,
    systemctl: &str,
    words: &dyn Fn(&[&str]) -> Command,
    restart: bool,
) -> Way {
    let socket_unit = format!("{socket}.socket");
    let service = format!("{socket}.service");
    if asked.listener {
        // Ubuntu makes the socket unit's addresses from sshd_config when units are read; elsewhere
        // the unit has them itself, and this does no harm.
        let mut commands = vec![
            words(&[systemctl, "daemon-reload"]),
            words(&[systemctl, "restart", &socket_unit]),
        ];
        if asked.pid.is_some() {
            commands.push(words(&[systemctl, "try-reload-or-restart", &service]));
        }
        return Way {
            name: socket_unit,
            commands,
            restart: false,
            note: "systemd listens for sshd: where its socket unit names the port itself \
                   (ListenStream=), that has to change too",
        };
    }
    match asked.pid {
        // The daemon was started at the first connection and stays.
        Some(_) => Way {
            commands: vec![words(&[
                systemctl,
                if restart { "restart" } else { "reload" },
                &service,
            ])],
            name: service,
            restart,
            note: "",
        },
        None => Way {
            name: socket_unit,
            commands: Vec::new(),
            restart: false,
            note: "systemd starts sshd at the next connection, which reads its files then",
        },
    }
}

/// The socket unit is active: systemd shows that in its own directory, or it is wanted.
fn socket_is_on(root: &Path, name: &str) -> bool {
    let wanted = format!("etc/systemd/system/sockets.target.wants/{name}.socket");
    fs::symlink_metadata(root.join(wanted)).is_ok()
}

/// The service that a process belongs to, by its control group.
fn unit_of(root: &Path, pid: u32) -> Option<String> {
    let groups = fs::read_to_string(root.join(format!("proc/{pid}/cgroup"))).ok()?;
    let of_line = |line: &str| {
        let last = line.rsplit('/').next()?;
        Some(last.strip_suffix(".service")?.to_owned())
    };
    groups.lines().find_map(of_line)
}

/// Runs the commands in order, until one fails.
///
/// # Errors
/// The command that failed, and what it said.
pub fn carry_out(commands: &[Command]) -> Result<(), (Command, Vec<u8>)> {
    for command in commands {
        let outcome = run(command, RELOAD_TIME);
        if !outcome.ok {
            return Err((command.clone(), outcome.said));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str, files: &[&str]) -> Tree {
            let dir = format!("sshwhy-reload-{name}-{}", process::id());
            let root = std::env::temp_dir().join(dir);
            for file in files {
                let path = root.join(file.trim_start_matches('/'));
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "0::/system.slice/sshd.service\n").unwrap();
            }
            Tree(root)
        }

        fn find(
            &self,
            server: Server,
            pid: Option<u32>,
            listener: bool,
        ) -> Option<(String, Vec<String>)> {
            let way = find(&Asked {
                root: self.0.clone(),
                server,
                pid,
                listener,
                restart: false,
            })?;
            let line = |c: &Command| String::from_utf8(c.join(&b' ')).unwrap();
            Some((way.name, way.commands.iter().map(line).collect()))
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn debian_and_red_hat_name_their_service_otherwise() {
        let debian = Tree::new(
            "debian",
            &[
                "/run/systemd/system/x",
                "/usr/bin/systemctl",
                "/lib/systemd/system/ssh.service",
            ],
        );
        assert_eq!(
            debian.find(Server::OpenSsh, Some(7), false).unwrap().1,
            ["/usr/bin/systemctl reload ssh.service"]
        );
        // The process is the better witness: both names may exist.
        let both = Tree::new(
            "both",
            &[
                "/run/systemd/system/x",
                "/usr/bin/systemctl",
                "/usr/lib/systemd/system/ssh.service",
                "/usr/lib/systemd/system/sshd.service",
                "/proc/7/cgroup",
            ],
        );
        let found = both.find(Server::OpenSsh, Some(7), false).unwrap();
        assert_eq!(found.0, "sshd.service");
    }

    #[test]
    fn a_changed_port_of_a_socket_unit_needs_its_units_read_again() {
        let ubuntu = Tree::new(
            "ubuntu",
            &[
                "/run/systemd/system/x",
                "/usr/bin/systemctl",
                "/usr/lib/systemd/system/ssh.service",
                "/etc/systemd/system/sockets.target.wants/ssh.socket",
            ],
        );
        let (name, commands) = ubuntu.find(Server::OpenSsh, None, true).unwrap();
        assert_eq!(name, "ssh.socket");
        assert_eq!(
            commands,
            [
                "/usr/bin/systemctl daemon-reload",
                "/usr/bin/systemctl restart ssh.socket"
            ]
        );
        assert!(
            ubuntu
                .find(Server::OpenSsh, None, false)
                .unwrap()
                .1
                .is_empty()
        );
        assert_eq!(
            ubuntu.find(Server::OpenSsh, Some(7), false).unwrap().1,
            ["/usr/bin/systemctl reload ssh.service"]
        );
    }

    #[test]
    fn other_service_managers_and_none() {
        let alpine = Tree::new(
            "alpine",
            &[
                "/run/openrc/x",
                "/sbin/rc-service",
                "/etc/init.d/sshd",
                "/etc/init.d/dropbear",
            ],
        );
        assert_eq!(
            alpine.find(Server::OpenSsh, None, false).unwrap().1,
            ["/sbin/rc-service sshd reload"]
        );
        assert_eq!(
            alpine.find(Server::Dropbear, None, false).unwrap().1,
            ["/sbin/rc-service dropbear restart"]
        );
        let old = Tree::new("old", &["/etc/init.d/ssh", "/usr/sbin/service"]);
        assert_eq!(
            old.find(Server::OpenSsh, Some(7), false).unwrap().1,
            ["/usr/sbin/service ssh reload"]
        );
        let bare = Tree::new("bare", &["/bin/kill"]);
        assert_eq!(
            bare.find(Server::OpenSsh, Some(7), false).unwrap().1,
            ["/bin/kill -HUP 7"]
        );
        assert!(bare.find(Server::OpenSsh, None, false).is_none());
        assert!(bare.find(Server::Dropbear, Some(7), false).is_none());
    }

    #[test]
    fn a_program_is_limited_and_what_it_said_is_kept() {
        let shell = |script: &str, ms| {
            let command = [&b"/bin/sh"[..], b"-c", script.as_bytes()].map(<[u8]>::to_vec);
            run(&command.to_vec(), Duration::from_millis(ms))
        };
        let bad = shell("echo no; echo why >&2; exit 3", 5000);
        assert_eq!((bad.ok, bad.said.as_slice()), (false, &b"no\nwhy\n"[..]));
        let begun = Instant::now();
        assert!(!shell("sleep 60 & sleep 60", 100).ok);
        assert!(
            shell("sleep 60 & exit 0", 5000).ok,
            "what stays behind is not waited for"
        );
        assert!(begun.elapsed() < Duration::from_secs(20));
        assert!(!run(&vec![b"/nonexistent".to_vec()], Duration::from_secs(1)).ok);
    }
}
