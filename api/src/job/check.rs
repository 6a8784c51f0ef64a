//! The daily checks of projects, and of clients in support that nothing happens with.

use std::time::Duration;

use super::Job;
use crate::usecase;

pub(super) const JOB: Job = Job {
    name: "check",
    every: Duration::from_secs(600),
    nudged_by: |_| false,
    run: |call| Box::pin(async move { usecase::check::run(&call).await.map(|_| ()) }),
};
