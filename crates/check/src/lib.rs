//! From the client's side: what would be offered, what the server answers, and what that proves.
//!
//! - [`target`]: whom to ask, as the user's own client would find it.
//! - [`identity`]: the keys that client would offer, in its order.
//! - [`others`]: the user's further keys, which are asked about and never signed with.
//! - [`names`]: another name that a refused key could be for.
//! - [`hosts`] and [`putty`]: host keys that are known, and PuTTY's saved sessions.
//! - [`reach`]: a stream to the server, through its proxies.
//! - [`probe`]: one connection within its limits, and a [`probe::Report`] of it.
//! - [`via`]: the same connection, let in another way, for a look from the inside.
//! - [`proven`]: the causes that the wire or a local file proves.
//! - [`budget`]: how many failing connections a server has seen of us.
//!
//! **Invariants:** it prints nothing and asks nobody; a key that is refused costs the server's
//! patience, so none is offered twice; no secret is in any report.

pub mod budget;
pub mod famous;
pub mod hosts;
pub mod identity;
pub mod local;
pub mod names;
pub mod others;
pub mod probe;
pub mod proven;
mod proven_agent;
pub mod putty;
pub mod reach;
pub mod signer;
pub mod signs;
pub mod target;
pub mod via;
