//! The listener as it runs now, found without starting anything.

use crate::sockets::{self, Listening};
use crate::tree::Tree;
use crate::unit;
use rustix::fs::{Mode, OFlags};
use sshwhy_world::{Daemon, Fact, Gap};
use std::cell::{LazyCell, OnceCell};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A server process.
#[derive(Clone, Debug)]
struct Process {
    pid: u32,
    parent: u32,
    started: Option<i64>,
    words: Vec<Vec<u8>>,
    titled: bool,
}

/// A file of /proc that is known to be short, in one call.
fn small<'a>(path: &str, room: &'a mut [u8]) -> Option<&'a [u8]> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::empty()).ok()?;
    let n = rustix::io::read(&fd, &mut *room).ok()?;
    room.get(..n)
}

/// The program that listens for SSH: its path and whether that was replaced on disk.
fn binary(pid: u32) -> Option<(Vec<u8>, bool)> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let path = path.as_os_str().as_bytes();
    match path.strip_suffix(b" (deleted)") {
        Some(path) => Some((path.to_vec(), true)),
        None => Some((path.to_vec(), false)),
    }
}

fn boot_time() -> Option<i64> {
    let stat = fs::read("/proc/stat").ok()?;
    let line = stat
        .split(|&b| b == b'\n')
        .find_map(|l| l.strip_prefix(b"btime "))?;
    std::str::from_utf8(line).ok()?.trim().parse().ok()
}

/// Name, parent and start of a process.
fn stat(pid: u32) -> Option<(Vec<u8>, u32, u64)> {
    let mut room = [0; 1024];
    parse_stat(small(&format!("/proc/{pid}/stat"), &mut room)?)
}

/// The name stands in parentheses and may hold any byte, these too.
pub(crate) fn parse_stat(raw: &[u8]) -> Option<(Vec<u8>, u32, u64)> {
    let open = raw.iter().position(|&b| b == b'(')?;
    let close = raw.iter().rposition(|&b| b == b')')?;
    let name = raw.get(open + 1..close)?.to_vec();
    let rest = std::str::from_utf8(raw.get(close + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    // Field 22 of proc_pid_stat(5).
    let ticks = fields.nth(17)?.parse().ok()?;
    Some((name, parent, ticks))
}

/// The words of a command line: from 8.2 on the listener's title holds them, between `sshd: ` and
/// ` [listener]`. `None`: a session, or a start that does not listen.
pub(crate) fn listener_words(cmdline: &[u8]) -> Option<(Vec<Vec<u8>>, bool)> {
    let split = |text: &[u8], at: u8| -> Vec<Vec<u8>> {
        text.split(|&b| b == at)
            .filter(|w| !w.is_empty())
            .map(<[u8]>::to_vec)
            .collect()
    };
    if let Some(title) = cmdline.strip_prefix(b"sshd: ") {
        let end = memchr::memmem::find(title, b" [listener]")?;
        return Some((split(title.get(..end)?, b' '), true));
    }
    let words = split(cmdline, 0);
    (!words.is_empty()).then_some((words, false))
}

/// A configuration file and settings that a command line gives.
pub(crate) type Arguments = (Option<Vec<u8>>, Vec<Vec<u8>>);

/// What the words say: the configuration file and `-o` settings. `None`: not a listener.
pub(crate) fn arguments(words: &[Vec<u8>], titled: bool) -> Option<Arguments> {
    let (mut config, mut options) = (None, Vec::new());
    let mut rest = words.iter().skip(1).peekable();
    while let Some(word) = rest.next() {
        let Some(flags) = word.strip_prefix(b"-") else {
            continue;
        };
        let mut i = 0;
        while let Some(&flag) = flags.get(i) {
            i += 1;
            match flag {
                b'i' | b't' | b'T' | b'G' | b'V' => return None,
                b'4' => options.push(b"AddressFamily=inet".to_vec()),
                b'6' => options.push(b"AddressFamily=inet6".to_vec()),
                b'f' | b'o' | b'p' | b'h' | b'b' | b'c' | b'C' | b'E' | b'g' | b'k' | b'u' => {
                    let attached = flags.get(i..).unwrap_or_default();
                    let mut value = if attached.is_empty() {
                        rest.next().cloned().unwrap_or_default()
                    } else {
                        attached.to_vec()
                    };
                    // In a title the words of `-o "Port 22"` stand apart.
                    if flag == b'o'
                        && titled
                        && !value.contains(&b'=')
                        && let Some(next) = rest.next_if(|n| !n.starts_with(b"-"))
                    {
                        value.push(b' ');
                        value.extend_from_slice(next);
                    }
                    match flag {
                        b'f' => config = Some(value),
                        b'o' => options.push(value),
                        b'p' => options.push([b"Port=", value.as_slice()].concat()),
                        b'h' => options.push([b"HostKey=", value.as_slice()].concat()),
                        _ => {}
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    Some((config, options))
}

fn same_place(pid: u32) -> bool {
    // A container's sshd is not this machine's. What cannot be read is not held against it.
    ["pid", "net"].iter().all(|ns| {
        match (
            fs::read_link(format!("/proc/{pid}/ns/{ns}")),
            fs::read_link(format!("/proc/self/ns/{ns}")),
        ) {
            (Ok(theirs), Ok(ours)) => theirs == ours,
            _ => true,
        }
    })
}

fn process(pid: u32, name: &[u8]) -> Option<Process> {
    let (comm, parent, ticks) = stat(pid)?;
    if comm != name || !same_place(pid) {
        return None;
    }
    let cmdline = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let (words, titled) = listener_words(&cmdline)?;
    let hz = rustix::param::clock_ticks_per_second().max(1);
    let started = boot_time().map(|b| b + i64::try_from(ticks / hz).unwrap_or(0));
    Some(Process {
        pid,
        parent,
        started,
        words,
        titled,
    })
}

/// The process id in sshd's PID file, and when that was written: sshd writes it anew whenever it
/// reads its configuration, at its start and on SIGHUP.
fn pid_file() -> Option<(u32, i64)> {
    let path = ["/run/sshd.pid", "/var/run/sshd.pid"]
        .iter()
        .find(|p| Path::new(p).exists())?;
    let pid = fs::read_to_string(path).ok()?.trim().parse().ok()?;
    Some((pid, fs::metadata(path).ok()?.mtime()))
}

/// The processes that may be an SSH server, looked for once.
#[derive(Default)]
pub(crate) struct Servers(OnceCell<Vec<(Vec<u8>, u32)>>);

impl Servers {
    /// Names and ids. A look at every process is the last resort: it takes milliseconds.
    fn all(&self) -> &[(Vec<u8>, u32)] {
        self.0.get_or_init(|| {
            let server = |pid: u32| {
                let mut room = [0; 32];
                let name = small(&format!("/proc/{pid}/comm"), &mut room)?.trim_ascii_end();
                matches!(name, b"sshd" | b"dropbear").then(|| (name.to_vec(), pid))
            };
            // The file may be an old one, and its process id another process's by now.
            let mut found: Vec<_> = pid_file()
                .and_then(|(pid, _)| server(pid))
                .into_iter()
                .collect();
            for top in [
                "/sys/fs/cgroup",
                "/sys/fs/cgroup/systemd",
                "/sys/fs/cgroup/unified",
            ] {
                for unit in ["ssh", "sshd", "dropbear"] {
                    let path = format!("{top}/system.slice/{unit}.service/cgroup.procs");
                    let pids = fs::read_to_string(path).unwrap_or_default();
                    found.extend(pids.lines().filter_map(|l| server(l.parse().ok()?)));
                }
            }
            if found.is_empty()
                && let Ok(proc) = fs::read_dir("/proc")
            {
                let pids = proc.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
                found.extend(pids.filter_map(server));
            }
            found.sort();
            found.dedup();
            found
        })
    }

    /// Every process of that name that listens, the likeliest first.
    fn listeners(&self, name: &[u8]) -> Vec<Process> {
        let named = self.all().iter().filter(|(n, _)| n == name);
        let mut found: Vec<Process> = named.filter_map(|(_, pid)| process(*pid, name)).collect();
        found.sort_by_key(|p| (p.parent != 1, p.pid));
        found
    }
}

/// The binary of the SSH server that listens now.
pub(crate) fn running_binary(servers: &Servers) -> Option<Vec<u8>> {
    [&b"sshd"[..], b"dropbear"].iter().find_map(|name| {
        let process = servers
            .listeners(name)
            .into_iter()
            .find(|p| arguments(&p.words, p.titled).is_some())?;
        binary(process.pid).map(|(path, _)| path)
    })
}

/// Whether the process holds one of the sockets. `None`: that cannot be seen.
fn holds(pid: u32, sockets: &[Listening]) -> Option<bool> {
    let fds = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    for fd in fds.flatten() {
        let Ok(target) = fs::read_link(fd.path()) else {
            continue;
        };
        let inode = target
            .to_str()
            .and_then(|t| t.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
        if let Some(inode) = inode
            && sockets.iter().any(|(_, i)| *i == inode)
        {
            return Some(true);
        }
    }
    Some(false)
}

/// The daemon of this machine. `config`: the configuration that is judged, if one was named.
pub(crate) fn find(tree: &Tree, servers: &Servers, name: &[u8]) -> Fact<Option<Daemon>> {
    let sockets = LazyCell::new(sockets::listening);
    let mut best: Option<(bool, Daemon)> = None;
    for process in servers.listeners(name) {
        let Some((file, options)) = arguments(&process.words, process.titled) else {
            continue;
        };
        let listening = holds(process.pid, &sockets).unwrap_or(true);
        let reloaded = pid_file()
            .filter(|(pid, _)| *pid == process.pid)
            .map(|(_, at)| at);
        let daemon = Daemon {
            listening,
            config_read_at: process.started.max(reloaded),
            pid: Some(process.pid),
            binary_replaced: binary(process.pid).is_some_and(|(_, replaced)| replaced),
            config: file,
            options,
            per_connection: false,
        };
        if best.as_ref().is_none_or(|(l, _)| listening && !l) {
            best = Some((listening, daemon));
        }
    }
    if let Some((_, daemon)) = best {
        return Fact::Known(Some(daemon));
    }
    if !Path::new("/proc/1/stat").exists() {
        return Fact::Unknown(Gap::could_not(
            "whether sshd is running",
            "the processes of others are not shown to this user",
            "run the audit as root",
        ));
    }
    // systemd may hold the port itself and start sshd at the first connection.
    let activated = unit::socket_ports(tree)
        .iter()
        .any(|p| sockets.iter().any(|(s, _)| s == p));
    Fact::Known(Some(Daemon {
        listening: activated,
        ..Daemon::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cmdline: &[u8]) -> Option<Arguments> {
        let (words, titled) = listener_words(cmdline)?;
        arguments(&words, titled)
    }

    #[test]
    fn the_listeners_title_holds_its_arguments() {
        let title = b"sshd: /usr/sbin/sshd -D -f /etc/x -o Port=22 -oLogLevel=ERROR -p2222 \
                      [listener] 0 of 10-100 startups\0";
        let (config, options) = read(title).unwrap();
        assert_eq!(config.unwrap(), b"/etc/x");
        assert_eq!(options, [&b"Port=22"[..], b"LogLevel=ERROR", b"Port=2222"]);
        assert_eq!(
            read(b"/usr/sbin/sshd\0-Df\0/etc/a b\0").unwrap().0.unwrap(),
            b"/etc/a b"
        );
    }

    #[test]
    fn sessions_and_tests_of_the_configuration_do_not_listen() {
        assert!(read(b"sshd: alice [priv]\0").is_none());
        assert!(read(b"sshd: alice@pts/0\0").is_none());
        assert!(read(b"/usr/sbin/sshd\0-T\0").is_none());
        assert!(read(b"/usr/sbin/sshd\0-i\0").is_none());
    }

    #[test]
    fn a_process_name_may_hold_parentheses() {
        let raw = b"12 (a) b (c) S 1 12 12 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 287101 1 1\n";
        assert_eq!(parse_stat(raw).unwrap(), (b"a) b (c".to_vec(), 1, 287_101));
    }
}
