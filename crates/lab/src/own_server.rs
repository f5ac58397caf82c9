//! Our own server in the place of sshd.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::thread::UnshareFlags;
use sshwhy_server::{Config, Event, HostKey, Limits, Mode, Running, Source, serve};
use sshwhy_world::Build;

use crate::root::Outside;
use crate::worker::unshare;

/// How long a server gets to end.
const END: Duration = Duration::from_secs(5);

/// A server that runs inside a world's root.
pub(crate) struct OwnServer(Running);

impl OwnServer {
    /// Starts it at an address, as `serve --like-sshd --session` is up to the session: whoever is
    /// let in is not given one, which root gives to root alone.
    ///
    /// Its threads see the root that they are started in, and the caller stays where it is.
    pub(crate) fn start(root: &Path, to: SocketAddr, build: &Build) -> io::Result<OwnServer> {
        let (root, build): (PathBuf, Build) = (root.to_owned(), build.clone());
        let listener = TcpListener::bind(to)?;
        let inside = move || {
            unshare(UnshareFlags::FS)?;
            Outside::here()?.enter(&root)?;
            let source = Source::Machine {
                root: None,
                config: b"/etc/ssh/sshd_config".to_vec(),
                build: Some(build),
                run_commands: true,
                indexes: sshwhy_server::Cache::default(),
            };
            let mut config = Config::new(Mode::Doorstep, source, vec![HostKey::generate()?]);
            config.limits = Limits {
                penalty: Duration::ZERO,
                ..Limits::default()
            };
            serve(config, listener, Arc::new(|_: &Event| {}))
        };
        let started = std::thread::spawn(inside).join();
        let running = started.unwrap_or_else(|_| Err(io::Error::other("our server panicked")))?;
        Ok(OwnServer(running))
    }

    /// Ends it.
    pub(crate) fn end(self) {
        self.0.stop(END);
    }
}
