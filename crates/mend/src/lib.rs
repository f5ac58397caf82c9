//! Mending: what has to change on a machine so that the engine says accept, what else that would
//! change, and how it is done and taken back.
//!
//! [`change`] says what one change is. A plan is made of changes; the world after them is judged
//! before anything is touched.
//!
//! **Invariant:** no change rests on a guess. Each one carries the state that it expects, and
//! whoever applies it refuses where something else is found.

pub mod apply;
mod apply_steps;
pub mod change;
pub mod confirm;
pub mod confirm_proof;
pub mod confirm_watch;
pub mod guard;
pub mod journal;
mod journal_text;
pub mod logins;
mod logins_candidates;
mod logins_password;
pub mod plan;
pub mod plan_after;
mod plan_config;
mod plan_lines;
mod plan_links;
mod plan_paths;
pub mod plan_ways;
pub mod reload;
pub mod render;
mod render_ansible;
mod render_script;
pub mod safe;
pub mod safe_state;
pub mod safe_trouble;
pub mod undo;
pub mod whatif;

pub use change::{Change, Decision, Made, NotDone, Plan, Reload, Touch, What};
pub use plan::{Ask, accepted, plan};
pub use plan_after::After;
pub use render_ansible::ansible;
pub use render_script::{rescue, script};
