//! An SSH server that decides as sshd does, with the same engine as `audit`, and says why.
//!
//! [`serve`] runs it in threads of its own and gives back a [`Running`]; dropping that or calling
//! [`Running::stop`] ends it. A program that wants a server to show something with does:
//!
//! ```text
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let config = Config::new(Mode::Session, source, vec![HostKey::generate()?]);
//! let running = serve(config, listener, Arc::new(|event: &Event| …))?;
//! let address = running.address();
//! …
//! running.stop(Duration::from_secs(1));
//! ```
//!
//! What reaches the operator is an [`Event`] with the engine's whole judgement; what reaches the
//! peer goes through [`told::told`] alone. The transport is our own (`sshwhy_wire::server`), so that
//! every key reaches the engine as it came, and so that the process that speaks to the network can be
//! one that knows nothing ([`serve_apart`]).
//!
//! A connection is accepted (`accept`), talks up to its login (`talk`) to a desk that explains
//! (`explain`) or lets in (`admit`), and then is served sessions (`sessions`, `login`, `program`, `flow`).

mod accept;
mod admit;
mod apart;
mod engine;
mod explain;
mod flow;
mod folder;
mod gate;
mod grid;
mod host_key;
mod limits;
mod login;
mod offer;
mod parent;
mod program;
mod proof;
mod pty;
mod running;
mod sessions;
mod step;
mod talk;
pub mod told;

pub use accept::{answer_to, answers_under_keys};
pub use apart::{Nobody, network};
pub use engine::{Given, Source, preview};
pub use folder::Folder;
pub use host_key::HostKey;
pub use limits::{Closed, Limits};
pub use login::{Login, become_session};
pub use running::{Running, serve, serve_apart};
pub use sshwhy_index::Cache;

use sshwhy_verdict::Judgement;
use std::net::SocketAddr;

/// What happens to a key that sshd would let in.
#[derive(Clone, Debug)]
pub enum Mode {
    /// Nobody is let in. Every query is answered "acceptable", the signature is verified, and then
    /// the holder is told about its key.
    ExplainOnly,
    /// The wire behaves as sshd's does and says nothing more; sessions run as whoever runs the
    /// server, and for that account alone.
    Session(Login),
    /// The wire behaves as sshd's does up to the login, and no session is opened: to show a login
    /// with keys that are no secret.
    Doorstep,
}

/// How to serve.
#[derive(Clone)]
pub struct Config {
    /// What becomes of an accepted key.
    pub mode: Mode,
    /// By whose files it is decided.
    pub source: Source,
    /// Host keys, one of each type.
    pub host_keys: Vec<HostKey>,
    /// Caps and times.
    pub limits: Limits,
    /// Offer post-quantum key exchanges alone. Clients before OpenSSH 9.0 and PuTTY 0.78 have none
    /// of this server's.
    pub post_quantum_only: bool,
    /// Bytes of a session after which new keys are agreed on.
    pub rekey_after: u64,
}

impl Config {
    /// With the usual limits.
    #[must_use]
    pub fn new(mode: Mode, source: Source, host_keys: Vec<HostKey>) -> Config {
        Config {
            mode,
            source,
            host_keys,
            limits: Limits::default(),
            post_quantum_only: false,
            rekey_after: sshwhy_wire::server::REKEY_AFTER,
        }
    }
}

/// Something the operator hears of.
#[derive(Clone)]
pub struct Event {
    /// Counts the connections of this server, from 1.
    pub connection: u64,
    /// The peer.
    pub from: SocketAddr,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone)]
pub enum What {
    /// A connection was not taken.
    Closed(Closed),
    /// A key was decided upon.
    Attempt(Box<Seen>),
    /// The source could not be read: nobody is let in.
    Broken(String),
    /// A session began: what runs.
    Session(&'static str),
    /// The connection ended, and how, where the peer did not just go.
    Ended(Option<String>),
}

/// One decided attempt.
#[derive(Clone)]
pub struct Seen {
    /// The user name as it was sent.
    pub user: Vec<u8>,
    /// The key or certificate.
    pub blob: Vec<u8>,
    /// Possession was proven by a signature; otherwise this was a query.
    pub signed: bool,
    /// The engine's whole answer.
    pub judgement: Judgement,
    /// What its holder hears of it, where this server speaks.
    pub told: Option<told::Told>,
    /// The server's end.
    pub to: SocketAddr,
    /// The sshd decided as: identification and profile.
    pub build: (String, String),
}

/// Where events go. It is called from the server's threads and must not block for long.
pub trait Sink: Send + Sync + 'static {
    /// Takes one event.
    fn event(&self, event: &Event);
}

impl<F: Fn(&Event) + Send + Sync + 'static> Sink for F {
    fn event(&self, event: &Event) {
        self(event);
    }
}
