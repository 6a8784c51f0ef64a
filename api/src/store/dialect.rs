//! All that differs between the two databases, side by side.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, Statement};

use super::doubt;
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

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// The whole transaction may succeed when tried again: a lost race, a lock not had in time.
    Race,
    /// The same, on another connection: this one is gone.
    Connection,
    /// It would fail again at once: no connection to be had, no room, too long a statement.
    Away,
    /// The database's file is not what the database wrote.
    Damaged,
    Ours,
}

fn failure(error: &DbErr) -> Failure {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return Failure::Away;
    }
    match driver(error) {
        Some(sqlx::Error::Database(inner)) => inner.code().map_or(Failure::Ours, |code| by_code(&code)),
        Some(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => Failure::Away,
        Some(sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => Failure::Connection,
        _ => Failure::Ours,
    }
}

/// PostgreSQL's codes have five characters; SQLite's are numbers whose last byte is the kind.
fn by_code(code: &str) -> Failure {
    if code.len() < 5 {
        return match code.parse::<u32>().map(|code| code & 0xff) {
            // Busy, locked.
            Ok(5 | 6) => Failure::Race,
            // Out of memory, read-only, an error of the disk, full, not to be opened.
            Ok(7 | 8 | 10 | 13 | 14) => Failure::Away,
            // Malformed, not a database.
            Ok(11 | 26) => Failure::Damaged,
            _ => Failure::Ours,
        };
    }
    match code {
        // Serialization, deadlock, lock timeout.
        "40001" | "40P01" | "55P03" => Failure::Race,
        // Shutting down, crashed, ended for being idle.
        "57P01" | "57P02" | "57P05" | "25P03" => Failure::Connection,
        // Statement timeout, starting up, read-only.
        "57014" | "57P03" | "25006" => Failure::Away,
        _ => match &code[..2] {
            "08" => Failure::Connection,
            // No resources, an error of the system.
            "53" | "58" => Failure::Away,
            _ => Failure::Ours,
        },
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

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        match failure(&error) {
            Failure::Race => Self::Lost(text),
            Failure::Connection => {
                doubt::raise();
                Self::Lost(text)
            }
            Failure::Away => Self::Unavailable(text),
            Failure::Damaged => {
                Self::Internal(format!("the database's file is damaged, restore a backup: {text}"))
            }
            Failure::Ours => Self::Internal(text),
        }
    }
}

/// The refusal that a unique index stands for, where it is the one that refused.
pub fn on_unique(error: DbErr, name: &str, columns: &str, refusal: Refusal) -> Error {
    if is_unique_violation(&error, name, columns) { refusal.into() } else { error.into() }
}

#[cfg(test)]
mod tests {
    use super::{Failure, by_code};

    /// T68, T69: what is run again at once, what is told to come again, and what is a fault of ours.
    #[test]
    fn failures_are_told_apart() {
        for (kind, codes) in [
            (Failure::Race, ["40001", "40P01", "55P03", "5", "517", "6"]),
            (Failure::Connection, ["57P01", "57P02", "57P05", "25P03", "08006", "08003"]),
            (Failure::Away, ["57014", "57P03", "53100", "53300", "13", "778"]),
            (Failure::Damaged, ["11", "26", "267", "523", "779", "282"]),
            (Failure::Ours, ["23505", "42601", "22003", "25P02", "1", "2067"]),
        ] {
            for code in codes {
                assert_eq!(by_code(code), kind, "{code}");
            }
        }
    }
}
