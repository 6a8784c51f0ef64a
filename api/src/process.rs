//! A running server: the transports, the jobs and the live balances, from the first signal of life to the drained end.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, timeout_at};

use crate::app::App;
use crate::config::Config;
use crate::http::graphiql::Example;
use crate::http::serve::serve;
use crate::{job, usecase};

/// From being asked to stop to the end of the process, at the most (T71).
const DRAIN: Duration = Duration::from_secs(20);
/// For what others are still to hear, once everything else has ended.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves until the process is asked to stop, then drains: no new work, open requests answered, sockets closed. What
/// answers them (live balances, rights, the way to other processes) goes on until they are gone.
///
/// # Errors
/// The signals cannot be listened for, or the settings cannot be served.
pub async fn run(app: Arc<App>, listener: TcpListener, examples: Vec<Example>) -> Result<(), String> {
    let (stop, stopping) = watch::channel(false);
    let (end, ended) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let signals = tokio::spawn({
        let stop = stop.clone();
        async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping");
            stop.send_replace(true);
        }
    });
    let joined = app.join(ended.clone()).await?;
    let jobs = tokio::spawn(job::run(Arc::clone(&app), job::JOBS, stopping.clone()));
    let balances = tokio::spawn(usecase::hour_balance::keep(Arc::clone(&app), ended.clone()));
    let sessions = tokio::spawn({
        let app = Arc::clone(&app);
        async move { app.sessions.keep_fresh(ended).await }
    });
    let deadline = tokio::spawn({
        let mut stopping = stopping.clone();
        async move {
            // A sender that is gone stops the process as well.
            let _ = stopping.wait_for(|stopping| *stopping).await;
            Instant::now() + DRAIN - FAREWELL
        }
    });
    let served = serve(Arc::clone(&app), listener, examples, stopping).await;
    stop.send_replace(true);
    signals.abort();
    let deadline = deadline.await.unwrap_or_else(|_| Instant::now());
    finish(jobs, deadline).await;
    end.send_replace(true);
    let deadline = Instant::now() + FAREWELL;
    for work in [Some(balances), Some(sessions), joined].into_iter().flatten() {
        finish(work, deadline).await;
    }
    // What is acknowledged is committed; a connection that hangs is left to the system.
    let _ = timeout_at(deadline, app.db.clone().close()).await;
    served.map_err(|error| error.to_string())
}

/// Waits for a part of the server to end, and ends it at the deadline: whatever it is at work on bears that.
async fn finish(mut work: JoinHandle<()>, deadline: Instant) {
    match timeout_at(deadline, &mut work).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "a part of the server ended badly"),
        Err(_) => {
            tracing::warn!("a part of the server was still at work after the drain time");
            work.abort();
        }
    }
}

/// Listens where the settings say, and writes into them where that is: port 0 means any free one.
///
/// # Errors
/// The address is taken or not allowed.
pub async fn listen(config: &mut Config) -> Result<TcpListener, String> {
    let fault = |error: std::io::Error| format!("cannot listen on {}: {error}", config.listen);
    let listener = TcpListener::bind(config.listen).await.map_err(fault)?;
    config.listen = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(listener)
}

/// Holds an SQLite file for this process alone, until the lock is dropped or the process is gone, however it ends.
/// PostgreSQL is shared and needs no such lock.
///
/// # Errors
/// Another process holds it.
pub fn hold(config: &Config) -> Result<Option<File>, String> {
    let Some(path) = sqlite_path(config) else { return Ok(None) };
    let path = PathBuf::from(format!("{}.lock", path.display()));
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            Err(format!("another process uses this database ({} is locked)", path.display()))
        }
        Err(TryLockError::Error(error)) => Err(format!("{}: {error}", path.display())),
    }
}

/// Refuses an SQLite file that is not there, for those who only read: opening it would make an empty one.
///
/// # Errors
/// There is none.
pub fn must_exist(config: &Config) -> Result<(), String> {
    match sqlite_path(config) {
        Some(path) if !path.exists() => Err(format!("there is no database {}", path.display())),
        _ => Ok(()),
    }
}

/// The file of an SQLite database.
pub fn sqlite_path(config: &Config) -> Option<PathBuf> {
    let rest = config.database.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}
