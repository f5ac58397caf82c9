//! Accepting connections, and what each is handed to.

use crate::admit::Admitting;
use crate::explain::Explaining;
use crate::gate::Gate;
use crate::limits::{Door, Limits, Place};
use crate::offer;
use crate::parent::{About, Here, Parent};
use crate::talk::{After, Desk, Talk};
use crate::{Config, Event, Mode, Sink, What};
use sshwhy_wire::server::ServerConfig;
use sshwhy_wire::{Transport, TransportConfig, TransportError};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::sync::{Semaphore, watch};

/// Decisions that run at a time: each reads files.
const DECISIONS: usize = 8;
/// How long accepting pauses when the system has no descriptor left.
const NO_DESCRIPTOR: Duration = Duration::from_millis(100);

/// What new connections are served by; made once for each configuration.
pub(crate) struct Serving {
    pub(crate) limits: Limits,
    pub(crate) parent: Parent,
    pub(crate) wire: Arc<ServerConfig>,
}

/// How many decisions may run at a time.
pub(crate) fn decisions() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(DECISIONS))
}

impl Serving {
    /// In one process.
    pub(crate) fn new(here: Here) -> Serving {
        let config = here.config.clone();
        let keys = offer::server_keys(&config);
        Serving {
            limits: config.limits.clone(),
            wire: Arc::new(offer::offer(
                keys,
                config.post_quantum_only,
                config.rekey_after,
            )),
            parent: Parent::Here(here),
        }
    }

    /// The side that may open sessions.
    fn sessions(&self) -> Option<&Here> {
        match &self.parent {
            Parent::Here(here) => {
                let mode = &here.config.mode;
                matches!(mode, Mode::Session(_) | Mode::Doorstep).then_some(here)
            }
            Parent::Apart(_) => None,
        }
    }
}

/// Accepts until `stopped`.
pub(crate) async fn accept(
    listener: tokio::net::TcpListener,
    serving: Arc<RwLock<Arc<Serving>>>,
    door: Door,
    mut stopped: watch::Receiver<bool>,
) {
    let mut number = 0u64;
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
        let now = serving
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Ok(to) = stream.local_addr() else {
            continue;
        };
        let about = About { number, from, to };
        let place = match door.enter(from.ip(), &now.limits) {
            Ok(place) => place,
            Err(closed) => {
                now.parent.say(&about, What::Closed(closed));
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        tokio::spawn(connection(now, about, door.clone(), stream, place));
    }
}

/// Serves one connection to its end.
async fn connection<S>(serving: Arc<Serving>, about: About, door: Door, stream: S, place: Place)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let gate = Gate::new(stream, serving.limits.grace, place);
    let (parent, wire) = (serving.parent.clone(), serving.wire.clone());
    let (good, ended) = match Talk::new(gate, wire, parent, about) {
        Ok(talk) => talk_to_the_end(talk, &serving, &door).await,
        Err(e) => (false, Some(e.to_string())),
    };
    if !good {
        door.penalise(about.from.ip(), &serving.limits);
    }
    serving.parent.say(&about, What::Ended(ended));
}

/// Whether a key was proven, and why it ended.
async fn talk_to_the_end<S>(
    mut talk: Talk<Gate<S>>,
    serving: &Serving,
    door: &Door,
) -> (bool, Option<String>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let about = talk.about;
    let here = serving.sessions();
    let mut desk = match here {
        Some(here) => Desk::Admit(Admitting::new(here.clone(), about)),
        None => Desk::Explain(Explaining::new(serving.parent.clone(), about)),
    };
    let mut after = talk.login(&mut desk, serving.limits.tries).await;
    if let (Ok(After::LetIn(ready)), Some(here)) = (&mut after, here) {
        talk.stream.open();
        door.logged_in(about.from.ip());
        let ready = ready.take();
        after = talk.sessions(here, ready).await.map(|()| After::Gone);
    }
    let ended = after.err();
    talk.hang_up(ended.as_ref()).await;
    let proven = match &mut desk {
        Desk::Admit(one) => one.proven,
        Desk::Explain(one) => {
            // The peer is gone: how long this takes tells nobody anything.
            one.report().await;
            one.proven
        }
    };
    (proven, ended.map(|e| e.to_string()))
}

/// Gives one connection these bytes and then the end of its stream, and gives back what was
/// answered: the way before the login, for fuzzing.
///
/// # Errors
/// No runtime can be made.
pub fn answer_to(config: Config, bytes: &[u8]) -> io::Result<Vec<u8>> {
    alone(config, bytes.len(), async |mut ours| {
        ours.write_all(bytes).await?;
        ours.shutdown().await?;
        let mut answer = Vec::new();
        ours.read_to_end(&mut answer).await?;
        Ok(answer)
    })
}

/// Agrees on keys as a client does, sends these payloads under them, and gives back how many messages
/// were answered: the authentication protocol, for fuzzing. The server need not hear all of them.
///
/// # Errors
/// No runtime can be made, or no keys are agreed on.
pub fn answers_under_keys(config: Config, payloads: &[&[u8]]) -> io::Result<usize> {
    let room = payloads.iter().map(|p| p.len() + 256).sum();
    alone(config, room, async |mut ours| {
        let bad = |e: TransportError| io::Error::new(io::ErrorKind::InvalidData, e.to_string());
        let mut client = Transport::new(TransportConfig::default()).map_err(bad)?;
        let mut chunk = vec![0u8; 4096];
        while !client.is_open() {
            ours.write_all(&client.take_output()).await?;
            let read = ours.read(&mut chunk).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            client
                .feed(chunk.get(..read).unwrap_or_default())
                .map_err(bad)?;
        }
        for payload in payloads {
            client.send(payload).map_err(bad)?;
        }
        // It may hang up on any of them.
        let _ = ours.write_all(&client.take_output()).await;
        let _ = ours.shutdown().await;
        let mut rest = Vec::new();
        ours.read_to_end(&mut rest).await?;
        client.feed(&rest).map_err(bad)?;
        let events = std::iter::from_fn(|| client.next_event());
        Ok(events
            .filter(|e| matches!(e, sshwhy_wire::Event::Message(_)))
            .count())
    })
}

/// A server of one connection, whose other end is given to `talk`.
fn alone<T>(
    config: Config,
    room: usize,
    talk: impl AsyncFnOnce(DuplexStream) -> io::Result<T>,
) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let door = Door::default();
    let place = door
        .enter(nowhere.ip(), &config.limits)
        .map_err(|c| io::Error::other(c.word()))?;
    let sink: Arc<dyn Sink> = Arc::new(|_: &Event| {});
    let serving = Arc::new(Serving::new(Here {
        config: Arc::new(config),
        sink,
        decisions: decisions(),
    }));
    let about = About {
        number: 1,
        from: nowhere,
        to: nowhere,
    };
    runtime.block_on(async {
        let (ours, theirs) = tokio::io::duplex(room.max(1 << 16));
        let serving = tokio::spawn(connection(serving, about, door, theirs, place));
        let done = talk(ours).await?;
        serving.await.map_err(io::Error::other)?;
        Ok(done)
    })
}
