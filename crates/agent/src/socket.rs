//! The socket that an agent listens at: 0600 in a directory 0700.

use crate::find::{State, open};
use rustix::fs::Mode;
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use std::ffi::OsString;
use std::fmt;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// Why no socket is made.
#[derive(Debug)]
#[non_exhaustive]
pub enum SocketError {
    /// An agent answers there already.
    InUse(PathBuf),
    /// Something that is no socket is in the way.
    InTheWay(PathBuf),
    /// Others may change the directory.
    Directory {
        /// The directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// Its mode.
        mode: u32,
    },
    /// The system said no.
    Io(PathBuf, io::Error),
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SocketError::InUse(path) => {
                write!(f, "an agent answers at {} already", path.display())
            }
            SocketError::InTheWay(path) => write!(f, "{} is no socket", path.display()),
            SocketError::Directory { path, owner, mode } => write!(
                f,
                "expected a directory of yours that nobody else may use, found {} of user {owner} \
                 with mode {mode:04o}",
                path.display()
            ),
            SocketError::Io(path, e) => write!(f, "{}: {e}", path.display()),
        }
    }
}

impl std::error::Error for SocketError {}

/// A socket of our own; its file goes with it.
pub struct Socket {
    /// The listener.
    pub listener: UnixListener,
    path: PathBuf,
    dir: Option<PathBuf>,
    inode: Option<u64>,
}

impl Socket {
    /// Listens at `path`. A socket that nobody listens at any more is replaced; the directory is
    /// made if it is not there, and must be nobody else's.
    ///
    /// # Errors
    /// Says what is in the way.
    pub fn bind(path: &Path) -> Result<Socket, SocketError> {
        let io = |e| SocketError::Io(path.to_owned(), e);
        let parent = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        let fresh = !parent.exists();
        if fresh {
            make_dir(parent).map_err(|e| SocketError::Io(parent.to_owned(), e))?;
        }
        private(parent)?;
        match open(path, None) {
            State::Absent => {}
            State::Stale => std::fs::remove_file(path).map_err(io)?,
            State::Listens(_) => return Err(SocketError::InUse(path.to_owned())),
            State::NotASocket => return Err(SocketError::InTheWay(path.to_owned())),
            State::Denied => return Err(io(io::ErrorKind::PermissionDenied.into())),
            State::Failed(e) => return Err(io(e)),
        }
        // Never open to others, not for a moment.
        let before = rustix::process::umask(Mode::from_raw_mode(0o177));
        let bound = UnixListener::bind(path);
        rustix::process::umask(before);
        let listener = bound.map_err(io)?;
        let inode = std::fs::symlink_metadata(path).map(|m| m.ino()).ok();
        Ok(Socket {
            listener,
            path: path.to_owned(),
            dir: fresh.then(|| parent.to_owned()),
            inode,
        })
    }

    /// The socket that systemd hands over (sd_listen_fds(3)): descriptor 3, where the variables
    /// name this process. Its file is systemd's.
    ///
    /// # Errors
    /// The descriptor cannot be had, or is no socket with a path.
    pub fn inherited(
        env: impl Fn(&str) -> Option<OsString>,
    ) -> Option<Result<Socket, SocketError>> {
        let number = |name| env(name)?.to_str()?.parse::<u32>().ok();
        if number("LISTEN_PID")? != std::process::id() || number("LISTEN_FDS")? == 0 {
            return None;
        }
        let taken = || {
            // A copy of the descriptor, taken the one way that needs no trust in its number.
            let us = pidfd_open(getpid(), PidfdFlags::empty())?;
            let fd = pidfd_getfd(us, 3, PidfdGetfdFlags::empty())?;
            rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
            let listener = UnixListener::from(fd);
            let address = listener.local_addr()?;
            let path = address.as_pathname().ok_or(io::ErrorKind::Unsupported)?;
            Ok(Socket {
                path: path.to_owned(),
                listener,
                dir: None,
                inode: None,
            })
        };
        Some(taken().map_err(|e: io::Error| SocketError::Io("descriptor 3".into(), e)))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Another agent may have taken the place.
        let now = std::fs::symlink_metadata(&self.path).map(|m| m.ino()).ok();
        if now.is_some() && now == self.inode {
            let _ = std::fs::remove_file(&self.path);
            if let Some(dir) = &self.dir {
                let _ = std::fs::remove_dir(dir);
            }
        }
    }
}

fn make_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    // Whatever the umask.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

/// Refuses a directory in which others may put something at the socket's place.
fn private(dir: &Path) -> Result<(), SocketError> {
    let meta = std::fs::metadata(dir).map_err(|e| SocketError::Io(dir.to_owned(), e))?;
    let mine = meta.uid() == rustix::process::geteuid().as_raw();
    if mine && meta.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(SocketError::Directory {
        path: dir.to_owned(),
        owner: meta.uid(),
        mode: meta.mode() & 0o7777,
    })
}

/// A path nobody has, in the user's runtime directory or, without one, in a new directory below
/// `/tmp`.
///
/// # Errors
/// There is no randomness, or no room for a directory.
pub fn default_path(runtime: Option<&Path>) -> Result<PathBuf, SocketError> {
    let name = format!("agent.{}", std::process::id());
    if let Some(runtime) = runtime.filter(|r| r.is_absolute() && private(r).is_ok()) {
        let dir = runtime.join("sshwhy");
        if !dir.exists() {
            make_dir(&dir).map_err(|e| SocketError::Io(dir.clone(), e))?;
        }
        return Ok(dir.join(name));
    }
    let mut random = [0u8; 8];
    let dir = PathBuf::from("/tmp");
    if getrandom::fill(&mut random).is_err() {
        return Err(SocketError::Io(dir, io::ErrorKind::Other.into()));
    }
    let random = u64::from_ne_bytes(random);
    Ok(dir.join(format!("sshwhy-{random:016x}")).join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_the_owners_alone_and_goes_with_the_agent() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/sock");
        let socket = Socket::bind(&path).unwrap();
        let mode = |p: &Path| std::fs::metadata(p).unwrap().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert!(matches!(Socket::bind(&path), Err(SocketError::InUse(_))));
        drop(socket);
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_a_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let closed = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(dir.path(), closed).unwrap();
        let path = dir.path().join("sock");
        drop(UnixListener::bind(&path).unwrap());
        drop(Socket::bind(&path).unwrap());
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(Socket::bind(&path), Err(SocketError::InTheWay(_))));
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    }

    #[test]
    fn a_directory_that_others_may_use_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(dir.path(), open).unwrap();
        let refused = Socket::bind(&dir.path().join("sock"));
        assert!(matches!(
            refused,
            Err(SocketError::Directory { mode: 0o755, .. })
        ));
    }
}
