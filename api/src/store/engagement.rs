//! Engagements.

use domain::id::EngagementId;
use entity::engagement;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::tx::Tx;

/// The engagement, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: EngagementId) -> Result<Option<engagement::Model>, DbErr> {
    engagement::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// Writes that an engagement has ended.
///
/// # Errors
/// The database's own.
pub async fn end(tx: &Tx<'_>, engagement: &engagement::Model) -> Result<(), DbErr> {
    engagement::Entity::update_many()
        .set(engagement::ActiveModel {
            status: Set(engagement.status),
            ended_at: Set(engagement.ended_at),
            updated_at: Set(tx.now()),
            version: Set(engagement.version + 1),
            ..Default::default()
        })
        .filter(engagement::Column::Id.eq(engagement.id))
        .exec(tx.connection())
        .await
        .map(|_| ())
}
