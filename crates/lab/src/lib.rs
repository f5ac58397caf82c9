//! Development only: scenarios on a real sshd.
//!
//! A [`Lab`] builds the world of a [`Spec`](sshwhy_scenario::Spec) as a real tree, runs a real
//! sshd on it, logs in with a real protocol exchange, and returns what came of it. The truth is
//! the monitor's `Accepted publickey` line, never the client's view alone.
//!
//! Each worker is a thread with a mount, a network and a PID name space of its own. Its root file
//! system is an overlay in memory over the host's (or over an unpacked one), thrown away after
//! every world. **Invariants:** the host's accounts, files, mounts and ports are untouched, and a
//! process that is killed leaves nothing behind: the mounts go with the name space, and every
//! sshd dies with the first process of its PID name space, which ends when its pipe does.

pub mod client;
#[cfg(target_os = "linux")]
pub mod compare;
#[cfg(target_os = "linux")]
mod dropbear;
#[cfg(target_os = "linux")]
pub mod fixes;
#[cfg(target_os = "linux")]
pub mod fixes_script;
#[cfg(target_os = "linux")]
pub mod guarded;
#[cfg(target_os = "linux")]
pub mod inside;
#[cfg(target_os = "linux")]
mod keys;
#[cfg(target_os = "linux")]
mod lab;
mod outcome;
#[cfg(target_os = "linux")]
mod own_server;
#[cfg(target_os = "linux")]
pub mod own_side;
#[cfg(target_os = "linux")]
pub mod policy;
#[cfg(target_os = "linux")]
mod predict;
#[cfg(target_os = "linux")]
mod probe;
pub mod ranking;
#[cfg(target_os = "linux")]
mod root;
pub mod scenarios;
#[cfg(target_os = "linux")]
pub mod setup;
#[cfg(target_os = "linux")]
pub mod table;
#[cfg(target_os = "linux")]
pub mod targets;
#[cfg(target_os = "linux")]
mod tree;
#[cfg(target_os = "linux")]
mod wire;
#[cfg(target_os = "linux")]
mod worker;
#[cfg(target_os = "linux")]
pub mod worlds;

#[cfg(target_os = "linux")]
pub use lab::{Judged, Lab, LabConfig, Predictor, RootSource, WhyNot};
pub use outcome::{Answer, Outcome, Step, Truth, Wire};
#[cfg(target_os = "linux")]
pub use predict::{Engine, Prediction, Said};
#[cfg(target_os = "linux")]
pub use probe::Checked;
#[cfg(target_os = "linux")]
pub use wire::login;
