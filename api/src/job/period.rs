//! The month's roll: closes what has ended and opens what has begun, at each boundary and however late.

use std::time::Duration;

use futures_util::FutureExt;

use super::Job;
use crate::usecase::period;

/// Rolls every engagement for which something is due.
pub const JOB: Job = Job {
    name: "period",
    every: Duration::from_secs(30),
    nudged_by: |_| false,
    run: |call| async move { period::roll_all(&call).await.map(|_| ()) }.boxed(),
};
