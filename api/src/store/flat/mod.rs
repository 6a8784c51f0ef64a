//! Flat reads, for what is read most: SQL as text, columns by position, one connection for all statements of a request.
//!
//! Each time that a connection goes back to its pool it costs a round trip, and each column that is looked up by its
//! name costs more than decoding it. Everywhere else sea-orm's own queries are the better text. Nothing checks these
//! columns when compiling: tests prepare every statement on both databases.

mod row;
mod statement;

use std::sync::Arc;
use std::time::Instant;

pub use row::Row;
pub(super) use statement::keyed;
pub use statement::{Bind, Keyed, Text};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryResult,
    QueryTrait, RuntimeErr, Select, Statement, Value,
};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Postgres, SqlSafeStr, Sqlite};
use uuid::Uuid;

use self::row::Of;
use self::statement::{binds, for_postgres, for_sqlite};
use super::Db;
use super::db::Counts;

/// Whatever runs queries of sea-orm's: a pool, a unit of work, a connection in hand.
pub trait Reads: Send {
    /// The rows of a query.
    ///
    /// # Errors
    /// The database's own.
    fn select<E: EntityTrait>(
        &mut self,
        select: Select<E>,
    ) -> impl Future<Output = Result<Vec<E::Model>, DbErr>> + Send;
}

impl<C: ConnectionTrait> Reads for &C {
    async fn select<E: EntityTrait>(&mut self, select: Select<E>) -> Result<Vec<E::Model>, DbErr> {
        select.all(*self).await
    }
}

/// A connection lent for the reads of one request.
///
/// Whoever holds one asks for no second: when all of a pool's connections are lent, those who wait for another wait for
/// one another.
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
        make: impl FnMut(&mut Row<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, DbErr> {
        self.fetch(text.of(self.backend()), binds).await?.make(make)
    }

    /// Reads the rows of some keys; `more` are the values from `$2` on. Nothing is asked where there is no key.
    ///
    /// # Errors
    /// As [`Flat::read`].
    pub async fn read_keyed<T>(
        &mut self,
        text: Keyed,
        keys: &[Uuid],
        more: &[Bind<'_>],
        make: impl FnMut(&mut Row<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, DbErr> {
        let (text, keys) = match keys {
            [] => return Ok(Vec::new()),
            [one] => (text.one, Bind::Id(*one)),
            many => (text.many, Bind::Ids(many)),
        };
        let binds: Vec<Bind<'_>> = std::iter::once(keys).chain(more.iter().copied()).collect();
        self.read(text, &binds, make).await
    }

    /// Runs a query of sea-orm's and reads its rows by position: its columns stand in the entity's order.
    ///
    /// # Errors
    /// As [`Flat::read`].
    pub async fn select_by_position<E: EntityTrait>(
        &mut self,
        select: Select<E>,
        make: impl FnMut(&mut Row<'_>) -> Result<E::Model, DbErr>,
    ) -> Result<Vec<E::Model>, DbErr> {
        self.fetch_built(select).await?.make(make)
    }

    const fn backend(&self) -> DbBackend {
        match self.connection {
            Lent::Postgres(_) => DbBackend::Postgres,
            Lent::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn fetch_built<E: EntityTrait>(&mut self, select: Select<E>) -> Result<Rows, DbErr> {
        let Statement { sql, values, .. } = select.build(self.backend());
        let values = values.map(|values| values.0).unwrap_or_default();
        self.fetch(AssertSqlSafe(sql), &binds(&values)?).await
    }

    async fn fetch(&mut self, sql: impl SqlSafeStr, binds: &[Bind<'_>]) -> Result<Rows, DbErr> {
        let _took = self.counts.statements.time();
        match &mut self.connection {
            Lent::Postgres(connection) => {
                let query = sqlx::query_with::<Postgres, _>(sql, for_postgres(binds)?);
                query.fetch_all(&mut **connection).await.map(Rows::Postgres)
            }
            Lent::Sqlite(connection) => {
                let query = sqlx::query_with::<Sqlite, _>(sql, for_sqlite(binds)?);
                query.fetch_all(&mut **connection).await.map(Rows::Sqlite)
            }
        }
        .inspect(|_| self.counts.answered.count())
        .map_err(|error| {
            self.counts.failed.count();
            failed(error)
        })
    }
}

/// What a statement gave.
enum Rows {
    Postgres(Vec<PgRow>),
    Sqlite(Vec<SqliteRow>),
}

impl Rows {
    fn make<T>(&self, mut make: impl FnMut(&mut Row<'_>) -> Result<T, DbErr>) -> Result<Vec<T>, DbErr> {
        match self {
            Self::Postgres(rows) => rows.iter().map(|row| make(&mut Row::new(Of::Postgres(row)))).collect(),
            Self::Sqlite(rows) => rows.iter().map(|row| make(&mut Row::new(Of::Sqlite(row)))).collect(),
        }
    }
}

impl Reads for Flat {
    async fn select<E: EntityTrait>(&mut self, select: Select<E>) -> Result<Vec<E::Model>, DbErr> {
        let rows: Vec<QueryResult> = match self.fetch_built(select).await? {
            Rows::Postgres(rows) => rows.into_iter().map(QueryResult::from).collect(),
            Rows::Sqlite(rows) => rows.into_iter().map(QueryResult::from).collect(),
        };
        rows.iter().map(|row| E::Model::from_query_result(row, "")).collect()
    }
}

/// Reads rows inside a transaction, by the same text; it takes no lists of keys.
///
/// # Errors
/// The database's own, and what `make` finds.
pub async fn read_within<T>(
    tx: &DatabaseTransaction,
    text: Text,
    ids: &[Uuid],
    mut make: impl FnMut(&mut Row<'_>) -> Result<T, DbErr>,
) -> Result<Vec<T>, DbErr> {
    let backend = tx.get_database_backend();
    let values = ids.iter().map(|id| Value::from(*id));
    let rows = tx.query_all_raw(Statement::from_sql_and_values(backend, text.of(backend), values)).await?;
    rows.iter().map(|row| make(&mut Row::new(of_result(row)?))).collect()
}

fn of_result(row: &QueryResult) -> Result<Of<'_>, DbErr> {
    let sqlite = row.try_as_sqlite_row().map(Of::Sqlite);
    row.try_as_pg_row()
        .map(Of::Postgres)
        .or(sqlite)
        .ok_or_else(|| DbErr::Type("a row of another database".to_owned()))
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
