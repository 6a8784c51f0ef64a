//! People.

use domain::id::UserId;
use entity::user;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

/// A person by id, whoever asks: for rules, never for answers.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: UserId) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find_by_id(id).one(db).await
}
