//! Doubt about connections that look alive.
//!
//! A pool does not see that the other side is gone: a database that was stopped leaves it dead connections, a network
//! that swallows everything leaves it some that never answer. Looking before each use would cost a round trip, so they
//! are trusted until one was lost or did not answer in time. From then on whatever was idle meanwhile is asked before
//! it is used, and whatever was in use is asked when it comes back (T68).
//!
//! There is one doubt for the process: an error does not say whose connection it was, and a needless question costs
//! next to nothing.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::pool::PoolConnectionMetadata;
use tokio::time::timeout;

/// For how long what was in use when doubt arose may still come back: longer than any operation.
const IN_USE: Duration = Duration::from_secs(15);
/// Idle for so long, a connection may have been forgotten by whatever lies between.
const IDLE: Duration = Duration::from_secs(60);
/// For a connection to answer.
const ANSWER: Duration = Duration::from_secs(1);

static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
/// When doubt arose last, in milliseconds since [`BEGIN`], counted from one; 0 is never.
static RAISED: AtomicU64 = AtomicU64::new(0);

/// A connection was lost or did not answer.
pub fn raise() {
    let now = u64::try_from(BEGIN.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
    RAISED.fetch_max(now + 1, Ordering::Relaxed);
}

/// How long ago doubt arose.
fn age() -> Option<Duration> {
    let raised = RAISED.load(Ordering::Relaxed).checked_sub(1)?;
    Some(BEGIN.elapsed().saturating_sub(Duration::from_millis(raised)))
}

/// Asks a connection that is about to be used, where it may be dead.
///
/// # Errors
/// It is: the pool opens another one.
pub async fn before_use<C>(connection: &mut C, meta: PoolConnectionMetadata) -> Result<bool, sqlx::Error>
where
    C: Connection,
{
    if meta.idle_for > IDLE || age().is_some_and(|age| meta.idle_for >= age) {
        ask(connection).await?;
    }
    Ok(true)
}

/// Asks a connection that comes back, where it may never answer: the pool itself would wait for it without end.
///
/// # Errors
/// It is dead: the pool forgets it.
pub async fn after_use<C: Connection>(connection: &mut C) -> Result<bool, sqlx::Error> {
    if age().is_some_and(|age| age < IN_USE) {
        ask(connection).await?;
    }
    Ok(true)
}

/// Lets go of a connection that comes back with a transaction that is not over. Where a disk fails SQLite may end the
/// transaction itself; the driver, whose ROLLBACK then finds nothing to end, goes on counting it, would begin the next
/// inside of it, and would call that one committed while nothing of it is (T69).
///
/// # Errors
/// There is one: the pool opens another connection.
pub async fn after_writing<C: Connection>(connection: &mut C) -> Result<bool, sqlx::Error> {
    // Behind a ROLLBACK that is still on its way.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

async fn ask<C: Connection>(connection: &mut C) -> Result<(), sqlx::Error> {
    let answer = timeout(ANSWER, connection.ping()).await;
    answer
        .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
        .inspect_err(|_| raise())
}
