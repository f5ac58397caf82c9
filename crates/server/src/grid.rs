//! Answers go out on a grid of time, so that how long the engine worked is not seen.

use std::time::Duration;
use tokio::time::Instant;

/// Waits until a whole number of steps since `start` is over.
pub(crate) async fn on_the_grid(start: Instant, step: Duration) {
    let passed = start.elapsed().as_millis();
    let step_ms = step.as_millis().max(1);
    let steps = u32::try_from(passed / step_ms + 1).unwrap_or(u32::MAX);
    tokio::time::sleep_until(start + step.saturating_mul(steps)).await;
}
