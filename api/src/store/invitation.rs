//! Links that set a password.

use domain::id::UserId;
use entity::invitation;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::tx::Tx;

/// A link by the hash of its secret.
///
/// # Errors
/// The database's own.
pub async fn by_hash(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<invitation::Model>, DbErr> {
    invitation::Entity::find().filter(invitation::Column::TokenHash.eq(hash)).one(db).await
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, hash: &[u8]) -> Result<Option<invitation::Model>, DbErr> {
    invitation::Entity::find()
        .filter(invitation::Column::TokenHash.eq(hash))
        .lock_exclusive()
        .one(tx.connection())
        .await
}

/// Uses up all links of a person.
///
/// # Errors
/// The database's own.
pub async fn use_up(tx: &Tx<'_>, user: UserId) -> Result<(), DbErr> {
    invitation::Entity::update_many()
        .col_expr(invitation::Column::UsedAt, Expr::value(tx.now()))
        .filter(invitation::Column::UserId.eq(user))
        .filter(invitation::Column::UsedAt.is_null())
        .exec(tx.connection())
        .await
        .map(|_| ())
}
