//! From the client's side, most refusals look alike. This crate says how likely each cause is.
//!
//! - [`Place`]: the step at which a login stopped, as far as the client sees.
//!
//! **Invariant:** nothing here is certain. What the wire or a local file proves is named by who
//! saw it, and stands before what is ranked here.

mod place;

pub use place::Place;
