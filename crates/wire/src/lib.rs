//! SSH on the wire, both ways: made to show what the other side says and
//! not to hide any of it.
//!
//! - [`transport`]: RFC 4253 without a socket, bytes in, bytes and events out.
//! - [`server`]: the same for the server's side.
//! - [`auth`]: the messages of RFC 4252, also such as no honest client would send; [`request`]: as the
//!   server reads them.
//! - [`channel`]: one session channel of RFC 4254, the client's; [`connection`]: all of them, the server's.
//! - [`session`]: the client's side of all of it on a stream, with time limits; [`login`] is one whole login.
//!
//! It never decides what a refusal means, prints nothing, and opens no connection.

pub mod auth;
pub mod channel;
pub mod cipher;
pub mod connection;
pub mod data;
pub mod error;
pub mod event;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod hostile;
pub mod hostkey;
pub mod kex;
pub mod plan;
pub mod request;
pub mod server;
pub mod session;
pub mod signer;
pub mod transport;

pub use channel::{ChannelOutput, ChannelRequest};
pub use error::TransportError;
pub use event::Event;
pub use plan::{AfterSuccess, Attempt, End, LoginPlan, LoginReport, Step, StepOutcome, StepResult};
pub use session::{Session, Stream, login};
pub use signer::{KeySigner, SignError, Signer, SkSigner};
pub use transport::{Transport, TransportConfig};
