//! Rows that hang on others, in order, for many of those at once: what plain lists of the schema are read with.
//!
//! The right to see them comes from what they hang on, so nothing here asks who reads.

use std::collections::HashMap;

use domain::id::{ClientId, EngagementId};
use entity::{engagement, engagement_tariff, payment, payment_period, period};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::by_id::Key;

/// A table whose rows hang on something of key `K`.
pub trait Hangs<K>: EntityTrait {
    /// The column that names what they hang on.
    fn parent() -> Self::Column;
    /// How the rows of one parent are sorted.
    fn order() -> Vec<Self::Column>;
    /// What a row hangs on.
    fn key(row: &Self::Model) -> Option<K>;
}

macro_rules! hangs {
    ($($table:ident on $id:ident by $column:ident $field:ident, sorted by $($order:ident)+;)+) => {$(
        impl Hangs<$id> for $table::Entity {
            fn parent() -> $table::Column {
                $table::Column::$column
            }

            fn order() -> Vec<$table::Column> {
                vec![$($table::Column::$order),+]
            }

            fn key(row: &$table::Model) -> Option<$id> {
                row.$field.into()
            }
        }
    )+};
}

hangs! {
    engagement on ClientId by ClientId client_id, sorted by CreatedAt Id;
    engagement_tariff on EngagementId by EngagementId engagement_id, sorted by FromPeriod;
    period on EngagementId by EngagementId engagement_id, sorted by Number;
    payment on EngagementId by EngagementId engagement_id, sorted by CreatedAt Id;
    payment_period on EngagementId by EngagementId engagement_id, sorted by PeriodNumber;
}

/// The rows that hang on these keys, in one statement.
///
/// # Errors
/// The database's own.
pub async fn read<E, K>(db: &impl ConnectionTrait, keys: &[K]) -> Result<HashMap<K, Vec<E::Model>>, DbErr>
where
    E: Hangs<K>,
    K: Key,
{
    let mut select = E::find().filter(E::parent().is_in(keys.iter().copied()));
    for column in E::order() {
        select = select.order_by_asc(column);
    }
    let mut found: HashMap<K, Vec<E::Model>> = HashMap::new();
    for row in select.all(db).await? {
        if let Some(key) = E::key(&row) {
            found.entry(key).or_default().push(row);
        }
    }
    Ok(found)
}
