//! Whose agent it is that answers at a socket, and which process.
//!
//! The peer of a socket is whoever began to listen. ssh-agent and gpg-agent begin in a process that
//! ends at once, and go on in its child; systemd listens for others. Then the peer tells nothing.

use rustix::process::{Pid, getuid};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whose agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ours,
    OpenSsh,
    Gpg,
    Pageant,
    Other,
}

/// A process, and how it calls itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    pub(super) name: Vec<u8>,
}

impl Process {
    fn read(pid: Pid) -> Option<Process> {
        let name = std::fs::read(format!("/proc/{}/comm", pid.as_raw_nonzero())).ok()?;
        Some(Process {
            pid,
            name: name.trim_ascii().to_vec(),
        })
    }

    fn kind(&self) -> Kind {
        match self.name.as_slice() {
            b"sshwhy" => Kind::Ours,
            b"ssh-agent" => Kind::OpenSsh,
            b"gpg-agent" => Kind::Gpg,
            b"pageant" => Kind::Pageant,
            _ => Kind::Other,
        }
    }
}

/// The process behind a socket; `peer` is whoever began to listen.
pub(super) fn process(path: &Path, peer: Option<Pid>) -> Option<Process> {
    let peer = peer.and_then(Process::read);
    if let Some(peer) = peer
        .clone()
        .filter(|p| !matches!(p.name.as_slice(), b"systemd" | b"init" | b"launchd"))
    {
        return Some(peer);
    }
    holder(path).or_else(|| named(path)).or_else(only).or(peer)
}

/// Whose it is: as the process calls itself, else as the place is called.
pub(super) fn kind(path: &Path, process: Option<&Process>) -> Kind {
    match process.map(Process::kind) {
        None | Some(Kind::Other) => of_place(path, process.is_none()),
        Some(kind) => kind,
    }
}

/// `ended`: the process that began to listen is gone, and another one answers.
fn of_place(path: &Path, ended: bool) -> Kind {
    let bytes = path.as_os_str().as_bytes();
    let name = path.file_name().map_or(&b""[..], OsStrExt::as_bytes);
    if name.starts_with(b"S.gpg-agent") {
        return Kind::Gpg;
    }
    if name.starts_with(b"pageant.") {
        return Kind::Pageant;
    }
    let theirs = name == b"openssh_agent"
        || name.starts_with(b"ssh-agent")
        || (bytes.starts_with(b"/tmp/ssh-") && name.starts_with(b"agent."))
        || sshwhy_agent::find::is_in_home(bytes, b".agent.");
    match theirs || ended {
        true => Kind::OpenSsh,
        false => Kind::Other,
    }
}

/// The process that holds the socket open to listen, as far as this user may look.
fn holder(path: &Path) -> Option<Process> {
    let table = std::fs::read("/proc/net/unix").ok()?;
    let path = path.as_os_str().as_bytes();
    let inode = table.split(|&b| b == b'\n').find_map(|line| {
        // Num RefCount Protocol Flags Type St Inode Path
        let mut words = line.splitn(8, |&b| b == b' ').map(<[u8]>::trim_ascii);
        let flags = words.nth(3)?;
        let rest = line.strip_suffix(path)?;
        let inode = rest.trim_ascii_end().rsplit(|&b| b == b' ').next()?;
        (flags == b"00010000").then(|| inode.to_vec())
    })?;
    let wanted = [b"socket:[", inode.as_slice(), b"]"].concat();
    processes().find_map(|pid| {
        let open = std::fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())).ok()?;
        open.flatten()
            .any(|fd| {
                std::fs::read_link(fd.path()).is_ok_and(|to| to.as_os_str().as_bytes() == wanted)
            })
            .then(|| Process::read(pid))
            .flatten()
            .filter(|p| p.name != b"systemd")
    })
}

fn processes() -> impl Iterator<Item = Pid> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|e| {
        let number: i32 = e.file_name().to_str()?.parse().ok()?;
        Pid::from_raw(number)
    })
}

/// The process that SSH_AGENT_PID names, if it is that of this socket and is an agent still.
fn named(path: &Path) -> Option<Process> {
    let socket = std::env::var_os("SSH_AUTH_SOCK")?;
    let pid: i32 = std::env::var("SSH_AGENT_PID").ok()?.parse().ok()?;
    let process = Process::read(Pid::from_raw(pid)?)?;
    (Path::new(&socket) == path && process.kind() != Kind::Other).then_some(process)
}

/// The only ssh-agent of this user, where there is one alone.
fn only() -> Option<Process> {
    let me = getuid().as_raw();
    let mut all = processes().filter(|pid| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()));
        let mine = |text: String| {
            text.lines().find_map(|l| {
                l.strip_prefix("Uid:")?
                    .split_whitespace()
                    .next()?
                    .parse()
                    .ok()
            }) == Some(me)
        };
        let own = std::fs::metadata(format!("/proc/{}", pid.as_raw_nonzero()));
        // Its folder in /proc is root's, for it lets nobody trace it.
        own.is_ok_and(|m| m.uid() == me || m.uid() == 0)
            && status.is_ok_and(mine)
            && Process::read(*pid).is_some_and(|p| p.kind() == Kind::OpenSsh)
    });
    let first = all.next()?;
    match all.next() {
        None => Process::read(first),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_tells_whose_agent_it_is() {
        let kind = |path: &str| of_place(Path::new(path), false);
        assert_eq!(kind("/run/user/7/gnupg/S.gpg-agent.ssh"), Kind::Gpg);
        assert_eq!(kind("/tmp/pageant.alice/pageant.77"), Kind::Pageant);
        assert_eq!(kind("/tmp/ssh-abc/agent.5"), Kind::OpenSsh);
        assert_eq!(kind("/home/a/.ssh/agent/s.1xyz.agent.2"), Kind::OpenSsh);
        assert_eq!(kind("/run/user/7/openssh_agent"), Kind::OpenSsh);
        assert_eq!(kind("/home/a/.1password/agent.sock"), Kind::Other);
    }
}
