//! Where agents usually listen, and which of them answer.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Whose socket a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Named by the asker.
    Given,
    /// The variable `SSH_AUTH_SOCK`: what ssh and PuTTY's tools use.
    Environment,
    /// Our own agent.
    Sshwhy,
    /// GnuPG's agent with `enable-ssh-support`.
    Gpg,
    /// GNOME's keyring, or its successor gcr.
    Gnome,
    /// A user unit of systemd that runs ssh-agent.
    Systemd,
    /// OpenSSH 10.1 and later: `~/.ssh/agent`.
    OpenSsh,
    /// 1Password.
    OnePassword,
    /// KeePass with KeeAgent, or KeePassXC beside it.
    KeeAgent,
    /// Bitwarden's desktop program.
    Bitwarden,
    /// Secretive on macOS.
    Secretive,
}

impl Origin {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Origin::Given => "the socket given",
            Origin::Environment => "SSH_AUTH_SOCK",
            Origin::Sshwhy => "sshwhy agent",
            Origin::Gpg => "gpg-agent",
            Origin::Gnome => "GNOME Keyring",
            Origin::Systemd => "ssh-agent of systemd",
            Origin::OpenSsh => "ssh-agent",
            Origin::OnePassword => "1Password",
            Origin::KeeAgent => "KeeAgent",
            Origin::Bitwarden => "Bitwarden",
            Origin::Secretive => "Secretive",
        }
    }
}

/// A place where an agent may listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose it is.
    pub origin: Origin,
    /// The socket.
    pub path: PathBuf,
}

/// What was found at a place.
#[derive(Debug)]
#[non_exhaustive]
pub enum State {
    /// Something listens.
    Listens(UnixStream),
    /// No such file.
    Absent,
    /// A socket at which nobody listens: the agent has ended.
    Stale,
    /// The file is no socket.
    NotASocket,
    /// The socket may not be used: another user's.
    Denied,
    /// Something else kept it from being opened.
    Failed(io::Error),
}

/// The usual places, `SSH_AUTH_SOCK` first; each path once.
#[must_use]
pub fn places(env: impl Fn(&str) -> Option<OsString>) -> Vec<Place> {
    let set = |name: &str| env(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let mut all: Vec<Place> = Vec::new();
    let mut add = |origin, path: PathBuf| {
        if !all.iter().any(|p| p.path == path) {
            all.push(Place { origin, path });
        }
    };
    if let Some(path) = set("SSH_AUTH_SOCK") {
        add(Origin::Environment, path);
    }
    if let Some(run) = set("XDG_RUNTIME_DIR") {
        for path in sockets_in(&run.join("sshwhy")) {
            add(Origin::Sshwhy, path);
        }
        add(Origin::Gpg, run.join("gnupg/S.gpg-agent.ssh"));
        add(Origin::Gnome, run.join("gcr/ssh"));
        add(Origin::Gnome, run.join("keyring/ssh"));
        add(Origin::Systemd, run.join("openssh_agent"));
        add(Origin::Systemd, run.join("ssh-agent.socket"));
        add(Origin::Systemd, run.join("ssh-agent"));
    }
    let gnupg = set("GNUPGHOME").or_else(|| set("HOME").map(|h| h.join(".gnupg")));
    if let Some(gnupg) = gnupg {
        add(Origin::Gpg, gnupg.join("S.gpg-agent.ssh"));
    }
    if let Some(home) = set("HOME") {
        for path in sockets_in(&home.join(".ssh/agent")) {
            add(Origin::OpenSsh, path);
        }
        add(Origin::OnePassword, home.join(".1password/agent.sock"));
        let group = "Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock";
        add(Origin::OnePassword, home.join(group));
        add(Origin::KeeAgent, home.join(".keeagent.sock"));
        add(Origin::Bitwarden, home.join(".bitwarden-ssh-agent.sock"));
        let data = "Library/Containers/com.maxgoedjen.Secretive.SecretAgent/Data/socket.ssh";
        add(Origin::Secretive, home.join(data));
    }
    all
}

/// The sockets in a directory, by name.
fn sockets_in(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|e| e.file_type().is_ok_and(|t| t.is_socket()))
        .map(|e| e.path())
        .take(64)
        .collect();
    found.sort();
    found
}

/// Opens a place. Reads and writes wait at most `timeout`.
#[must_use]
pub fn open(path: &Path, timeout: Option<Duration>) -> State {
    match std::fs::metadata(path) {
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return State::Absent;
        }
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return State::Denied,
        Err(e) => return State::Failed(e),
        Ok(meta) if !meta.file_type().is_socket() => return State::NotASocket,
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Ok(stream) => {
            let set = stream
                .set_read_timeout(timeout)
                .and_then(|()| stream.set_write_timeout(timeout));
            set.map_or_else(State::Failed, |()| State::Listens(stream))
        }
        Err(e) => match e.kind() {
            io::ErrorKind::ConnectionRefused => State::Stale,
            io::ErrorKind::NotFound => State::Absent,
            io::ErrorKind::PermissionDenied => State::Denied,
            _ => State::Failed(e),
        },
    }
}

/// Whether a path is `~/.ssh/agent/s.XXXX.agent.XXXX`, with `whose` being `.agent.`, or `.sshd.` for a
/// forwarded one: OpenSSH 10.1 and later.
#[must_use]
pub fn is_in_home(path: &[u8], whose: &[u8]) -> bool {
    let begin = b"/.ssh/agent/s.";
    let at = path.windows(begin.len()).position(|w| w == begin);
    at.and_then(|at| path.get(at.saturating_add(begin.len())..))
        .is_some_and(|rest| rest.windows(whose.len()).any(|w| w == whose))
}

/// Whether sshd made the socket, for a login that carries an agent. `login`: this is such a login.
/// /tmp/ssh-XXXXXXXXXX/agent.PID may be either's: a login by ssh tells them apart.
#[must_use]
pub fn is_forwarded(path: &Path, login: bool) -> bool {
    let bytes = path.as_os_str().as_bytes();
    is_in_home(bytes, b".sshd.") || (login && bytes.starts_with(b"/tmp/ssh-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn absent_stale_and_listening_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sock");
        assert!(matches!(open(&path, None), State::Absent));
        let listener = UnixListener::bind(&path).unwrap();
        assert!(matches!(open(&path, None), State::Listens(_)));
        drop(listener);
        assert!(matches!(open(&path, None), State::Stale));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "").unwrap();
        assert!(matches!(open(&path, None), State::NotASocket));
    }

    #[test]
    fn the_environment_comes_first_and_no_place_twice() {
        let env = |name: &str| match name {
            "SSH_AUTH_SOCK" => Some("/run/user/7/keyring/ssh".into()),
            "XDG_RUNTIME_DIR" => Some("/run/user/7".into()),
            "HOME" => Some("/home/a".into()),
            _ => None,
        };
        let found = places(env);
        assert_eq!(found[0].origin, Origin::Environment);
        let same = found.iter().filter(|p| p.path.ends_with("keyring/ssh"));
        assert_eq!(same.count(), 1);
        assert!(found.iter().any(|p| p.origin == Origin::OnePassword));
    }

    #[test]
    fn a_socket_that_sshd_made_is_told_from_ssh_agents() {
        let forwarded = |path: &str, login| is_forwarded(Path::new(path), login);
        assert!(forwarded("/tmp/ssh-abc/agent.5", true));
        assert!(!forwarded("/tmp/ssh-abc/agent.5", false));
        assert!(forwarded("/home/a/.ssh/agent/s.1xyz.sshd.2", false));
        assert!(!forwarded("/home/a/.ssh/agent/s.1xyz.agent.2", true));
    }
}
