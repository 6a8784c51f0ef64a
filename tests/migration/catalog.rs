//! What a database says of its own tables, in a form that can be compared.

use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IdenStatic,
    Iterable, Statement,
};
use std::collections::BTreeSet;

/// A column: name, type as this database calls it, whether it may be null.
pub type Column = (String, String, bool);

/// Every table, column, constraint, index, trigger and function, one line each, but the list of migrations applied.
pub async fn all(db: &DatabaseConnection) -> BTreeSet<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master
             WHERE tbl_name <> 'seaql_migrations'"
        }
        _ => {
            "SELECT line FROM (
                 SELECT table_name::text AS tbl, table_name || '.' || column_name || ' ' || udt_name || ' '
                     || is_nullable || ' ' || coalesce(column_default, '') || ' ' || coalesce(collation_name, '') AS line
                     FROM information_schema.columns WHERE table_schema = 'public'
                 UNION ALL SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
                 UNION ALL SELECT r.relname::text, c.conname || ' ' || pg_get_constraintdef(c.oid)
                     FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
                     WHERE c.connamespace = 'public'::regnamespace
                 UNION ALL SELECT r.relname::text, pg_get_triggerdef(t.oid)
                     FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
                 UNION ALL SELECT '', pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             ) catalog WHERE tbl <> 'seaql_migrations'"
        }
    };
    texts(db, sql).await.into_iter().collect()
}

/// The names of all tables but the list of migrations applied.
pub async fn tables(db: &DatabaseConnection) -> BTreeSet<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'seaql_migrations'"
        }
        _ => {
            "SELECT tablename::text FROM pg_tables
             WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'"
        }
    };
    texts(db, sql).await.into_iter().collect()
}

/// The columns that a table has.
pub async fn columns(db: &DatabaseConnection, table: &str) -> BTreeSet<Column> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => format!(
            "SELECT name || ' ' || type || ' ' || (\"notnull\" = 0) FROM pragma_table_info('{table}')"
        ),
        _ => format!(
            "SELECT column_name || ' ' || udt_name || ' ' || (is_nullable = 'YES')::int
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
        ),
    };
    let described = texts(db, &sql).await;
    described
        .iter()
        .map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            let mut next = || words.next().expect("three words");
            (next(), next(), next() == "1")
        })
        .collect()
}

/// The columns that an entity wants.
pub fn wanted<E: EntityTrait>(backend: DbBackend) -> BTreeSet<Column> {
    E::Column::iter()
        .map(|column| {
            let definition = column.def();
            let kind = kind(backend, definition.get_column_type());
            (column.as_str().to_owned(), kind.to_owned(), definition.is_null())
        })
        .collect()
}

fn kind(backend: DbBackend, kind: &ColumnType) -> &'static str {
    let (sqlite, postgres) = match kind {
        ColumnType::Uuid => ("BLOB", "uuid"),
        ColumnType::VarBinary(_) | ColumnType::Blob => ("BLOB", "bytea"),
        ColumnType::String(_) | ColumnType::Text => ("TEXT", "text"),
        ColumnType::TimestampWithTimeZone => ("TEXT", "timestamptz"),
        ColumnType::Date => ("TEXT", "date"),
        ColumnType::Integer => ("INTEGER", "int4"),
        ColumnType::BigInteger => ("INTEGER", "int8"),
        ColumnType::Boolean => ("INTEGER", "bool"),
        other => panic!("no column of ours is a {other:?}"),
    };
    if backend == DbBackend::Sqlite { sqlite } else { postgres }
}

/// The quoted values in the text of a named check.
pub async fn check_values(db: &DatabaseConnection, name: &str) -> BTreeSet<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => format!(
            "SELECT substr(sql, instr(sql, 'CONSTRAINT {name} ')) FROM sqlite_master WHERE sql LIKE '%CONSTRAINT {name} %'"
        ),
        _ => {
            format!("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{name}'")
        }
    };
    let found = texts(db, &sql).await;
    let text = found.first().unwrap_or_else(|| panic!("there is no check {name}"));
    // On SQLite the rest of the table follows; another constraint or the table's end ends this one.
    let own = text.trim_start_matches("CONSTRAINT").split("CONSTRAINT").next().unwrap_or_default();
    own.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
