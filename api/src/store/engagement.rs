//! Engagements.

use entity::engagement;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::tx::Tx;

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
