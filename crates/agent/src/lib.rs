//! The agent protocol: a client of any agent, and an agent of its own.
//!
//! **Invariants.** The messages ([`protocol`], [`constraint`], [`extension`], [`identity`]), the
//! keys ([`store`]) and the destinations ([`session`]) know no socket and no clock; sockets,
//! threads and questions to the person stand around them ([`server`], [`ask`]). What holds a
//! secret has no `Debug` and is wiped on drop. An agent signs what it is asked to sign; who may
//! ask is the matter of the socket's directory, of the peer's uid and of the key's constraints.

pub mod ask;
pub mod client;
mod connection;
pub mod constraint;
pub mod extension;
pub mod find;
pub mod harden;
pub mod identity;
pub mod job;
pub mod known_hosts;
pub mod lock;
pub mod protocol;
pub mod server;
pub mod session;
pub mod socket;
pub mod store;

pub use client::{Client, ClientError};
pub use constraint::Constraint;
pub use protocol::{MAX_MESSAGE, Request, Response};
pub use server::{Server, Signals};
pub use store::{Settings, Store};
