//! Statements as text, and the values that go with them.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{DbBackend, DbErr, Value};
use sqlx::Arguments;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use uuid::Uuid;

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

    pub(super) const fn of(self, backend: DbBackend) -> &'static str {
        match backend {
            DbBackend::Postgres => self.postgres,
            _ => self.sqlite,
        }
    }
}

/// A statement by keys, `$1`: one text for one key, another for a list.
///
/// PostgreSQL plans a list that is shorter than it takes lists to be anew each time, which costs more than reading.
#[derive(Debug, Clone, Copy)]
pub struct Keyed {
    pub one: Text,
    pub many: Text,
}

/// The [`Keyed`] statement of a macro that puts together a text, given how its keys are compared.
macro_rules! keyed {
    ($text:ident $(, $more:literal)*) => {
        $crate::store::flat::Keyed {
            one: $crate::store::flat::Text::same($text!("= $1" $(, $more)*)),
            many: $crate::store::flat::Text {
                postgres: $text!("= ANY($1)" $(, $more)*),
                sqlite: $text!("IN (SELECT unhex(value) FROM json_each($1))" $(, $more)*),
            },
        }
    };
}
pub(in crate::store) use keyed;

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

/// The values of a built query; its lists are single values already.
pub(super) fn binds(values: &[Value]) -> Result<Vec<Bind<'_>>, DbErr> {
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

pub(super) fn for_postgres(binds: &[Bind<'_>]) -> Result<PgArguments, DbErr> {
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

pub(super) fn for_sqlite(binds: &[Bind<'_>]) -> Result<SqliteArguments, DbErr> {
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
