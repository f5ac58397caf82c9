//! A server from its start to its end, in one process or in two.

use crate::accept::{Serving, accept, decisions};
use crate::apart::{self, Network};
use crate::limits::Door;
use crate::parent::Here;
use crate::{Config, Event, Mode, Sink, What};
use std::ffi::OsString;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// How long a process that speaks to the network has to be gone before the next is started.
const PAUSE: Duration = Duration::from_secs(1);

/// A server that runs.
pub struct Running {
    address: SocketAddr,
    sink: Arc<dyn Sink>,
    decisions: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    runtime: Option<Runtime>,
    sides: Sides,
}

enum Sides {
    /// One process.
    One {
        door: Door,
        serving: Arc<RwLock<Arc<Serving>>>,
    },
    /// Two: the task that keeps the other one running.
    Two {
        here: Arc<RwLock<Here>>,
        keeper: JoinHandle<()>,
    },
}

fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_io()
        .enable_time()
        .thread_name("serve")
        .build()
}

fn checked(config: &Config) -> io::Result<()> {
    if config.host_keys.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no host key"));
    }
    Ok(())
}

/// Starts serving on `listener`, in threads of its own.
///
/// # Errors
/// The listener cannot be used, no thread can be started, or there is no host key.
pub fn serve(config: Config, listener: TcpListener, sink: Arc<dyn Sink>) -> io::Result<Running> {
    checked(&config)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = runtime()?;
    let (stop, stopped) = watch::channel(false);
    let door = Door::default();
    let decisions = decisions();
    let serving = Serving::new(Here {
        config: Arc::new(config),
        sink: sink.clone(),
        decisions: decisions.clone(),
    });
    let serving = Arc::new(RwLock::new(Arc::new(serving)));
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    runtime.spawn(accept(listener, serving.clone(), door.clone(), stopped));
    Ok(Running {
        address,
        sink,
        decisions,
        stop,
        runtime: Some(runtime),
        sides: Sides::One { door, serving },
    })
}

/// Starts serving on `listener` with a process of its own for the network: `program` (with its
/// arguments) has to call [`crate::network`]. It explains; sessions need one process.
///
/// # Errors
/// The listener cannot be used, the process cannot be started, there is no host key, or the
/// configuration asks for sessions.
pub fn serve_apart(
    config: Config,
    listener: TcpListener,
    sink: Arc<dyn Sink>,
    program: Vec<OsString>,
) -> io::Result<Running> {
    checked(&config)?;
    if !matches!(config.mode, Mode::ExplainOnly) {
        let why = "sessions are served by one process";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let address = listener.local_addr()?;
    let runtime = runtime()?;
    let (stop, stopped) = watch::channel(false);
    let decisions = decisions();
    let here = Arc::new(RwLock::new(Here {
        config: Arc::new(config),
        sink: sink.clone(),
        decisions: decisions.clone(),
    }));
    let first = Network::start(&program, &listener)?;
    let say = {
        let sink = sink.clone();
        move |why: String| {
            sink.event(&Event {
                connection: 0,
                from: address,
                what: What::Broken(why),
            });
        }
    };
    let now = here.clone();
    let keeper = runtime.spawn(async move {
        let mut one = Some(first);
        loop {
            if let Some((network, line)) = one.take() {
                let now = || now.read().unwrap_or_else(PoisonError::into_inner).clone();
                let broken = apart::answer(line, now, stopped.clone()).await.err();
                // What broke its protocol is ended; what hung up has ended.
                drop(network);
                if *stopped.borrow() {
                    return;
                }
                let why = broken.map_or_else(|| "it ended".to_owned(), |e| e.to_string());
                say(format!(
                    "the process that speaks to the network is started anew: {why}"
                ));
            }
            tokio::time::sleep(PAUSE).await;
            match Network::start(&program, &listener) {
                Ok(started) => one = Some(started),
                Err(e) => say(format!("no process for the network can be started: {e}")),
            }
        }
    });
    Ok(Running {
        address,
        sink,
        decisions,
        stop,
        runtime: Some(runtime),
        sides: Sides::Two { here, keeper },
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there are; 0 where another process counts them.
    #[must_use]
    pub fn connections(&self) -> usize {
        match &self.sides {
            Sides::One { door, .. } => door.open(),
            Sides::Two { .. } => 0,
        }
    }

    /// New connections are served by `config`; those that are there stay as they are. With two
    /// processes limits and host keys stay as they were at the start.
    pub fn reload(&self, config: Config) {
        let new = Here {
            config: Arc::new(config),
            sink: self.sink.clone(),
            decisions: self.decisions.clone(),
        };
        match &self.sides {
            Sides::One { serving, .. } => {
                let new = Arc::new(Serving::new(new));
                *serving.write().unwrap_or_else(PoisonError::into_inner) = new;
            }
            Sides::Two { here, .. } => {
                *here.write().unwrap_or_else(PoisonError::into_inner) = new;
            }
        }
    }

    /// Takes no more connections, waits at most `patience` for those that are there, and ends.
    pub fn stop(mut self, patience: Duration) {
        let _ = self.stop.send(true);
        let until = Instant::now() + patience;
        let busy = |sides: &Sides| match sides {
            Sides::One { door, .. } => door.open() > 0,
            Sides::Two { keeper, .. } => !keeper.is_finished(),
        };
        while busy(&self.sides) && Instant::now() < until {
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
