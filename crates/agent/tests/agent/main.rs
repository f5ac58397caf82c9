//! The agent against real programs, and against programs that mean it harm.
#![allow(missing_docs)]

mod harness;
mod hostile;
mod messages;
mod openssh;
mod restrict;
mod store;
