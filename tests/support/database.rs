//! A database for each test, on whichever of the two databases the run is for.
//!
//! The migrations run once in a process, into a template; each test then gets a copy of its own, which costs
//! milliseconds. Without a setting the copies are SQLite files in a temporary folder. With
//! `HOURBANK_TEST_DATABASE`, the URL of a PostgreSQL database whose user may create others, they are databases of
//! that server.
//!
//! A copy goes with its `TestDatabase`, also when the test panics. `Drop` cannot await, so on PostgreSQL one thread of
//! the process (`postgres::Keeper`) makes and drops all databases, and `Drop` waits for its answer. What a killed run
//! left behind is swept by the next run's keeper, which knows the living runs by their session.

mod postgres;
mod sqlite;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use std::env;

/// A database of one test: empty or migrated, and gone when this is dropped.
pub struct TestDatabase {
    /// Where it is, as `--database` takes it.
    pub url: String,
    /// The test's own connections, beside those of whatever it tests.
    pub db: DatabaseConnection,
    _place: Place,
}

/// Owns what must be removed at the end.
enum Place {
    Sqlite {
        _folder: sqlite::Folder,
    },
    Postgres {
        _database: postgres::Copy,
    },
    /// Somebody else's.
    Elsewhere,
}

impl TestDatabase {
    /// A database that somebody else keeps; an SQLite file is made where it is missing.
    pub async fn at(url: &str) -> Self {
        let url = url.to_owned();
        let db =
            connect(&if url.starts_with("sqlite:") { format!("{url}?mode=rwc") } else { url.clone() }).await;
        Self { url, db, _place: Place::Elsewhere }
    }
}

/// An empty database: for tests of the migrations themselves.
pub async fn fresh_unmigrated() -> TestDatabase {
    match server() {
        None => open_sqlite(&[]).await,
        Some(url) => open_postgres(url, postgres::Origin::Empty).await,
    }
}

/// A database with the newest schema.
pub async fn fresh() -> TestDatabase {
    match server() {
        None => open_sqlite(sqlite::template().await).await,
        Some(url) => open_postgres(url, postgres::Origin::Template).await,
    }
}

/// A migrated SQLite database, whichever the run is for.
pub async fn fresh_on_sqlite() -> TestDatabase {
    open_sqlite(sqlite::template().await).await
}

/// An SQLite database of these bytes.
pub async fn of_bytes(content: &[u8]) -> TestDatabase {
    open_sqlite(content).await
}

/// Whether the run is for PostgreSQL.
pub fn is_on_postgres() -> bool {
    server().is_some()
}

async fn open_sqlite(content: &[u8]) -> TestDatabase {
    let folder = sqlite::Folder::new();
    std::fs::write(folder.file(), content).expect("the temporary folder takes a file");
    let url = folder.url();
    TestDatabase { db: connect(&url).await, url, _place: Place::Sqlite { _folder: folder } }
}

async fn open_postgres(server: String, origin: postgres::Origin) -> TestDatabase {
    let copy = postgres::Copy::make(&server, origin).await;
    let url = copy.url.clone();
    TestDatabase { db: connect(&url).await, url, _place: Place::Postgres { _database: copy } }
}

/// Few connections: many tests run side by side on one server.
async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(4).sqlx_logging(false);
    Database::connect(options).await.expect("a database just made opens")
}

#[expect(
    clippy::disallowed_methods,
    reason = "which database a run is for is the run's setting, not the product's"
)]
fn server() -> Option<String> {
    env::var("HOURBANK_TEST_DATABASE").ok().filter(|url| !url.is_empty())
}

mod tests {
    use super::{fresh, fresh_unmigrated, server, sqlite};
    use sea_orm::ConnectionTrait;
    use std::path::Path;

    #[tokio::test]
    async fn two_tests_share_nothing() {
        let (one, other) = (fresh().await, fresh().await);
        assert_ne!(one.url, other.url);
        one.db.execute_unprepared("CREATE TABLE only_here (id INTEGER)").await.unwrap();
        one.db.execute_unprepared("SELECT id FROM only_here").await.unwrap();
        other.db.execute_unprepared("SELECT id FROM only_here").await.unwrap_err();
    }

    #[tokio::test]
    async fn an_unmigrated_database_holds_no_table() {
        let empty = fresh_unmigrated().await;
        let tables = if server().is_some() {
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        } else {
            "SELECT name FROM sqlite_master"
        };
        let rows =
            empty.db.query_all_raw(sea_orm::Statement::from_string(empty.db.get_database_backend(), tables));
        assert!(rows.await.unwrap().is_empty());
        migration::up(&empty.db).await.unwrap();
    }

    #[tokio::test]
    async fn a_database_goes_with_its_test() {
        let gone = fresh().await;
        let url = gone.url.clone();
        gone.db.execute_unprepared("CREATE TABLE t (id INTEGER)").await.unwrap();
        drop(gone);
        match server() {
            None => assert!(!Path::new(sqlite::path_of(&url)).exists()),
            Some(_) => assert!(sea_orm::Database::connect(&url).await.is_err()),
        }
    }
}
