//! The weekly report: frozen and posted when it falls due, and made good where that was missed.

use std::time::Duration;

use futures_util::FutureExt;

use super::Job;
use crate::usecase::report;

pub(super) const JOB: Job = Job {
    name: "report",
    every: Duration::from_secs(60),
    nudged_by: |_| false,
    run: |call| async move { report::freeze_due(&call).await.map(|_| ()) }.boxed(),
};
