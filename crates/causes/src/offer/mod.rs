//! What the client offers.

use crate::Cause;

pub mod other_key_offered;

/// The causes of this stage, in the order of their ids.
pub static ALL: &[&Cause] = &[&other_key_offered::CAUSE];
