//! The way to the server: its hops, a stream to each, and a login at each.

use crate::algorithms;
use crate::ask::Ask;
use crate::host::{Host, Refused, Seen};
use crate::keys;
use crate::login::{Login, Refusal};
use crate::session::Wish;
use russh::SshId;
use russh::client::{Config, Handle};
use sshwhy_check::hosts;
use sshwhy_check::identity::{self, Offers};
use sshwhy_check::probe::Known;
use sshwhy_check::reach::{self, Carrier, Link, Unreached};
use sshwhy_check::target::{Asked, Habits, NoTarget, Target};
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// Most hops of a route, those of the hops' own ssh_config included.
const MAX_HOPS: usize = 16;

/// One server on the way, or the last one.
pub struct Hop {
    /// Whom to ask.
    pub target: Target,
    /// The keys.
    pub offers: Offers,
    /// The host keys that are known.
    pub known: Known,
}

impl Hop {
    /// A hop with the keys of its own target, those of `named` files first.
    #[must_use]
    pub fn new(target: Target, named: &[PathBuf], known: Known) -> Hop {
        let mut offers = identity::gather(&target, named);
        keys::widen(&mut offers.identities);
        Hop {
            target,
            offers,
            known,
        }
    }
}

/// The hops in their order, the server itself last.
pub struct Route(Vec<Hop>);

impl Route {
    /// The way to `last` over the steps of its ProxyJump, each with its own ssh_config.
    ///
    /// # Errors
    /// A step's configuration is refused, or the steps lead in a circle.
    pub fn to(last: Hop, config: Option<&[u8]>) -> Result<Route, NoTarget> {
        let mut hops = vec![last];
        loop {
            // Only the first step may have steps of its own: the others are reached through it.
            let Some(first) = hops.first_mut() else {
                return Ok(Route(hops));
            };
            if first.target.proxy.is_some() {
                return Ok(Route(hops));
            }
            let jumps = std::mem::take(&mut first.target.jumps);
            if jumps.is_empty() {
                return Ok(Route(hops));
            }
            if hops.len().saturating_add(jumps.len()) > MAX_HOPS {
                return Err(NoTarget {
                    why: format!("ProxyJump leads over more than {MAX_HOPS} hosts"),
                    help: "look for a circle: a jump host whose own ProxyJump leads back",
                });
            }
            let mut steps = Vec::new();
            for (index, jump) in jumps.iter().enumerate() {
                let asked = Asked {
                    target: bracketed(&jump.host),
                    port: jump.port,
                    user: jump.user.clone(),
                    config: config.map(<[u8]>::to_vec),
                    ..Asked::default()
                };
                let mut target = Target::openssh(&asked)?;
                if index > 0 {
                    target.proxy = None;
                    target.jumps.clear();
                }
                let known = Known {
                    files: hosts::files(&target),
                    ..Known::default()
                };
                steps.push(Hop::new(target, &[], known));
            }
            steps.append(&mut hops);
            hops = steps;
        }
    }

    /// The hops.
    #[must_use]
    pub fn hops(&self) -> &[Hop] {
        &self.0
    }
}

/// A host that is an IPv6 address is no host with a port.
fn bracketed(host: &[u8]) -> Vec<u8> {
    if host.contains(&b':') {
        [b"[", host, b"]"].concat()
    } else {
        host.to_vec()
    }
}

/// What kept the session from beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No connection.
    Unreached(Unreached),
    /// The hop before does not lead there: its words.
    NotForwarded(String),
    /// The host key was not taken.
    HostKey(Refused),
    /// The identification or the key exchange failed.
    Transport(String),
    /// No answer in time.
    Silent(Duration),
    /// Not let in.
    Refused(Refusal),
    /// This machine.
    System(String),
}

/// What kept the session from beginning, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotIn {
    /// The host as it was typed.
    pub host: Vec<u8>,
    /// Its port.
    pub port: u16,
    /// Whether it is a hop before the server itself.
    pub on_the_way: bool,
    /// Why.
    pub why: Why,
}

impl NotIn {
    pub(crate) fn system(what: &str, error: &std::io::Error) -> Box<NotIn> {
        Box::new(NotIn {
            host: Vec::new(),
            port: 0,
            on_the_way: false,
            why: Why::System(format!("{what}: {error}")),
        })
    }
}

/// Both directions of a connection.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A login that stands. What carries it lives as long.
pub(crate) struct Connection {
    pub(crate) handle: Handle<Host>,
    pub(crate) seen: Arc<Seen>,
    _before: Vec<Handle<Host>>,
    _carrier: Option<Carrier>,
}

/// Goes the route.
pub(crate) async fn go(
    route: Route,
    ask: &Arc<dyn Ask>,
    patience: Duration,
    wish: &Wish,
) -> Result<Connection, Box<NotIn>> {
    let last = route.0.len().saturating_sub(1);
    let mut before: Vec<Handle<Host>> = Vec::new();
    let mut carrier = None;
    for (index, hop) in route.0.into_iter().enumerate() {
        let (host, port) = (hop.target.typed.clone(), hop.target.port);
        let on_the_way = index != last;
        let not = |why: Why| {
            Box::new(NotIn {
                host: host.clone(),
                port,
                on_the_way,
                why,
            })
        };
        let stream: Box<dyn Duplex> = match before.last() {
            Some(handle) => through(handle, &hop.target).await.map_err(not)?,
            None => {
                let (stream, carried) = first(&hop.target, patience).map_err(not)?;
                carrier = carried;
                stream
            }
        };
        let seen = Arc::new(Seen::default());
        let config = Arc::new(config(&hop));
        let handler = Host {
            target: hop.target.clone(),
            known: hop.known,
            ask: Arc::clone(ask),
            seen: Arc::clone(&seen),
            agent: wish.agent.clone().filter(|_| !on_the_way),
        };
        let met = russh::client::connect_stream(config, stream, handler);
        let mut handle = match patiently(met, patience, &seen).await {
            Some(Ok(handle)) => handle,
            Some(Err(error)) => {
                return Err(not(match seen.refused() {
                    Some(refused) => Why::HostKey(refused),
                    None => Why::Transport(words(&error, seen.disconnect())),
                }));
            }
            None => return Err(not(Why::Silent(patience))),
        };
        Login::new(
            &mut handle,
            &hop.target,
            &hop.offers.identities,
            &**ask,
            &seen,
        )
        .run()
        .await
        .map_err(|refusal| not(Why::Refused(refusal)))?;
        if index == last {
            return Ok(Connection {
                handle,
                seen,
                _before: before,
                _carrier: carrier,
            });
        }
        before.push(handle);
    }
    Err(NotIn::system(
        "no host",
        &std::io::ErrorKind::NotFound.into(),
    ))
}

/// Waits, the time not counted in which a person is asked. `None`: too long.
async fn patiently<T>(what: impl Future<Output = T>, patience: Duration, seen: &Seen) -> Option<T> {
    tokio::pin!(what);
    loop {
        tokio::select! {
            done = &mut what => return Some(done),
            () = tokio::time::sleep(patience) => {
                if !seen.asking.load(Ordering::Relaxed) {
                    return None;
                }
            }
        }
    }
}

fn first(target: &Target, patience: Duration) -> Result<(Box<dyn Duplex>, Option<Carrier>), Why> {
    let (link, _) =
        tokio::task::block_in_place(|| reach::connect(target, patience)).map_err(Why::Unreached)?;
    let failed = |e: std::io::Error| Why::System(e.to_string());
    Ok(match link {
        Link::Tcp(stream) => {
            stream.set_nonblocking(true).map_err(failed)?;
            let stream = TcpStream::from_std(stream).map_err(failed)?;
            (Box::new(stream), None)
        }
        Link::Piped(stream, carrier) => {
            stream.set_nonblocking(true).map_err(failed)?;
            let stream = UnixStream::from_std(stream).map_err(failed)?;
            (Box::new(stream), Some(carrier))
        }
    })
}

/// A channel of the hop before: what `ssh -W` opens.
async fn through(handle: &Handle<Host>, target: &Target) -> Result<Box<dyn Duplex>, Why> {
    let host = String::from_utf8_lossy(&target.host).into_owned();
    let channel = handle
        .channel_open_direct_tcpip(host, u32::from(target.port), "127.0.0.1", 65535)
        .await
        .map_err(|e| Why::NotForwarded(e.to_string()))?;
    Ok(Box::new(channel.into_stream()))
}

fn config(hop: &Hop) -> Config {
    let (name, port) = hop.target.known_as();
    let (types, authorities) = match hop.target.habits {
        Habits::OpenSsh if hop.known.given.is_none() => {
            hosts::listed(&hop.known.files, &name, port)
        }
        _ => (Vec::new(), false),
    };
    let number = |keyword: &str| -> Option<u64> {
        let text = hop.target.config.as_ref()?.first(keyword)?;
        std::str::from_utf8(text).ok()?.parse().ok()
    };
    let interval = number("serveraliveinterval").filter(|s| *s > 0);
    Config {
        client_id: SshId::Standard(concat!("SSH-2.0-sshwhy_", env!("CARGO_PKG_VERSION")).into()),
        preferred: algorithms::preferred(&hop.target, &types, authorities),
        keepalive_interval: interval.map(Duration::from_secs),
        keepalive_max: number("serveralivecountmax")
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(3),
        nodelay: true,
        ..Config::default()
    }
}

/// What a transport ended over, in words.
fn words(error: &russh::Error, disconnect: Option<String>) -> String {
    if let Some(said) = disconnect {
        return format!("the server ended the connection: {said}");
    }
    match error {
        russh::Error::NoCommonAlgo { kind, ours, theirs } => format!(
            "no common {kind:?} algorithm; here: {}; there: {}",
            ours.join(","),
            theirs.join(",")
        ),
        russh::Error::Disconnect | russh::Error::HUP => {
            "the server closed the connection before the login".into()
        }
        russh::Error::Version => "what answers there is no SSH server".into(),
        other => other.to_string(),
    }
}
