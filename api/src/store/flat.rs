//! Flat reads, for what is read most: SQL as text, columns by position, one connection for all statements of a request.
//!
//! Each time that a connection goes back to its pool it costs a round trip, and each column that is looked up by its
//! name costs more than decoding it. Everywhere else sea-orm's own queries are the better text. Nothing checks these
//! columns when compiling: tests prepare every statement on both databases.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryResult,
    QueryTrait, RuntimeErr, Select, Statement, Value,
};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Decode, Postgres, Row as _, Sqlite, Type, ValueRef};
use uuid::Uuid;

use super::Db;
use super::db::Counts;

/// A statement as each database wants it.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    pub postgres: &'static str,
    pub sqlite: &'static str,
}

impl Text {
    /// A statement that both databases read alike.
    pub const fn same(sql: &'static str) -> Self {
        Self { postgres: sql, sqlite: sql }
    }
}

/// A value of a statement, by position from `$1` on.
#[derive(Debug, Clone, Copy)]
pub enum Bind<'a> {
    Id(Uuid),
    /// `= ANY($1)`, and on SQLite `IN (SELECT unhex(value) FROM json_each($1))`: one text whatever their number.
    Ids(&'a [Uuid]),
    Day(NaiveDate),
    Moment(DateTime<Utc>),
    Truth(bool),
    Number(i32),
    Long(i64),
    Words(&'a str),
}

/// A row of either database, read column by column in the statement's order.
#[derive(Debug)]
pub struct Row<'r> {
    of: Of<'r>,
    at: usize,
}

#[derive(Debug, Clone, Copy)]
enum Of<'r> {
    Postgres(&'r PgRow),
    Sqlite(&'r SqliteRow),
}

/// What a column can hold on both databases.
pub trait Column<'r>: Decode<'r, Postgres> + Type<Postgres> + Decode<'r, Sqlite> + Type<Sqlite> {}

impl<'r, T: Decode<'r, Postgres> + Type<Postgres> + Decode<'r, Sqlite> + Type<Sqlite>> Column<'r> for T {}

impl<'r> Row<'r> {
    fn new(of: Of<'r>) -> Self {
        Self { of, at: 0 }
    }

    /// The next column.
    ///
    /// # Errors
    /// There is none, or it holds something else.
    pub fn get<T: Column<'r>>(&mut self) -> Result<T, DbErr> {
        let at = self.at;
        self.at += 1;
        match self.of {
            Of::Postgres(row) => row.try_get(at),
            Of::Sqlite(row) => row.try_get(at),
        }
        .map_err(failed)
    }

    /// The next column, an identifier.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn id<I: From<Uuid>>(&mut self) -> Result<I, DbErr> {
        self.get::<Uuid>().map(I::from)
    }

    /// The next column, an identifier that may be missing.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn maybe_id<I: From<Uuid>>(&mut self) -> Result<Option<I>, DbErr> {
        Ok(self.get::<Option<Uuid>>()?.map(I::from))
    }

    /// The next column, a value of an enumeration.
    ///
    /// # Errors
    /// As [`Row::get`]; the text is none of its values.
    pub fn word<W: Deserialize<'r>>(&mut self) -> Result<W, DbErr> {
        let word: &str = self.get()?;
        W::deserialize(word.into_deserializer())
            .map_err(|error: serde::de::value::Error| DbErr::Type(format!("{word}: {error}")))
    }

    /// Whether the next column holds nothing: a joined row that is not there. It stays the next one.
    ///
    /// # Errors
    /// There is none.
    pub fn is_null(&self) -> Result<bool, DbErr> {
        match self.of {
            Of::Postgres(row) => row.try_get_raw(self.at).map(|value| value.is_null()),
            Of::Sqlite(row) => row.try_get_raw(self.at).map(|value| value.is_null()),
        }
        .map_err(failed)
    }
}

/// A connection lent for the reads of one request.
#[derive(Debug)]
pub struct Flat {
    connection: Lent,
    counts: Arc<Counts>,
}

#[derive(Debug)]
enum Lent {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
}

impl Flat {
    /// Takes a connection to read through; it goes back when this is dropped.
    ///
    /// # Errors
    /// None is free in time, or the database is away.
    pub async fn lend(db: &Db) -> Result<Self, DbErr> {
        let pool = db.reading();
        let asked = Instant::now();
        let connection = match pool.get_database_backend() {
            DbBackend::Postgres => {
                Lent::Postgres(pool.get_postgres_connection_pool().acquire().await.map_err(failed)?)
            }
            _ => Lent::Sqlite(pool.get_sqlite_connection_pool().acquire().await.map_err(failed)?),
        };
        db.counts().lent.observe(asked.elapsed());
        Ok(Self { connection, counts: Arc::clone(db.counts()) })
    }

    /// Reads rows, each made into what the caller wants.
    ///
    /// # Errors
    /// The database's own, and what `make` finds.
    pub async fn read<T>(
        &mut self,
        text: Text,
        binds: &[Bind<'_>],
        mut make: impl FnMut(&mut Row<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, DbErr> {
        let counts = &self.counts;
        let _took = counts.statements.time();
        match &mut self.connection {
            Lent::Postgres(connection) => {
                let rows = sqlx::query_with::<Postgres, _>(text.postgres, for_postgres(binds)?)
                    .fetch_all(&mut **connection)
                    .await
                    .map_err(|error| counts.failed(error))?;
                rows.iter().map(|row| make(&mut Row::new(Of::Postgres(row)))).collect()
            }
            Lent::Sqlite(connection) => {
                let rows = sqlx::query_with::<Sqlite, _>(text.sqlite, for_sqlite(binds)?)
                    .fetch_all(&mut **connection)
                    .await
                    .map_err(|error| counts.failed(error))?;
                rows.iter().map(|row| make(&mut Row::new(Of::Sqlite(row)))).collect()
            }
        }
    }
}

impl Flat {
    /// Runs a query of sea-orm's, for what only the caller's filter and order make.
    ///
    /// # Errors
    /// The database's own.
    pub async fn select<E: EntityTrait>(&mut self, select: Select<E>) -> Result<Vec<E::Model>, DbErr> {
        let counts = &self.counts;
        let _took = counts.statements.time();
        let rows: Vec<QueryResult> = match &mut self.connection {
            Lent::Postgres(connection) => {
                let (sql, values) = parts(select.build(DbBackend::Postgres));
                let arguments = for_postgres(&binds(&values)?)?;
                let rows = sqlx::query_with::<Postgres, _>(AssertSqlSafe(sql), arguments)
                    .fetch_all(&mut **connection)
                    .await
                    .map_err(|error| counts.failed(error))?;
                rows.into_iter().map(QueryResult::from).collect()
            }
            Lent::Sqlite(connection) => {
                let (sql, values) = parts(select.build(DbBackend::Sqlite));
                let arguments = for_sqlite(&binds(&values)?)?;
                let rows = sqlx::query_with::<Sqlite, _>(AssertSqlSafe(sql), arguments)
                    .fetch_all(&mut **connection)
                    .await
                    .map_err(|error| counts.failed(error))?;
                rows.into_iter().map(QueryResult::from).collect()
            }
        };
        rows.iter().map(|row| E::Model::from_query_result(row, "")).collect()
    }
}

fn parts(statement: Statement) -> (String, Vec<Value>) {
    (statement.sql, statement.values.map(|values| values.0).unwrap_or_default())
}

/// The values of a built query; its lists are single values already.
fn binds(values: &[Value]) -> Result<Vec<Bind<'_>>, DbErr> {
    values
        .iter()
        .map(|value| {
            Ok(match value {
                Value::Bool(Some(value)) => Bind::Truth(*value),
                Value::Int(Some(value)) => Bind::Number(*value),
                Value::BigInt(Some(value)) => Bind::Long(*value),
                Value::BigUnsigned(Some(value)) => Bind::Long(i64::try_from(*value).unwrap_or(i64::MAX)),
                Value::String(Some(value)) => Bind::Words(value),
                Value::Uuid(Some(value)) => Bind::Id(*value),
                Value::ChronoDate(Some(value)) => Bind::Day(*value),
                Value::ChronoDateTimeUtc(Some(value)) => Bind::Moment(*value),
                other => return Err(DbErr::Type(format!("{other:?} in a list's query"))),
            })
        })
        .collect()
}

/// Reads rows inside a transaction, by the same text; it takes no lists of keys.
///
/// # Errors
/// The database's own, and what `make` finds.
pub async fn read_within<T>(
    tx: &DatabaseTransaction,
    text: Text,
    id: Uuid,
    mut make: impl FnMut(&mut Row<'_>) -> Result<T, DbErr>,
) -> Result<Vec<T>, DbErr> {
    let backend = tx.get_database_backend();
    let sql = if backend == DbBackend::Postgres { text.postgres } else { text.sqlite };
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, sql, [id.into()])).await?;
    rows.iter().map(|row| make(&mut Row::new(of_result(row)?))).collect()
}

fn of_result(row: &QueryResult) -> Result<Of<'_>, DbErr> {
    let sqlite = row.try_as_sqlite_row().map(Of::Sqlite);
    row.try_as_pg_row()
        .map(Of::Postgres)
        .or(sqlite)
        .ok_or_else(|| DbErr::Type("a row of another database".to_owned()))
}

fn for_postgres(binds: &[Bind<'_>]) -> Result<PgArguments, DbErr> {
    let mut arguments = PgArguments::default();
    for bind in binds {
        match bind {
            Bind::Id(id) => arguments.add(id),
            Bind::Ids(ids) => arguments.add(*ids),
            Bind::Day(day) => arguments.add(day),
            Bind::Moment(moment) => arguments.add(moment),
            Bind::Truth(truth) => arguments.add(truth),
            Bind::Number(number) => arguments.add(number),
            Bind::Long(number) => arguments.add(number),
            Bind::Words(words) => arguments.add(*words),
        }
        .map_err(|error| DbErr::Type(error.to_string()))?;
    }
    Ok(arguments)
}

fn for_sqlite(binds: &[Bind<'_>]) -> Result<SqliteArguments, DbErr> {
    let mut arguments = SqliteArguments::default();
    for bind in binds {
        match bind {
            Bind::Id(id) => arguments.add(*id),
            Bind::Ids(ids) => arguments.add(hex_list(ids)),
            Bind::Day(day) => arguments.add(*day),
            Bind::Moment(moment) => arguments.add(*moment),
            Bind::Truth(truth) => arguments.add(*truth),
            Bind::Number(number) => arguments.add(*number),
            Bind::Long(number) => arguments.add(*number),
            Bind::Words(words) => arguments.add((*words).to_owned()),
        }
        .map_err(|error| DbErr::Type(error.to_string()))?;
    }
    Ok(arguments)
}

fn hex_list(ids: &[Uuid]) -> String {
    let mut list = String::with_capacity(2 + ids.len() * 35);
    list.push('[');
    for (at, id) in ids.iter().enumerate() {
        list.push_str(if at == 0 { "\"" } else { ",\"" });
        list.push_str(id.simple().encode_lower(&mut [0; 32]));
        list.push('"');
    }
    list.push(']');
    list
}

impl Counts {
    fn failed(&self, error: sqlx::Error) -> DbErr {
        self.failed.count();
        failed(error)
    }
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
