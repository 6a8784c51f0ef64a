//! Sends the mails that are due. Rows are claimed before they are sent, so any number of processes may run this.

use std::time::Duration;

use super::Job;
use crate::bus::Topic;
use crate::usecase;

pub(super) const JOB: Job = Job {
    name: "mail",
    every: Duration::from_secs(30),
    nudged_by: |topic| *topic == Topic::Mail,
    run: |call| Box::pin(async move { usecase::mail::send_due(&call).await.map(|_| ()) }),
};
