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
//! peer goes through [`told::told`] alone. The wire is `russh`'s.

mod engine;
mod folder;
mod gate;
mod handler;
mod host_key;
mod limits;
mod login;
mod program;
mod pty;
pub mod told;

pub use engine::{Given, Source};
pub use folder::Folder;
pub use host_key::HostKey;
pub use limits::{Closed, Limits};
pub use login::{Login, become_session};
pub use sshwhy_index::Cache;

use gate::Gate;
use handler::{Conn, Shared};
use limits::{Door, Place};
use russh::{MethodKind, MethodSet, Preferred, SshId, cipher, compression, kex, keys, mac};
use sshwhy_verdict::Judgement;
use std::borrow::Cow;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};

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
    /// Offer post-quantum key exchanges alone. Clients before OpenSSH 9.9 and PuTTY 0.83 have none
    /// of this server's.
    pub post_quantum_only: bool,
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

/// A server that runs.
pub struct Running {
    address: SocketAddr,
    door: Door,
    config: Arc<RwLock<Arc<Config>>>,
    stop: watch::Sender<bool>,
    runtime: Option<Runtime>,
}

/// Starts serving on `listener`, in threads of its own.
///
/// # Errors
/// The listener cannot be used, no thread can be started, or there is no host key.
pub fn serve(config: Config, listener: TcpListener, sink: Arc<dyn Sink>) -> io::Result<Running> {
    if config.host_keys.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no host key"));
    }
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_io()
        .enable_time()
        .thread_name("serve")
        .build()?;
    let (stop, stopped) = watch::channel(false);
    let door = Door::default();
    let config = Arc::new(RwLock::new(Arc::new(config)));
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    runtime.spawn(accept(
        listener,
        config.clone(),
        door.clone(),
        sink,
        stopped,
    ));
    Ok(Running {
        address,
        door,
        config,
        stop,
        runtime: Some(runtime),
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.door.open()
    }

    /// New connections are served by `config`; those that are there stay as they are.
    pub fn reload(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// Takes no more connections, waits at most `patience` for those that are there, and ends.
    pub fn stop(mut self, patience: Duration) {
        let _ = self.stop.send(true);
        let until = Instant::now() + patience;
        while self.door.open() > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Decisions that run at a time: each reads files.
const DECISIONS: usize = 8;
/// How long accepting pauses when the system has no descriptor left.
const NO_DESCRIPTOR: Duration = Duration::from_millis(100);

async fn accept(
    listener: tokio::net::TcpListener,
    config: Arc<RwLock<Arc<Config>>>,
    door: Door,
    sink: Arc<dyn Sink>,
    mut stopped: watch::Receiver<bool>,
) {
    let decisions = Arc::new(Semaphore::new(DECISIONS));
    let mut number = 0u64;
    let mut wire: Option<(Arc<Config>, Arc<russh::server::Config>)> = None;
    loop {
        let (stream, from) = tokio::select! {
            _ = stopped.changed() => return,
            taken = listener.accept() => match taken {
                Ok(taken) => taken,
                Err(_) => {
                    tokio::time::sleep(NO_DESCRIPTOR).await;
                    continue;
                }
            },
        };
        number += 1;
        let now = config
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let wire_config = match &wire {
            Some((of, made)) if Arc::ptr_eq(of, &now) => made.clone(),
            _ => {
                let made = Arc::new(on_the_wire(&now));
                wire = Some((now.clone(), made.clone()));
                made
            }
        };
        let say = |what| {
            sink.event(&Event {
                connection: number,
                from,
                what,
            });
        };
        let place = match door.enter(from.ip(), &now.limits) {
            Ok(place) => place,
            Err(closed) => {
                say(What::Closed(closed));
                continue;
            }
        };
        let Ok(to) = stream.local_addr() else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        tokio::spawn(connection(
            One {
                config: now,
                wire: wire_config,
                sink: sink.clone(),
                number,
                from,
                to,
                decisions: decisions.clone(),
                door: door.clone(),
            },
            stream,
            place,
        ));
    }
}

/// What one connection has of its server.
struct One {
    config: Arc<Config>,
    wire: Arc<russh::server::Config>,
    sink: Arc<dyn Sink>,
    number: u64,
    from: SocketAddr,
    to: SocketAddr,
    decisions: Arc<Semaphore>,
    door: Door,
}

/// Serves one connection to its end.
async fn connection<S>(one: One, stream: S, place: Place)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let logged_in = Arc::new(AtomicBool::new(false));
    let proven = Arc::new(AtomicBool::new(false));
    let handle = Arc::new(OnceLock::new());
    let (limits, from) = (one.config.limits.clone(), one.from);
    let (sink, door, number) = (one.sink.clone(), one.door.clone(), one.number);
    let shared = Shared {
        config: one.config,
        sink: one.sink,
        number,
        from,
        to: one.to,
        logged_in: logged_in.clone(),
        proven: proven.clone(),
        decisions: one.decisions,
        door: one.door,
        handle: handle.clone(),
    };
    let gate = Gate::new(stream, logged_in.clone(), limits.grace, place);
    let ended = match russh::server::run_stream(one.wire, gate, Conn::new(shared)).await {
        Ok(session) => {
            let _ = handle.set(session.handle());
            session.await.err()
        }
        Err(e) => Some(e),
    };
    if !logged_in.load(Ordering::Acquire) && !proven.load(Ordering::Acquire) {
        door.penalise(from.ip(), &limits);
    }
    sink.event(&Event {
        connection: number,
        from,
        what: What::Ended(ended.map(|e| e.to_string())),
    });
}

/// Gives one connection these bytes and then the end of its stream, and gives back what was
/// answered: the way before the login, for fuzzing.
///
/// # Errors
/// No runtime can be made.
pub fn answer_to(config: Config, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let door = Door::default();
    let place = door
        .enter(nowhere.ip(), &config.limits)
        .map_err(|c| io::Error::other(c.word()))?;
    let one = One {
        wire: Arc::new(on_the_wire(&config)),
        config: Arc::new(config),
        sink: Arc::new(|_: &Event| {}),
        number: 1,
        from: nowhere,
        to: nowhere,
        decisions: Arc::new(Semaphore::new(1)),
        door,
    };
    runtime.block_on(async {
        let (mut ours, theirs) = tokio::io::duplex(bytes.len().max(1 << 16));
        let serving = tokio::spawn(connection(one, theirs, place));
        ours.write_all(bytes).await?;
        ours.shutdown().await?;
        let mut answer = Vec::new();
        ours.read_to_end(&mut answer).await?;
        serving.await.map_err(io::Error::other)?;
        Ok(answer)
    })
}

/// Time that every refusal of a well-formed request takes at least where no decision was needed.
const REFUSAL: Duration = Duration::from_millis(5);

/// The transport: nothing with SHA-1, no DSA, a post-quantum key exchange first.
fn on_the_wire(config: &Config) -> russh::server::Config {
    let methods: &[MethodKind] = match config.mode {
        Mode::ExplainOnly => &[MethodKind::PublicKey, MethodKind::KeyboardInteractive],
        Mode::Session(_) | Mode::Doorstep => &[MethodKind::PublicKey],
    };
    russh::server::Config {
        server_id: SshId::Standard(Cow::Borrowed(concat!(
            "SSH-2.0-sshwhy_",
            env!("CARGO_PKG_VERSION")
        ))),
        methods: MethodSet::from(methods),
        auth_rejection_time: REFUSAL,
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: config.host_keys.iter().map(|k| (*k.0).clone()).collect(),
        max_auth_attempts: config.limits.tries,
        // The gate has the clock of the login; a session may be silent for as long as it likes.
        inactivity_timeout: None,
        keepalive_interval: Some(Duration::from_secs(60)),
        keepalive_max: 3,
        nodelay: true,
        channel_buffer_size: 32,
        preferred: Preferred {
            kex: Cow::Owned(exchanges(config.post_quantum_only)),
            key: Cow::Owned(signatures()),
            cipher: Cow::Borrowed(&[
                cipher::CHACHA20_POLY1305,
                cipher::AES_256_GCM,
                cipher::AES_128_GCM,
                cipher::AES_256_CTR,
                cipher::AES_192_CTR,
                cipher::AES_128_CTR,
            ]),
            mac: Cow::Borrowed(&[mac::HMAC_SHA512_ETM, mac::HMAC_SHA256_ETM]),
            compression: Cow::Borrowed(&[compression::NONE]),
            ..Preferred::DEFAULT
        },
        ..russh::server::Config::default()
    }
}

/// Key exchanges. No finite field ones: each costs the server more than the peer (CVE-2002-20001).
fn exchanges(post_quantum_only: bool) -> Vec<kex::Name> {
    let mut out = vec![kex::MLKEM768X25519_SHA256];
    if !post_quantum_only {
        out.extend([kex::CURVE25519, kex::CURVE25519_PRE_RFC_8731]);
    }
    out.extend([
        kex::EXTENSION_SUPPORT_AS_SERVER,
        kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
    ]);
    out
}

/// Signature algorithms, for host keys and in server-sig-algs.
fn signatures() -> Vec<keys::Algorithm> {
    use keys::{Algorithm, EcdsaCurve, HashAlg};
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let rsa = |hash| Algorithm::Rsa { hash: Some(hash) };
    vec![
        Algorithm::Ed25519,
        Algorithm::SkEd25519,
        rsa(HashAlg::Sha512),
        rsa(HashAlg::Sha256),
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        Algorithm::SkEcdsaSha2NistP256,
    ]
}
