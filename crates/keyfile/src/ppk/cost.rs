//! How many passes of Argon2 a machine does in a given time.

use super::{Argon2Cost, crypt::Keys};
use crate::file::Argon2Flavour;
use alloc::vec;
use core::time::Duration;

/// The passes of Argon2 that take about `target` here, as PuTTYgen chooses them: ever more, in
/// Fibonacci's steps, until it is reached. `clock` gives the time since any fixed moment; `memory`
/// is in KiB.
pub fn tune_passes(
    flavour: Argon2Flavour,
    memory: u32,
    parallelism: u32,
    target: Duration,
    clock: &mut dyn FnMut() -> Duration,
) -> u32 {
    let (mut passes, mut next) = (1u32, 2u32);
    loop {
        let cost = Argon2Cost {
            flavour,
            memory,
            passes,
            parallelism,
            salt: vec![0; 16],
        };
        let start = clock();
        let done = Keys::argon2(b"a passphrase to measure with", &cost).is_ok();
        let took = clock().saturating_sub(start);
        // An hour's worth of passes is reached by no clock that stands still either.
        if !done || took >= target || passes > 1 << 20 {
            return passes;
        }
        (passes, next) = (next, passes.saturating_add(next));
    }
}
