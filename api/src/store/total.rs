//! Stored totals held against what they are the sums of.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait};
use uuid::Uuid;

/// Totals of time that stands, each beside its stored figure, where the two differ.
const DIFFERENCES: [(&str, &str); 4] = [
    (
        "task",
        "SELECT t.id, CAST(t.spent_minutes AS BIGINT), CAST(COALESCE(SUM(e.minutes), 0) AS BIGINT) \
         FROM task t LEFT JOIN time_entry e ON e.task_id = t.id AND e.corrected_at IS NULL AND e.draws_on_balance \
         GROUP BY t.id, t.spent_minutes HAVING t.spent_minutes <> COALESCE(SUM(e.minutes), 0)",
    ),
    (
        "block",
        "SELECT b.id, CAST(b.spent_minutes AS BIGINT), CAST(COALESCE(SUM(t.spent_minutes), 0) AS BIGINT) \
         FROM block b LEFT JOIN task t ON t.block_id = b.id \
         GROUP BY b.id, b.spent_minutes HAVING b.spent_minutes <> COALESCE(SUM(t.spent_minutes), 0)",
    ),
    (
        "estimate of block",
        "SELECT b.id, CAST(b.estimate_minutes + b.development_minutes AS BIGINT), \
         CAST(COALESCE(SUM(COALESCE(t.estimate_minutes, 0) + COALESCE(t.development_minutes, 0)), 0) AS BIGINT) \
         FROM block b LEFT JOIN task t ON t.block_id = b.id AND t.status <> 'CANCELLED' \
         GROUP BY b.id, b.estimate_minutes, b.development_minutes \
         HAVING b.estimate_minutes <> COALESCE(SUM(t.estimate_minutes), 0) \
         OR b.development_minutes <> COALESCE(SUM(t.development_minutes), 0)",
    ),
    (
        "day of user",
        "SELECT d.user_id, CAST(d.minutes AS BIGINT), CAST(COALESCE(SUM(e.minutes), 0) AS BIGINT) \
         FROM user_day d LEFT JOIN time_entry e ON e.user_id = d.user_id AND e.worked_on = d.day \
         AND e.corrected_at IS NULL \
         GROUP BY d.user_id, d.day, d.minutes HAVING d.minutes <> COALESCE(SUM(e.minutes), 0)",
    ),
];

/// What differs: of what, whose, the stored figure and the sum, in minutes.
///
/// # Errors
/// The database's own.
pub async fn differences(db: &DatabaseConnection) -> Result<Vec<(&'static str, Uuid, i64, i64)>, DbErr> {
    let db = db.begin().await?;
    if db.get_database_backend() == DbBackend::Postgres {
        // Years of time are summed: the limit that suits a request would end it.
        db.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    let mut found = Vec::new();
    for (what, sql) in DIFFERENCES {
        for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await? {
            found.push((what, row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?));
        }
    }
    Ok(found)
}
