//! Warnings on balances, told soon after they stand (B-5, B-6, B-7).

use std::time::Duration;

use super::Job;
use crate::usecase;

pub(super) const JOB: Job = Job {
    name: "warning",
    every: Duration::from_secs(15),
    nudged_by: |_| false,
    run: |call| Box::pin(async move { usecase::warning::run(&call).await.map(|_| ()) }),
};
