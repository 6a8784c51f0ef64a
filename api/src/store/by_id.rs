//! Rows of any table by their ids, many at once: what relations are read with.

use std::collections::HashMap;
use std::hash::Hash;

pub use sea_orm::EntityTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, Iterable, PrimaryKeyToColumn, QueryFilter, Value};

/// What identifies a row.
pub trait Key: Copy + Eq + Hash + Into<Value> + Send + Sync {}

impl<K: Copy + Eq + Hash + Into<Value> + Send + Sync> Key for K {}

/// A row that knows its id.
pub trait Keyed<K>: Clone + Send + Sync {
    /// The id.
    fn key(&self) -> K;
}

macro_rules! keyed {
    ($($table:ident $id:ident),+ $(,)?) => {$(
        impl Keyed<domain::id::$id> for entity::$table::Model {
            fn key(&self) -> domain::id::$id {
                self.id
            }
        }
    )+};
}

keyed! {
    client ClientId,
    user UserId,
    engagement EngagementId,
    service ServiceId,
    tariff TariffId,
    tariff_revision TariffRevisionId,
    payment PaymentId,
    period PeriodId,
    plan PlanId,
    block BlockId,
    task TaskId,
    time_entry TimeEntryId,
    meeting MeetingId,
}

/// The rows of these ids, whoever asks: the right to see them comes from what they hang on.
///
/// # Errors
/// The database's own.
pub async fn read<E, K>(db: &impl ConnectionTrait, keys: &[K]) -> Result<HashMap<K, E::Model>, DbErr>
where
    E: EntityTrait,
    E::Model: Keyed<K>,
    K: Key,
{
    let id = E::PrimaryKey::iter().next().expect("every table has a key").into_column();
    let rows = E::find().filter(id.is_in(keys.iter().copied())).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.key(), row)).collect())
}
