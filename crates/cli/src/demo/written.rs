//! A machine that is only written down: a world in memory behind a server on this machine's loopback.

use sshwhy_mend::{After, Change};
use sshwhy_server::{
    Config, Event, Given, HostKey, Limits, Mode, Running, Seen, Source, What, serve,
};
use sshwhy_world::{Local, MemWorld, Mend, Overlay, Peer, World};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where its configuration lies.
pub(super) const CONFIG: &[u8] = b"/etc/ssh/sshd_config";

/// A world, and what was mended in it.
struct State {
    base: MemWorld,
    changes: Vec<Change>,
    reloaded: bool,
    mends: Vec<Mend>,
    seen: Option<Seen>,
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `then` with the world as it is now.
fn with(state: &Mutex<State>, then: &mut dyn FnMut(&dyn World)) {
    let state = locked(state);
    let mut after = After::of(&state.base, &state.changes);
    if state.reloaded {
        after.reload();
    }
    if state.mends.is_empty() {
        return then(&after);
    }
    let mut mended = Overlay::new(&after);
    for mend in &state.mends {
        mended.apply(mend);
    }
    then(&mended);
}

/// A machine that runs.
pub(super) struct Written {
    state: Arc<Mutex<State>>,
    running: Option<Running>,
}

impl Written {
    /// Starts its server, which judges as if connections came from and to these ends.
    pub(super) fn start(base: MemWorld, ends: (Peer, Local)) -> io::Result<Written> {
        let state = Arc::new(Mutex::new(State {
            base,
            changes: Vec::new(),
            reloaded: false,
            mends: Vec::new(),
            seen: None,
        }));
        let given = {
            let state = state.clone();
            Given {
                with: Arc::new(move |then| with(&state, then)),
                config: CONFIG.to_vec(),
                ends: Some(ends),
            }
        };
        let mut config = Config::new(
            Mode::Doorstep,
            Source::Given(given),
            vec![HostKey::generate()?],
        );
        config.limits = Limits {
            penalty: Duration::ZERO,
            grace: Duration::from_secs(20),
            ..Limits::default()
        };
        let log = state.clone();
        let sink = move |event: &Event| {
            if let What::Attempt(seen) = &event.what {
                locked(&log).seen = Some((**seen).clone());
            }
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let running = serve(config, listener, Arc::new(sink))?;
        Ok(Written {
            state,
            running: Some(running),
        })
    }

    /// Where its server listens.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        let running = self.running.as_ref();
        running
            .map(Running::address)
            .ok_or_else(|| io::Error::other("the server has ended"))
    }

    /// What the server decided last, and forgets it.
    pub(super) fn seen(&self) -> Option<Seen> {
        locked(&self.state).seen.take()
    }

    /// The world as it was at first.
    pub(super) fn base(&self) -> MemWorld {
        locked(&self.state).base.clone()
    }

    /// Makes the changes of a plan.
    pub(super) fn change(&self, changes: &[Change]) {
        let mut state = locked(&self.state);
        state.changes.extend_from_slice(changes);
        state.reloaded = true;
    }

    /// What people do where no plan can.
    pub(super) fn mend(&self, mends: Vec<Mend>) {
        locked(&self.state).mends.extend(mends);
    }

    /// Calls `then` with the world as it is now.
    pub(super) fn with<R>(&self, then: impl Fn(&dyn World) -> R) -> Option<R> {
        let mut out = None;
        with(&self.state, &mut |world| out = Some(then(world)));
        out
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop(Duration::from_millis(200));
        }
    }
}
