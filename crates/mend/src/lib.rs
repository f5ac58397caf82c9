//! Mending: what has to change on a machine so that the engine says accept, what else that would
//! change, and how it is done and taken back.
//!
//! [`change`] says what one change is. A plan is made of changes; the world after them is judged
//! before anything is touched.
//!
//! **Invariant:** no change rests on a guess. Each one carries the state that it expects, and
//! whoever applies it refuses where something else is found.

pub mod change;
pub mod guard;
pub mod logins;
pub mod plan;
pub mod plan_after;
mod plan_config;
mod plan_lines;
mod plan_paths;
pub mod plan_ways;
pub mod whatif;

pub use change::{Change, Decision, Made, NotDone, Plan, Reload, Touch, What};
pub use plan::{Ask, accepted, plan};
pub use plan_after::After;
