//! Of several processes on one database each job is one's: who holds its lease runs it, again and again, and keeps the
//! lease by running. A holder that is lost loses it when its term ends, one that stops gives it back at once.
//!
//! The lease saves work, it does not guard anything: after a long run, or with clocks that differ, two processes may
//! run a job at once, and every job bears that. On SQLite there is one process, which needs no leave.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::Job;
use crate::app::App;
use crate::error::{Error, Result};
use crate::store;

/// A holder may miss one run.
const RUNS: u32 = 2;

/// For how long a lost holder keeps others from a job.
pub fn term(job: &Job) -> Duration {
    job.every * RUNS
}

/// Whether the job is this process's to run now.
///
/// # Errors
/// The database is away.
pub async fn take(app: &Arc<App>, job: &Job) -> Result<bool> {
    if app.bus.outward().is_none() {
        return Ok(true);
    }
    let now = app.clock.now();
    let until = now + TimeDelta::from_std(term(job)).unwrap_or(TimeDelta::MAX);
    Ok(store::job_lease::take(app.db.writing(), job.name, app.bus.instance(), now, until).await?)
}

/// Notes for whoever keeps the servers running how a run ended.
///
/// # Errors
/// The database is away.
pub async fn note(app: &Arc<App>, job: &Job, outcome: &Result<()>) -> Result<()> {
    let failure = outcome.as_ref().err().map(Error::for_log);
    let run = store::job_lease::Run {
        name: job.name,
        holder: app.bus.instance(),
        every_seconds: i32::try_from(job.every.as_secs()).unwrap_or(i32::MAX),
        failure: failure.as_deref(),
    };
    Ok(store::job_lease::note(app.db.writing(), run, app.clock.now()).await?)
}

/// Leaves the jobs to the other processes.
pub async fn give_back(app: &Arc<App>) {
    if app.bus.outward().is_none() {
        return;
    }
    let given = store::job_lease::give_back(app.db.writing(), app.bus.instance(), app.clock.now()).await;
    if let Err(error) = given {
        tracing::warn!(
            error = Error::from(error).for_log(),
            "the jobs' leases could not be given back; they end by themselves"
        );
    }
}
