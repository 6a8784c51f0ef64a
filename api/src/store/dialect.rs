//! All that differs between the two databases, side by side.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, Statement};

use crate::error::{Error, Refusal};

/// The driver's own error inside, where there is one.
fn driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

/// Whether the whole transaction may succeed when tried again: a lost race, a lock not had in time, a connection lost.
pub fn is_transient(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return true;
    }
    match driver(error) {
        Some(sqlx::Error::Database(inner)) => inner.code().is_some_and(|code| {
            let code = code.as_ref();
            // PostgreSQL: serialization, deadlock, lock timeout, shutting down, connection; SQLite: busy and its kinds.
            matches!(
                code,
                "40001" | "40P01" | "55P03" | "57P01" | "57P02" | "57P03" | "53300" | "5" | "261" | "517"
            ) || code.starts_with("08")
        }),
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed,
        ) => true,
        _ => false,
    }
}

/// The name of the constraint that refused, where one did. SQLite tells a unique index by its columns only
/// (`table.column`), so both forms are to be expected from it.
pub fn constraint(error: &DbErr) -> Option<String> {
    let Some(sqlx::Error::Database(inner)) = driver(error) else {
        return None;
    };
    if let Some(name) = inner.constraint() {
        return Some(name.to_owned());
    }
    inner.message().split_once("constraint failed: ").map(|(_, name)| name.to_owned())
}

/// Whether a unique index refused, named `name` on PostgreSQL and by its `columns` (`table.column, …`) on SQLite.
pub fn is_unique_violation(error: &DbErr, name: &str, columns: &str) -> bool {
    constraint(error).is_some_and(|refused| refused == name || refused == columns)
}

/// Holds a lock on a name until the transaction ends; SQLite has one writer at a time anyway.
///
/// # Errors
/// The database's own.
pub async fn lock_name(tx: &DatabaseTransaction, name: &str) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()])).await?;
    }
    Ok(())
}

/// Whether the database's file is not what the database wrote: SQLite's "malformed" and "not a database".
fn is_damaged(error: &DbErr) -> bool {
    match driver(error) {
        Some(sqlx::Error::Database(inner)) => {
            // The extended codes keep the plain one in their lowest byte.
            let plain = |code: i32| matches!(code & 0xff, 11 | 26);
            inner.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
                && inner.code().and_then(|code| code.parse().ok()).is_some_and(plain)
        }
        _ => false,
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_transient(&error) {
            Self::Unavailable(error.to_string())
        } else if is_damaged(&error) {
            Self::Internal(format!("the database's file is damaged, restore a backup: {error}"))
        } else {
            Self::Internal(error.to_string())
        }
    }
}

/// The refusal that a unique index stands for, where it is the one that refused.
pub fn on_unique(error: DbErr, name: &str, columns: &str, refusal: Refusal) -> Error {
    if is_unique_violation(&error, name, columns) { refusal.into() } else { error.into() }
}
