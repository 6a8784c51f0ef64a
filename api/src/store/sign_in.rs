//! Sign-ins, their refresh tokens, and the attempts that are counted.

use chrono::{DateTime, Utc};
use domain::id::{RefreshTokenId, SignInId, UserId};
use entity::{refresh_token, sign_in, sign_in_attempt};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::dialect;
use super::tx::Tx;

/// A sign-in.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: SignInId) -> Result<Option<sign_in::Model>, DbErr> {
    sign_in::Entity::find_by_id(id).one(db).await
}

/// A refresh token by the hash of its secret, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock_token(tx: &Tx<'_>, hash: &[u8]) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find()
        .filter(refresh_token::Column::TokenHash.eq(hash))
        .lock_exclusive()
        .one(tx.connection())
        .await
}

/// Marks a token as spent, its successor sealed beside it for a short while.
///
/// # Errors
/// The database's own.
pub async fn spend(
    tx: &Tx<'_>,
    id: RefreshTokenId,
    successor: RefreshTokenId,
    sealed: Vec<u8>,
) -> Result<(), DbErr> {
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::SpentAt, Expr::value(tx.now()))
        .col_expr(refresh_token::Column::SuccessorId, Expr::value(successor))
        .col_expr(refresh_token::Column::SuccessorSealed, Expr::value(sealed))
        .filter(refresh_token::Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// Lets a sign-in live longer.
///
/// # Errors
/// The database's own.
pub async fn prolong(tx: &Tx<'_>, id: SignInId, until: DateTime<Utc>) -> Result<(), DbErr> {
    sign_in::Entity::update_many()
        .col_expr(sign_in::Column::ExpiresAt, Expr::value(until))
        .filter(sign_in::Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// Ends a sign-in that has not ended yet.
///
/// # Errors
/// The database's own.
pub async fn end(tx: &Tx<'_>, id: SignInId, reason: &str) -> Result<(), DbErr> {
    end_where(tx, Condition::all().add(sign_in::Column::Id.eq(id)), reason).await
}

/// Ends all sign-ins of a person, those included in which they look as a contact.
///
/// # Errors
/// The database's own.
pub async fn end_all(tx: &Tx<'_>, user: UserId, reason: &str) -> Result<(), DbErr> {
    let theirs =
        Condition::any().add(sign_in::Column::UserId.eq(user)).add(sign_in::Column::ViewedAsBy.eq(user));
    end_where(tx, theirs, reason).await
}

async fn end_where(tx: &Tx<'_>, which: Condition, reason: &str) -> Result<(), DbErr> {
    sign_in::Entity::update_many()
        .col_expr(sign_in::Column::EndedAt, Expr::value(tx.now()))
        .col_expr(sign_in::Column::EndReason, Expr::value(reason))
        .filter(which)
        .filter(sign_in::Column::EndedAt.is_null())
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// Whose attempts are counted together.
#[derive(Debug, Clone, Copy)]
pub struct Attempts<'a> {
    pub account: Option<&'a str>,
    pub address: Option<&'a str>,
}

/// Lets the attempts on one account take turns, so that many at once are counted one by one.
///
/// # Errors
/// The database's own.
pub async fn queue(tx: &Tx<'_>, account: &str) -> Result<(), DbErr> {
    dialect::lock_name(tx.connection(), account).await
}

/// Counts attempts since a moment that have not succeeded, those still in work among them.
///
/// # Errors
/// The database's own.
pub async fn failures(tx: &Tx<'_>, of: Attempts<'_>, since: DateTime<Utc>) -> Result<u64, DbErr> {
    let mut query = sign_in_attempt::Entity::find()
        .filter(sign_in_attempt::Column::Succeeded.eq(false))
        .filter(sign_in_attempt::Column::At.gt(since));
    if let Some(account) = of.account {
        query = query.filter(sign_in_attempt::Column::AccountKey.eq(account));
    }
    if let Some(address) = of.address {
        query = query.filter(sign_in_attempt::Column::Address.eq(address));
    }
    query.count(tx.connection()).await
}

/// Marks an attempt as one that succeeded.
///
/// # Errors
/// The database's own.
pub async fn succeeded(tx: &Tx<'_>, attempt: Uuid) -> Result<(), DbErr> {
    sign_in_attempt::Entity::update_many()
        .col_expr(sign_in_attempt::Column::Succeeded, Expr::value(true))
        .filter(sign_in_attempt::Column::Id.eq(attempt))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// Forgets attempts from before a moment, sealed successors of tokens spent before another, and refresh tokens that
/// expired before the first.
///
/// # Errors
/// The database's own.
pub async fn sweep(tx: &Tx<'_>, before: DateTime<Utc>, spent_before: DateTime<Utc>) -> Result<(), DbErr> {
    sign_in_attempt::Entity::delete_many()
        .filter(sign_in_attempt::Column::At.lt(before))
        .exec(tx.connection())
        .await?;
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::ExpiresAt.lt(before))
        .exec(tx.connection())
        .await?;
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::SuccessorSealed, Expr::value(None::<Vec<u8>>))
        .filter(refresh_token::Column::SuccessorSealed.is_not_null())
        .filter(refresh_token::Column::SpentAt.lt(spent_before))
        .exec(tx.connection())
        .await
        .map(|_| ())
}
