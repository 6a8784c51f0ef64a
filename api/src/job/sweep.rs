//! Forgets what was kept for a while only.

use std::time::Duration;

use super::Job;
use crate::usecase;

pub(super) const JOB: Job = Job {
    name: "sweep",
    every: Duration::from_secs(60),
    nudged_by: |_| false,
    run: |call| Box::pin(async move { usecase::sweep::run(&call).await }),
};
