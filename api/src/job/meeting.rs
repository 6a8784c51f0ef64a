//! The weekly meetings: plans what the rhythms ask for, and calls off what lies behind an engagement's end.

use std::time::Duration;

use futures_util::FutureExt;

use super::Job;
use crate::usecase::meeting;

/// Plans the meetings that are due.
pub const JOB: Job = Job {
    name: "meeting",
    every: Duration::from_secs(300),
    nudged_by: |_| false,
    run: |call| async move { meeting::plan_due(&call).await.map(|_| ()) }.boxed(),
};
