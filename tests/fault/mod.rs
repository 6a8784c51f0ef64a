//! Faults: processes killed, databases stopped, connections cut, disks filled, all of it under load.
//!
//! A client journals every write before it is sent and every acknowledgement before it counts; watchers ride along.
//! After each fault the journal, the tables, the API, `verify` and the watchers must agree (`World::check`). SQLite's
//! faults run in the SQLite run of the suite and PostgreSQL's in the PostgreSQL run, on a cluster of their own that
//! keeps its promises to the disk. The short form is a handful of each; `tests/run faults` sets the counts.

mod cluster;
mod disk;
mod figures;
mod http;
mod journal;
mod place;
mod postgres;
mod process;
mod proxy;
mod refuse;
mod sqlite;
mod subscriber;
mod world;
mod writer;

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

/// One test of faults at a time: they measure, and each wants the machine.
type Turn = MutexGuard<'static, ()>;

async fn turn() -> Turn {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

/// The turn of a test of SQLite's; none where the run is for PostgreSQL.
async fn turn_on_sqlite() -> Option<Turn> {
    if is_postgres() { None } else { Some(turn().await) }
}

/// The turn of a test of PostgreSQL's; none where the run is for SQLite.
async fn turn_on_postgres() -> Option<Turn> {
    if is_postgres() { Some(turn().await) } else { None }
}

/// A setting of the run.
#[expect(clippy::disallowed_methods, reason = "what a run tests is the run's setting, not the product's")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How many faults of a kind: `HOURBANK_TEST_FAULTS` holds `kind=count` words; without it a handful.
fn count(kind: &str, few: usize) -> usize {
    let counts = setting("HOURBANK_TEST_FAULTS").unwrap_or_default();
    let find = |word: &str| word.split_once('=').filter(|(name, _)| *name == kind)?.1.parse().ok();
    counts.split_whitespace().find_map(find).unwrap_or(few)
}

/// How long a writer rests between two writes: `pace=milliseconds` among the counts.
fn pace() -> Duration {
    Duration::from_millis(u64::try_from(count("pace", 20)).expect("short"))
}

/// Whether the run is for PostgreSQL.
fn is_postgres() -> bool {
    setting("HOURBANK_TEST_DATABASE").is_some()
}
