//! Rows that hang on rows of another table, many parents at once: what plain lists of a relation are read with.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, Iterable, PrimaryKeyToColumn, QueryFilter, QueryOrder};

use super::by_id::{EntityTrait, Key};

/// A table whose rows each hang on one row of another.
pub trait Hanging<K>: EntityTrait {
    /// The column that names the parent.
    const PARENT: Self::Column;

    /// The parent of a row.
    fn parent(row: &Self::Model) -> K;
}

macro_rules! hanging {
    ($($table:ident $column:ident $field:ident $id:ident),+ $(,)?) => {$(
        impl Hanging<domain::id::$id> for entity::$table::Entity {
            const PARENT: Self::Column = entity::$table::Column::$column;

            fn parent(row: &Self::Model) -> domain::id::$id {
                row.$field
            }
        }
    )+};
}

hanging! {
    team_member ClientId client_id ClientId,
    way_in ClientId client_id ClientId,
    stage_norm ServiceId service_id ServiceId,
    tariff_revision TariffId tariff_id TariffId,
    reservation EngagementId engagement_id EngagementId,
    engagement ClientId client_id ClientId,
    engagement_tariff EngagementId engagement_id EngagementId,
    period EngagementId engagement_id EngagementId,
    payment EngagementId engagement_id EngagementId,
    payment_period EngagementId engagement_id EngagementId,
}

/// The rows of these parents in the order of their keys, whoever asks: the right to see them comes from the parent.
///
/// # Errors
/// The database's own.
pub async fn read<E, K>(db: &impl ConnectionTrait, parents: &[K]) -> Result<HashMap<K, Vec<E::Model>>, DbErr>
where
    E: Hanging<K>,
    K: Key,
{
    let mut select = E::find().filter(E::PARENT.is_in(parents.iter().copied()));
    for key in E::PrimaryKey::iter() {
        select = select.order_by_asc(key.into_column());
    }
    let mut found: HashMap<K, Vec<E::Model>> = HashMap::new();
    for row in select.all(db).await? {
        found.entry(E::parent(&row)).or_default().push(row);
    }
    Ok(found)
}
