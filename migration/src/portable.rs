//! One text of SQL for two databases.
//!
//! Tables are written as PostgreSQL wants them, with the types in capitals; for SQLite the types are replaced and the
//! tables made STRICT, so that it refuses a value of a wrong type as PostgreSQL does. Identifiers are 16 bytes there,
//! days and times text in the form in which the driver writes them, which also sorts by time. Folded keys sort by bytes
//! on both (`COLLATE "C"`), so that both answer alike.
//!
//! Rows that must never change are guarded by triggers. INSERT OR REPLACE of SQLite deletes the row that is in its way
//! without a word to the DELETE trigger, hence one more trigger that refuses any key already there.

use sea_orm_migration::prelude::{ConnectionTrait, DbErr, SchemaManager, sea_orm::DbBackend};

/// What differs, PostgreSQL first.
const ON_SQLITE: [(&str, &str); 10] = [
    ("UUID '", "X'"),
    ("TIMESTAMPTZ '", "'"),
    (" UUID", " BLOB"),
    (" TIMESTAMPTZ", " TEXT"),
    (" DATE", " TEXT"),
    (" BYTEA", " BLOB"),
    (" BOOLEAN", " INTEGER"),
    (" BIGINT", " INTEGER"),
    (" COLLATE \"C\"", ""),
    ("\n);", "\n) STRICT;"),
];

/// Runs statements written for PostgreSQL on either database.
pub async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let sql = match manager.get_database_backend() {
        DbBackend::Sqlite => ON_SQLITE.iter().fold(sql.to_owned(), |sql, (from, to)| sql.replace(from, to)),
        _ => sql.to_owned(),
    };
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// Runs statements that only PostgreSQL needs.
pub async fn run_on_postgres(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}

/// A unique key of an append-only table: its name and the condition under which `NEW` meets a row that holds it.
pub type Key = (&'static str, &'static str);

/// Lets the database itself refuse every change of a table's rows but the insertion of new ones.
pub async fn append_only(manager: &SchemaManager<'_>, table: &str, keys: &[Key]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
             END $$;
             CREATE TRIGGER tr_{table}_change BEFORE UPDATE OR DELETE ON {table}
                 FOR EACH ROW EXECUTE FUNCTION refuse_change();
             CREATE TRIGGER tr_{table}_truncate BEFORE TRUNCATE ON {table}
                 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
        );
        connection.execute_unprepared(&sql).await?;
        return Ok(());
    }
    for (event, when) in [("UPDATE", "update"), ("DELETE", "delete")] {
        let sql = format!(
            "CREATE TRIGGER tr_{table}_{when} BEFORE {event} ON {table}
             BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
        );
        connection.execute_unprepared(&sql).await?;
    }
    for (key, condition) in keys {
        let sql = format!(
            "CREATE TRIGGER tr_{key}_insert BEFORE INSERT ON {table}
             WHEN EXISTS (SELECT 1 FROM {table} held WHERE {condition})
             BEGIN SELECT RAISE(ABORT, '{table} is append-only: {key}'); END;"
        );
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
}
