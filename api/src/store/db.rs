//! The connections to the database.
//!
//! SQLite has one writing connection, a fair queue in front of it, and several that only read. PostgreSQL has one
//! pool for both. Every statement is counted, so that tests can hold a page of data to its number.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqlxPostgresConnector, SqlxSqliteConnector,
    Statement, TransactionOptions, TransactionTrait,
};
use sea_orm::{DatabaseTransaction, SqliteTransactionMode};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::time::timeout;

use super::doubt;
use crate::error::{Error, Result as Outcome};
use crate::metric::{Counter, Histogram, Names};

/// For a connection to be had; whoever waits longer is told to come again.
const ACQUIRE: Duration = Duration::from_secs(3);
/// How often that is tried at the start, while the database may be starting too.
const FIRST_TRIES: usize = 3;
/// For a read to end.
const READ: Duration = Duration::from_secs(10);

/// An open database.
#[derive(Debug, Clone)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    counts: Arc<Counts>,
}

/// What is counted of the database.
#[derive(Debug)]
pub struct Counts {
    /// Statements, but not the wait for a connection to send them on.
    pub statements: Histogram,
    pub failed: Counter,
    /// Statements that were answered.
    pub answered: Counter,
    /// The wait for a connection to read a whole request through.
    pub lent: Histogram,
    /// From asking for the writing connection until its transaction has begun.
    pub begun: Histogram,
    /// Committed movements of the ledger, by kind.
    pub movements: Names<Counter>,
}

/// Connections of a pool.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    pub name: &'static str,
    pub open: u32,
    pub idle: u32,
    pub most: u32,
}

impl Db {
    /// Opens `sqlite://FILE` (made where missing) or `postgres://…` with at most `pool` connections.
    ///
    /// # Errors
    /// The address is malformed, or the database does not answer within ten seconds.
    pub async fn open(url: &str, pool: u32) -> Result<Self, DbErr> {
        Self::open_as(url, pool, Durability::Kept).await
    }

    /// The same for filling a database that is thrown away if the filling fails: a commit does not wait for the disk.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_for_filling(url: &str) -> Result<Self, DbErr> {
        Self::open_as(url, 2, Durability::ThrownAway).await
    }

    async fn open_as(url: &str, pool: u32, durability: Durability) -> Result<Self, DbErr> {
        let (mut read, mut write) = if url.starts_with("sqlite:") {
            sqlite(url, durability).await?
        } else {
            postgres(url, pool, durability).await?
        };
        let counts = Arc::new(Counts {
            statements: Histogram::default(),
            failed: Counter::default(),
            answered: Counter::default(),
            lent: Histogram::default(),
            begun: Histogram::default(),
            movements: Names::new(16),
        });
        for connection in [&mut read, &mut write] {
            let counts = Arc::clone(&counts);
            connection.set_metric_callback(move |statement| {
                counts.statements.observe(statement.elapsed);
                if statement.failed { &counts.failed } else { &counts.answered }.count();
            });
        }
        Ok(Self { read, write, counts })
    }

    /// Where to read.
    pub fn reading(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Where migrations and tools write; use-cases write through [`super::Tx`].
    pub fn writing(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Whether the database answers within `limit`: an own question, or, where all connections are busy, anybody's.
    pub async fn answers(&self, limit: Duration) -> bool {
        let before = self.counts.answered.get();
        matches!(timeout(limit, self.read.ping()).await, Ok(Ok(()))) || self.counts.answered.get() > before
    }

    /// Statements sent since the start.
    pub fn statements(&self) -> u64 {
        self.counts.statements.count()
    }

    /// What was counted since the start.
    pub fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// The pools as they stand.
    pub fn pools(&self) -> Vec<Pool> {
        let few = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        match self.backend() {
            DbBackend::Postgres => {
                let pool = self.write.get_postgres_connection_pool();
                vec![Pool {
                    name: "all",
                    open: pool.size(),
                    idle: few(pool.num_idle()),
                    most: pool.options().get_max_connections(),
                }]
            }
            _ => [("read", &self.read), ("write", &self.write)]
                .map(|(name, connection)| {
                    let pool = connection.get_sqlite_connection_pool();
                    Pool {
                        name,
                        open: pool.size(),
                        idle: few(pool.num_idle()),
                        most: pool.options().get_max_connections(),
                    }
                })
                .to_vec(),
        }
    }

    /// Waits for work on the database, but no longer than `limit`: a network that swallows everything says nothing.
    ///
    /// # Errors
    /// The work's own, or Unavailable: what it did then is unknown.
    pub async fn within<T>(&self, limit: Duration, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
        // Dropped after the doubt, so that its connection is asked when it comes back.
        let work = std::pin::pin!(work);
        timeout(limit, work).await.unwrap_or_else(|_| {
            self.doubt();
            Err(Error::Unavailable("the database did not answer in time".to_owned()))
        })
    }

    /// The same for a read that nothing else bounds: the events of a subscription have no time of their own.
    ///
    /// # Errors
    /// As [`Self::within`].
    pub async fn in_time<T>(&self, read: impl Future<Output = Outcome<T>>) -> Outcome<T> {
        self.within(READ, read).await
    }

    /// Says that work on the database was given up in its middle: its connection may be one that never answers.
    pub fn doubt(&self) {
        doubt::raise();
    }

    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let asked = Instant::now();
        let begun = self
            .write
            .begin_with_options(TransactionOptions {
                // Taking the write lock at once avoids a deadlock between two readers that want to write.
                sqlite_transaction_mode: (self.backend() == DbBackend::Sqlite)
                    .then_some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await;
        self.counts.begun.observe(asked.elapsed());
        begun
    }

    /// Whether the database holds no table yet.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn is_empty(&self) -> Result<bool, DbErr> {
        let sql = match self.backend() {
            DbBackend::Postgres => "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1",
            _ => "SELECT 1 FROM sqlite_master LIMIT 1",
        };
        let found = self.read.query_one_raw(Statement::from_string(self.backend(), sql)).await?;
        Ok(found.is_none())
    }

    /// Closes every connection once it is idle.
    pub async fn close(self) {
        // Failing to close cannot lose anything: what was acknowledged is committed.
        let _ = self.read.close().await;
        let _ = self.write.close().await;
    }
}

/// What becomes of a commit when the machine stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    Kept,
    ThrownAway,
}

async fn sqlite(
    url: &str,
    durability: Durability,
) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(connect_error)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Kept => SqliteSynchronous::Full,
            Durability::ThrownAway => SqliteSynchronous::Off,
        })
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .pragma("trusted_schema", "OFF")
        .pragma("recursive_triggers", "ON")
        .optimize_on_close(true, None);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .after_release(|connection, _| Box::pin(doubt::after_writing(connection)))
        .connect_with(options.clone())
        .await
        .map_err(connect_error)?;
    let read = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .connect_with(options.pragma("query_only", "ON"))
        .await
        .map_err(connect_error)?;
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(read), SqlxSqliteConnector::from_sqlx_sqlite_pool(write)))
}

async fn postgres(
    url: &str,
    pool: u32,
    durability: Durability,
) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    let options =
        PgConnectOptions::from_str(url).map_err(connect_error)?.application_name("hourbank").options([
            ("statement_timeout", "8s"),
            ("lock_timeout", "3s"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("TimeZone", "UTC"),
        ]);
    let options = match durability {
        Durability::Kept => options,
        Durability::ThrownAway => options.options([("synchronous_commit", "off")]),
    };
    let settings = PgPoolOptions::new()
        .max_connections(pool)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| Box::pin(doubt::before_use(connection, meta)))
        .after_release(|connection, _| Box::pin(doubt::after_use(connection)));
    let mut pool = settings.clone().connect_with(options.clone()).await;
    for _ in 1..FIRST_TRIES {
        if pool.is_ok() {
            break;
        }
        pool = settings.clone().connect_with(options.clone()).await;
    }
    let pool = pool.map_err(connect_error)?;
    if durability == Durability::Kept {
        let kept: String =
            sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&pool).await.map_err(connect_error)?;
        if kept == "off" {
            let why =
                "synchronous_commit is off: what was acknowledged could be lost when the database stops";
            return Err(DbErr::Custom(why.to_owned()));
        }
    }
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    Ok((connection.clone(), connection))
}

fn connect_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(Arc::new(error)))
}
