//! The morning's reminder of a working day without one's own time.

use std::time::Duration;

use super::Job;
use crate::usecase;

/// Reminds whoever has not been reminded of the last working day.
pub const JOB: Job = Job {
    name: "reminder",
    every: Duration::from_secs(300),
    nudged_by: |_| false,
    run: |call| Box::pin(async move { usecase::reminder::remind(&call).await.map(|_| ()) }),
};
