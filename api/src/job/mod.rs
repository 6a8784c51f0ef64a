//! Work that nobody waits for: reconcilers without input, harmless when run twice, on a timer and on a nudge.
//!
//! A job looks for what is not yet as it should be and puts it right through a use-case, as the system. A nudge is a
//! topic of the bus: losing one costs no more than the wait for the timer. Which of several processes runs a job is
//! settled by its [`lease`].

mod check;
mod lease;
mod mail;
mod meeting;
mod period;
mod reminder;
mod report;
mod sweep;
mod warning;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tracing::Instrument;

use crate::app::{App, Call};
use crate::bus::Topic;
use crate::error::Result;

/// Something to be done again and again.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    pub name: &'static str,
    /// How often at the least.
    pub every: Duration,
    /// What makes it run at once.
    pub nudged_by: fn(&Topic) -> bool,
    pub run: fn(Call) -> BoxFuture<'static, Result<()>>,
}

/// For one run of a job in a server: its statements have limits of their own, a silent network has none.
const LONGEST: Duration = Duration::from_secs(600);

/// Every job.
pub const JOBS: &[Job] =
    &[period::JOB, warning::JOB, check::JOB, reminder::JOB, report::JOB, meeting::JOB, mail::JOB, sweep::JOB];

/// Runs a job once, now, and notes how it went.
///
/// # Errors
/// The job's own; the database is away.
pub async fn once(app: &Arc<App>, job: &Job) -> Result<()> {
    let call = Call::system(app, job.name);
    let span = tracing::error_span!("job", job = job.name, request_id = call.request_id);
    let begin = Instant::now();
    let done = (job.run)(call).instrument(span).await;
    let figures = app.metrics.jobs.of(job.name);
    figures.took.observe(begin.elapsed());
    match &done {
        Ok(()) => figures.last_success.set(app.clock.now().timestamp()),
        Err(_) => figures.failed.count(),
    }
    lease::note(app, job, &done).await?;
    done
}

/// Runs all jobs until `stop` turns true; what is at work then is finished first.
pub async fn run(app: Arc<App>, jobs: &'static [Job], stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    for job in jobs {
        running.spawn(repeat(Arc::clone(&app), job, stop.clone()));
    }
    while running.join_next().await.is_some() {}
    lease::give_back(&app).await;
}

async fn repeat(app: Arc<App>, job: &'static Job, mut stop: watch::Receiver<bool>) {
    let mut nudges = app.bus.listen();
    let mut timer = interval(job.every);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            // A sender that is gone stops the jobs as well.
            _ = stop.wait_for(|stop| *stop) => return,
            () = nudged(&mut nudges, job) => {}
            _ = timer.tick() => {}
        }
        match AssertUnwindSafe(app.db.within(LONGEST, in_turn(&app, job))).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(job = job.name, error = error.for_log(), "a job failed; it will run again")
            }
            Err(_) => {
                app.metrics.jobs.of(job.name).failed.count();
                tracing::error!(job = job.name, "a job panicked; it will run again");
            }
        }
    }
}

/// Runs a job once if it is this process's to run.
async fn in_turn(app: &Arc<App>, job: &Job) -> Result<()> {
    if lease::take(app, job).await? {
        once(app, job).await?;
    }
    Ok(())
}

/// Waits for a topic that concerns the job; having missed some counts as one.
async fn nudged(nudges: &mut broadcast::Receiver<Topic>, job: &Job) {
    loop {
        match nudges.recv().await {
            Ok(topic) if topic == Topic::Everything || (job.nudged_by)(&topic) => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            // The bus lives as long as the application.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
