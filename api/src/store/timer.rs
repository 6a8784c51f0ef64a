//! Running timers.

use domain::id::{TimerId, UserId};
use entity::timer;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::tx::Tx;

/// A person's running timer.
///
/// # Errors
/// The database's own.
pub async fn of(db: &impl ConnectionTrait, person: UserId) -> Result<Option<timer::Model>, DbErr> {
    timer::Entity::find().filter(timer::Column::UserId.eq(person)).one(db).await
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, person: UserId) -> Result<Option<timer::Model>, DbErr> {
    timer::Entity::find().filter(timer::Column::UserId.eq(person)).lock_exclusive().one(tx.connection()).await
}

/// Takes a timer away.
///
/// # Errors
/// The database's own.
pub async fn delete(tx: &Tx<'_>, id: TimerId) -> Result<(), DbErr> {
    timer::Entity::delete_by_id(id).exec(tx.connection()).await?;
    Ok(())
}
