//! Positions: the order of priority among blocks and tasks, written back in one statement.

use domain::id::{BlockId, TaskId};
use entity::{block, task};
use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::by_id::Key;
use super::tx::Tx;

/// A table whose rows stand in an order that people change.
pub trait Ordered<K>: EntityTrait {
    const ID: Self::Column;
    const POSITION: Self::Column;
}

impl Ordered<BlockId> for block::Entity {
    const ID: block::Column = block::Column::Id;
    const POSITION: block::Column = block::Column::Position;
}

impl Ordered<TaskId> for task::Entity {
    const ID: task::Column = task::Column::Id;
    const POSITION: task::Column = task::Column::Position;
}

/// Writes the places that changed: `before` is the present order with its positions, `after` the wanted one. The
/// caller holds the lock that makes writers of this order take turns.
///
/// # Errors
/// The database's own.
pub async fn write<E, K>(tx: &Tx<'_>, before: &[(K, i32)], after: &[K]) -> Result<(), DbErr>
where
    E: Ordered<K>,
    K: Key,
{
    let changed: Vec<(K, i32)> =
        after.iter().copied().zip(1..).filter(|place| !before.contains(place)).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let mut places = CaseStatement::new();
    for (key, position) in &changed {
        places = places.case(E::ID.eq(*key), Expr::val(*position));
    }
    E::update_many()
        .col_expr(E::POSITION, places.into())
        .filter(E::ID.is_in(changed.iter().map(|(key, _)| *key)))
        .exec(tx.connection())
        .await
        .map(|_| ())
}
