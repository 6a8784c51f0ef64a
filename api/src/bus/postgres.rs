//! Topics between processes that share one PostgreSQL: LISTEN and NOTIFY, each on a connection of its own.
//!
//! One task sends what the process has published: after the commit, never inside a transaction, where NOTIFY would make
//! all commits wait for one another, and never in anybody's way. Another listens and delivers what the others sent.
//! Every message may be lost without harm: a listener whose connection was lost has everything read again once it
//! listens anew, and what even that misses the slow timers find. Both tasks try again for ever, with pauses.

use std::io::ErrorKind;
use std::str::FromStr;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Connection, PgConnection};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::outward::{read, write};
use super::{Bus, Topic};

/// One channel of the database for all.
const CHANNEL: &str = "hourbank";
/// For how long nothing may be heard before the connection is tried; the other end may be gone without a word.
const QUIET: Duration = Duration::from_secs(10);
/// For how long a connection may take to be made, or to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two messages: what is published meanwhile goes with the next.
const GATHERING: Duration = Duration::from_millis(5);
/// Between two attempts, at the least and at the most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Joins the processes that share the database at `url`, until `ended` turns true and all that waits is sent. It listens
/// already when this returns, if the database answers.
///
/// # Errors
/// The address is malformed.
pub async fn start(bus: Bus, url: &str, ended: watch::Receiver<bool>) -> Result<JoinHandle<()>, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("hourbank bus")
        // A message is not worth waiting for the disk.
        .options([("synchronous_commit", "off"), ("statement_timeout", "5s")]);
    let listener = connect(&options).await.ok();
    let sender = send(bus.clone(), options.clone(), ended.clone());
    Ok(tokio::spawn(async move {
        tokio::join!(listen(bus, options, listener, ended), sender);
    }))
}

/// Listens until `ended`.
async fn listen(
    bus: Bus,
    options: PgConnectOptions,
    mut listener: Option<PgListener>,
    mut ended: watch::Receiver<bool>,
) {
    let mut pause = PAUSE.0;
    loop {
        let attempt = async {
            match listener.take() {
                Some(listener) => hear(&bus, listener).await,
                None => {
                    let listener = connect(&options).await?;
                    // What was sent meanwhile went past.
                    bus.deliver(Topic::Everything);
                    hear(&bus, listener).await
                }
            }
        };
        let began = Instant::now();
        tokio::select! {
            heard = attempt => {
                let Err(error) = heard;
                tracing::warn!(error = crate::error::unquoted(&error.to_string()), "changes made by other processes are not heard; listening again");
            }
            _ = ended.wait_for(|ended| *ended) => return,
        }
        pause = if began.elapsed() > QUIET { PAUSE.0 } else { (pause * 2).min(PAUSE.1) };
        tokio::select! {
            () = sleep(pause) => {}
            _ = ended.wait_for(|ended| *ended) => return,
        }
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    // A pool of its own for each connection: one that is lost without a word keeps its place in the pool.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.clone());
    let listening = async {
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(listener)
    };
    timeout(PATIENCE, listening).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Delivers what is heard until the connection is lost.
async fn hear(bus: &Bus, mut listener: PgListener) -> Result<std::convert::Infallible, sqlx::Error> {
    loop {
        match timeout(QUIET, listener.try_recv()).await {
            Ok(heard) => {
                let message = heard?.ok_or_else(|| sqlx::Error::Io(ErrorKind::ConnectionAborted.into()))?;
                for topic in read(bus.instance(), message.payload()) {
                    bus.deliver(topic);
                }
            }
            Err(_) => {
                let probe = sqlx::query("SELECT 1").execute(&mut listener);
                timeout(PATIENCE, probe).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
            }
        }
    }
}

/// Sends what the process publishes, until `ended` and nothing waits any more.
async fn send(bus: Bus, options: PgConnectOptions, mut ended: watch::Receiver<bool>) {
    let Some(outward) = bus.outward() else { return };
    let mut connection = None;
    let mut pause = PAUSE.0;
    loop {
        let topics = tokio::select! {
            biased;
            topics = outward.take() => topics,
            _ = ended.wait_for(|ended| *ended) => return,
        };
        let messages = write(bus.instance(), topics);
        let sent = timeout(PATIENCE, notify(&mut connection, &options, &messages)).await;
        match sent.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            Ok(()) => {
                pause = PAUSE.0;
                sleep(GATHERING).await;
            }
            Err(error) => {
                tracing::warn!(
                    error = crate::error::unquoted(&error.to_string()),
                    "other processes are not told of changes; trying again"
                );
                // Half a message may have left.
                connection = None;
                outward.put(&[Topic::Everything]);
                tokio::select! {
                    () = sleep(pause) => {}
                    _ = ended.wait_for(|ended| *ended) => return,
                }
                pause = (pause * 2).min(PAUSE.1);
            }
        }
    }
}

async fn notify(
    connection: &mut Option<PgConnection>,
    options: &PgConnectOptions,
    messages: &[String],
) -> Result<(), sqlx::Error> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(PgConnection::connect_with(options).await?),
    };
    sqlx::query("SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message")
        .bind(CHANNEL)
        .bind(messages)
        .execute(connection)
        .await?;
    Ok(())
}
