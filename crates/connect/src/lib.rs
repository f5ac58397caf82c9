//! An SSH client for people: a login with keys, a shell or a command, bytes both ways.
//!
//! The protocol is `russh`'s. Whom to ask, which keys to offer and how a host key stands is
//! `sshwhy_check`'s, so that what is predicted and what is done cannot differ.
//!
//! - [`route`]: the hops to the server, and a stream through them.
//! - [`host`]: the host key, asked about where nobody knows it, never passed over.
//! - [`login`]: keys, and what else the server asks for.
//! - [`session`]: a shell or a command; [`terminal`] gives the terminal back whatever happens.
//!
//! **Invariants:** it prints nothing and asks nobody: [`Ask`] does. A server's own channels are
//! refused, the agent's excepted where its forwarding was asked for.

mod algorithms;
mod ask;
mod escape;
pub mod host;
mod keys;
pub mod login;
mod modes;
pub mod route;
pub mod session;
mod stdio;
pub mod terminal;

pub use ask::{Ask, Notice, Stranger};
pub use login::{Came, Refusal, Tried};
pub use route::{Hop, NotIn, Route};
pub use session::{Outcome, Start, Wish};

use std::sync::Arc;
use std::time::Duration;

/// Goes the route, logs in at its end, and does there what is wished, with this process's
/// standard input, output and error. `patience` limits the wait for each answer of a server.
///
/// # Errors
/// See [`NotIn`]: nothing was begun. What ends a session that was begun is in the [`Outcome`].
pub fn connect(
    route: Route,
    wish: &Wish,
    ask: Arc<dyn Ask>,
    patience: Duration,
) -> Result<Outcome, Box<NotIn>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| NotIn::system("no threads", &e))?;
    let done = runtime.block_on(async {
        let connection = route::go(route, &ask, patience, wish).await?;
        Ok(session::run(&connection, wish, &ask).await)
    });
    // A thread may still wait for standard input.
    runtime.shutdown_background();
    done
}
