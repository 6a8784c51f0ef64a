//! Copies of an SQLite file, and whether a file is whole.
//!
//! `VACUUM INTO` reads in one transaction beside whoever writes, so a copy holds everything that was committed before it
//! began. The copy carries a mark of its own (`user_version`): the first server that starts on it looks through the
//! whole file and takes the mark away, so that a restored file is checked once and a start in earnest costs nothing.

use std::str::FromStr;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::Db;

/// What `user_version` holds in a copy that nobody has started on; 0 everywhere else.
const COPY: i64 = 1;

/// Writes a copy of the database into an empty or new file.
///
/// # Errors
/// The database's own.
pub async fn copy(db: &Db, file: &str) -> Result<(), DbErr> {
    let sql = "VACUUM INTO $1";
    db.writing()
        .execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [file.into()]))
        .await
        .map(|_| ())
}

/// Makes a checked copy a file of its own, without a log beside it, that says what it is.
///
/// # Errors
/// The database's own.
pub async fn mark(url: &str) -> Result<(), DbErr> {
    let error = |error: sqlx::Error| DbErr::Exec(RuntimeErr::SqlxError(error.into()));
    let options = SqliteConnectOptions::from_str(url)
        .map_err(error)?
        .journal_mode(SqliteJournalMode::Delete)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = options.connect().await.map_err(error)?;
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {COPY}"));
    sqlx::query(sql).execute(&mut connection).await.map_err(error)?;
    connection.close().await.map_err(error)
}

/// What is broken in an SQLite file, in its own words; nothing on PostgreSQL, which looks after its files itself.
///
/// # Errors
/// The database's own, also where so much is broken that it cannot be read.
pub async fn damage(db: &Db) -> Result<Vec<String>, DbErr> {
    if db.backend() != DbBackend::Sqlite {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for row in db
        .reading()
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check"))
        .await?
    {
        let words: String = row.try_get_by_index(0)?;
        if words != "ok" {
            found.push(words);
        }
    }
    Ok(found)
}

/// Looks through a restored copy before anything is written to it; what is broken in it.
///
/// # Errors
/// As [`damage`].
pub async fn accept(db: &Db) -> Result<Vec<String>, DbErr> {
    if db.backend() != DbBackend::Sqlite {
        return Ok(Vec::new());
    }
    let version = Statement::from_string(DbBackend::Sqlite, "PRAGMA user_version");
    let version: i64 = match db.reading().query_one_raw(version).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    if version != COPY {
        return Ok(Vec::new());
    }
    let broken = damage(db).await?;
    if broken.is_empty() {
        db.writing().execute_unprepared("PRAGMA user_version = 0").await?;
    }
    Ok(broken)
}
