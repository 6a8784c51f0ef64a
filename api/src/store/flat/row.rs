//! Columns by position.

use sea_orm::DbErr;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, ValueRef};
use uuid::Uuid;

use super::failed;

/// A row of either database, read column by column in the statement's order.
#[derive(Debug)]
pub struct Row<'r> {
    of: Of<'r>,
    at: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'r> {
    Postgres(&'r PgRow),
    Sqlite(&'r SqliteRow),
}

/// What a column can hold on both databases.
pub trait Column<'r>: Decode<'r, Postgres> + Type<Postgres> + Decode<'r, Sqlite> + Type<Sqlite> {}

impl<'r, T: Decode<'r, Postgres> + Type<Postgres> + Decode<'r, Sqlite> + Type<Sqlite>> Column<'r> for T {}

impl<'r> Row<'r> {
    pub(super) fn new(of: Of<'r>) -> Self {
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
            // What the text names has the type that is asked for, as every test with it has found.
            Of::Postgres(row) if !cfg!(debug_assertions) => row.try_get_unchecked(at),
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
        of_word(self.get()?)
    }

    /// The next column, a value of an enumeration that may be missing.
    ///
    /// # Errors
    /// As [`Row::word`].
    pub fn maybe_word<W: Deserialize<'r>>(&mut self) -> Result<Option<W>, DbErr> {
        self.get::<Option<&str>>()?.map(of_word).transpose()
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

fn of_word<'r, W: Deserialize<'r>>(word: &'r str) -> Result<W, DbErr> {
    W::deserialize(word.into_deserializer())
        .map_err(|error: serde::de::value::Error| DbErr::Type(format!("{word}: {error}")))
}
