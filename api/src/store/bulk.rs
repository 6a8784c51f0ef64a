//! Filling an empty database with many rows: one transaction, many rows a statement, so that a fault or a kill leaves
//! nothing behind. It asks no permit and leaves no audit trail, and is for tools that own the whole database.
//!
//! PostgreSQL looks up each foreign key of each row, which is most of the work; so the keys are taken off first and put
//! back at the end, in the same transaction, where each is checked for all rows at once.

use entity::{client, user};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    Iterable, ModelTrait, QuerySelect, Statement,
};

use super::Db;

/// The most parameters of a statement; SQLite takes no more.
const PARAMETERS: usize = 32_766;

/// Each foreign key: the table, the key's name, what it says.
const FOREIGN_KEYS: &str = "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) \
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2";

/// Rows on their way into an empty database.
#[derive(Debug)]
pub struct Filling {
    connection: DatabaseTransaction,
    /// What puts the foreign keys back.
    keys: Vec<String>,
}

impl Filling {
    /// Begins.
    ///
    /// # Errors
    /// The database's own.
    pub async fn begin(db: &Db) -> Result<Self, DbErr> {
        let connection = db.begin().await?;
        let mut keys = Vec::new();
        if connection.get_database_backend() == DbBackend::Sqlite {
            // A client and its contact name each other.
            connection.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
        }
        if connection.get_database_backend() == DbBackend::Postgres {
            // The limits that suit a request would end a long filling.
            let sql = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
            connection.execute_unprepared(sql).await?;
            let found = Statement::from_string(DbBackend::Postgres, FOREIGN_KEYS);
            for row in connection.query_all_raw(found).await? {
                let (table, name, says): (String, String, String) =
                    (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
                connection.execute_unprepared(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await?;
                keys.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {says}"));
            }
        }
        Ok(Self { connection, keys })
    }

    /// Writes rows of one table.
    ///
    /// # Errors
    /// The database's own.
    pub async fn insert<M>(&self, rows: Vec<M>) -> Result<(), DbErr>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        let most = PARAMETERS / <M::Entity as EntityTrait>::Column::iter().count();
        let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
        while rows.peek().is_some() {
            let some = rows.by_ref().take(most);
            M::Entity::insert_many(some).exec_without_returning(&self.connection).await?;
        }
        Ok(())
    }

    /// Makes all of it stand.
    ///
    /// # Errors
    /// The database's own, also where a row refers to none; then nothing stands.
    pub async fn commit(self) -> Result<(), DbErr> {
        for key in &self.keys {
            self.connection.execute_unprepared(key).await?;
        }
        self.connection.commit().await
    }
}

/// Brings the tables of an empty database up to date; false where anybody or any client is in it already.
///
/// # Errors
/// The database's own, also where the tables in it are another's.
pub async fn prepare(db: &Db) -> Result<bool, DbErr> {
    if !db.is_empty().await? {
        let person = user::Entity::find().limit(1).one(db.reading()).await?;
        if person.is_some() || client::Entity::find().limit(1).one(db.reading()).await?.is_some() {
            return Ok(false);
        }
    }
    migration::up(db.writing()).await?;
    Ok(true)
}

/// Lets the database learn what it holds now, so that its first plans are good ones.
///
/// # Errors
/// The database's own.
pub async fn settle(db: &Db) -> Result<(), DbErr> {
    match db.backend() {
        DbBackend::Postgres => {
            let pool = db.writing().get_postgres_connection_pool();
            let error = |error: sqlx::Error| DbErr::Exec(sea_orm::RuntimeErr::SqlxError(error.into()));
            let mut connection = pool.acquire().await.map_err(error)?;
            for sql in ["SET statement_timeout = 0", "VACUUM (ANALYZE)", "RESET statement_timeout"] {
                sqlx::query(sql).execute(&mut *connection).await.map_err(error)?;
            }
            Ok(())
        }
        _ => db.writing().execute_unprepared("ANALYZE").await.map(|_| ()),
    }
}
