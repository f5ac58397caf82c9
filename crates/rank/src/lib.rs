//! From the client's side, most refusals look alike. This crate says what is proven all the same,
//! and how likely each cause is.
//!
//! - [`Place`]: the step at which a login stopped, as far as the client sees.
//! - [`Signs`]: what else was seen.
//! - [`proven`]: what the wire itself proves.
//! - [`rank`]: the causes that are left, by how often each happens and how it would look.
//! - [`advice`]: the cheapest next test.
//! - [`Question`], [`best`]: what to ask next.
//! - [`Model`]: the numbers behind it, and what fits them.
//!
//! How the numbers came about and how good they are: `docs/ranking.md`.

mod advice;
mod log;
mod look;
mod place;
mod questions;
mod rank;
mod signs;
mod weights;
mod wire;

pub use advice::{Advice, advice};
pub use place::Place;
pub use questions::{Answer, Choice, Question, best, shown};
pub use rank::{Ranked, rank};
pub use signs::{Certificate, KeyKind, SLOW, Server, Session, Signs};
pub use weights::Model;
pub use wire::proven;

/// How often a cause was counted in public threads; `None`: it is not ranked.
#[must_use]
pub fn cases(id: &str) -> Option<f64> {
    Model::built_in().cases(id)
}
