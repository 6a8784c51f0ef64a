//! Pages of a list by keyset: a cursor holds the sort keys of the row that it points at, bound to the list's filter
//! and order, so that pages neither skip nor repeat rows while others write.

use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::BoxFuture;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, ModelTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Value,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::flat::{Reads, Row};
use super::{Db, Flat};

/// Rows on a page where nothing is said.
pub const DEFAULT: u64 = 25;
/// Rows on a page at the most.
pub const MOST: u64 = 100;

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Asc,
    Desc,
}

/// Which page is asked for.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub limit: u64,
    /// Counted from the end.
    pub backward: bool,
    pub after: Option<Vec<Key>>,
    pub before: Option<Vec<Key>>,
}

/// One sort key's value inside a cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Key {
    #[serde(rename = "b")]
    Bool(bool),
    #[serde(rename = "i")]
    Int(i64),
    #[serde(rename = "s")]
    Text(String),
    #[serde(rename = "u")]
    Id(Uuid),
    #[serde(rename = "d")]
    Day(NaiveDate),
    #[serde(rename = "t")]
    Moment(i64),
}

impl Key {
    fn of(value: Value) -> Option<Self> {
        Some(match value {
            Value::Bool(Some(value)) => Self::Bool(value),
            Value::Int(Some(value)) => Self::Int(value.into()),
            Value::BigInt(Some(value)) => Self::Int(value),
            Value::String(Some(value)) => Self::Text(value),
            Value::Uuid(Some(value)) => Self::Id(value),
            Value::ChronoDate(Some(value)) => Self::Day(value),
            Value::ChronoDateTimeUtc(Some(value)) => Self::Moment(value.timestamp_millis()),
            _ => return None,
        })
    }

    fn value(&self) -> Option<Value> {
        Some(match self {
            Self::Bool(value) => Value::from(*value),
            Self::Int(value) => Value::from(*value),
            Self::Text(value) => Value::from(value.clone()),
            Self::Id(value) => Value::from(*value),
            Self::Day(value) => Value::from(*value),
            Self::Moment(value) => Value::from(DateTime::<Utc>::from_timestamp_millis(*value)?),
        })
    }
}

/// The list that cursors belong to: its filter and order, hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding([u8; 8]);

impl Binding {
    /// Binds to whatever makes the list what it is.
    pub fn new(list: &impl Serialize) -> Self {
        let json = serde_json::to_vec(list).unwrap_or_default();
        let hash = digest::digest(&digest::SHA256, &json);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash.as_ref()[..8]);
        Self(bytes)
    }

    /// Writes a cursor.
    pub fn cursor(self, keys: &[Key]) -> String {
        let json = serde_json::to_vec(&(self.0, keys)).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(json)
    }

    /// Reads a cursor of this list; one of another list is none.
    pub fn read(self, cursor: &str) -> Option<Vec<Key>> {
        let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (bound, keys): ([u8; 8], Vec<Key>) = serde_json::from_slice(&json).ok()?;
        (bound == self.0).then_some(keys)
    }
}

/// How many rows there are.
///
/// # Errors
/// The database's own.
pub async fn count<E>(db: &Db, select: Select<E>) -> crate::error::Result<i64>
where
    E: EntityTrait,
    E::Model: Sync,
{
    Ok(i64::try_from(select.count(db.reading()).await?).unwrap_or(i64::MAX))
}

/// The sort keys of a row, the id last.
pub fn keys_of<M: ModelTrait>(
    row: &M,
    order: &[(<M::Entity as EntityTrait>::Column, Direction)],
) -> Vec<Key> {
    order.iter().filter_map(|(column, _)| Key::of(row.get(*column))).collect()
}

/// What selects a page and one row more. `order` ends with a column that is unique, and none of its columns is null.
///
/// # Errors
/// [`DbErr::Custom`] for a cursor whose keys do not fit the order.
fn selecting<E: EntityTrait>(
    mut select: Select<E>,
    order: &[(E::Column, Direction)],
    page: &Page,
) -> Result<Select<E>, DbErr> {
    for (keys, beyond) in [(&page.after, true), (&page.before, false)] {
        if let Some(keys) = keys {
            select = select.filter(side::<E>(order, keys, beyond)?);
        }
    }
    for (column, direction) in order {
        select = select.order_by(*column, direction.order(page.backward));
    }
    Ok(select.limit(page.limit + 1))
}

/// A list: what it selects and how it is sorted, a unique column last.
pub struct List<E: EntityTrait> {
    pub select: Select<E>,
    pub order: Vec<(E::Column, Direction)>,
    pub binding: Binding,
}

/// A page of a list.
pub struct Listed<M> {
    pub rows: Vec<M>,
    pub places: Places,
    /// Counts the whole list.
    pub count: Arc<dyn Fn() -> BoxFuture<'static, crate::error::Result<i64>> + Send + Sync>,
}

/// Where a page's rows lie in their list.
#[derive(Debug, Clone)]
pub struct Places {
    binding: Binding,
    keys: Vec<Vec<Key>>,
    pub has_next: bool,
    pub has_previous: bool,
}

impl Places {
    /// The cursor of the page's row at a position; written only when asked for.
    pub fn cursor(&self, at: usize) -> Option<String> {
        self.keys.get(at).map(|keys| self.binding.cursor(keys))
    }

    /// The cursor of the page's last row.
    pub fn last(&self) -> Option<String> {
        self.keys.last().map(|keys| self.binding.cursor(keys))
    }
}

impl<M> Listed<M> {
    /// The same page with each row made into something else.
    pub fn map<T>(self, make: impl FnMut(M) -> T) -> Listed<T> {
        Listed { rows: self.rows.into_iter().map(make).collect(), places: self.places, count: self.count }
    }
}

impl<E> List<E>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    Select<E>: Send + Sync,
{
    /// Reads a page in one statement.
    ///
    /// # Errors
    /// The database's own.
    pub async fn read(self, db: &Db, page: &Page) -> Result<Listed<E::Model>, DbErr> {
        let select = selecting(self.select.clone(), &self.order, page)?;
        let rows = Flat::lend(db).await?.select(select).await?;
        Ok(self.listed(db, page, rows))
    }

    /// The same through a connection in hand, each row read by position.
    ///
    /// # Errors
    /// The database's own.
    pub async fn read_through(
        self,
        db: &Db,
        flat: &mut Flat,
        page: &Page,
        make: impl FnMut(&mut Row<'_>) -> Result<E::Model, DbErr>,
    ) -> Result<Listed<E::Model>, DbErr> {
        let select = selecting(self.select.clone(), &self.order, page)?;
        let rows = flat.select_by_position(select, make).await?;
        Ok(self.listed(db, page, rows))
    }

    fn listed(self, db: &Db, page: &Page, mut rows: Vec<E::Model>) -> Listed<E::Model> {
        let more = rows.len() as u64 > page.limit;
        rows.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
        if page.backward {
            rows.reverse();
        }
        let places = Places {
            binding: self.binding,
            keys: rows.iter().map(|row| keys_of(row, &self.order)).collect(),
            has_next: if page.backward { page.before.is_some() } else { more },
            has_previous: if page.backward { more } else { page.after.is_some() },
        };
        let db = db.clone();
        let select = self.select;
        let count = move || -> BoxFuture<'static, crate::error::Result<i64>> {
            let (db, select) = (db.clone(), select.clone());
            Box::pin(async move { count(&db, select).await })
        };
        Listed { rows, places, count: Arc::new(count) }
    }
}

/// The rows behind (`beyond`) or before the row that the keys belong to.
fn side<E: EntityTrait>(
    order: &[(E::Column, Direction)],
    keys: &[Key],
    beyond: bool,
) -> Result<Condition, DbErr> {
    let bad = || DbErr::Custom("a cursor that does not fit its list".to_owned());
    if keys.len() != order.len() {
        return Err(bad());
    }
    let mut any = Condition::any();
    let mut equal = Condition::all();
    for ((column, direction), key) in order.iter().zip(keys) {
        let value = key.value().ok_or_else(bad)?;
        let ascending = (*direction == Direction::Asc) == beyond;
        let expr = column.into_expr();
        let strict = if ascending { expr.clone().gt(value.clone()) } else { expr.clone().lt(value.clone()) };
        any = any.add(equal.clone().add(strict));
        equal = equal.add(expr.eq(value));
    }
    Ok(any)
}

impl Direction {
    fn order(self, backward: bool) -> Order {
        if (self == Self::Asc) == backward { Order::Desc } else { Order::Asc }
    }
}
