//! Mails on their way.

use chrono::{DateTime, Utc};
use domain::id::MailId;
use domain::notification::MailStatus;
use entity::mail;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::tx::Tx;

/// Mails that are due and have not been tried too often, the oldest first; those that another process holds are left
/// out.
///
/// # Errors
/// The database's own.
pub async fn lock_due(tx: &Tx<'_>, most_attempts: i32, limit: u64) -> Result<Vec<mail::Model>, DbErr> {
    mail::Entity::find()
        .filter(mail::Column::SentAt.is_null())
        .filter(mail::Column::NextTryAt.lte(tx.now()))
        .filter(mail::Column::Attempts.lt(most_attempts))
        .order_by_asc(mail::Column::NextTryAt)
        .order_by_asc(mail::Column::Id)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx.connection())
        .await
}

/// Claims a mail: one more attempt, and nobody tries again before `next_try_at`.
///
/// # Errors
/// The database's own.
pub async fn claim(tx: &Tx<'_>, id: MailId, next_try_at: DateTime<Utc>) -> Result<(), DbErr> {
    mail::Entity::update_many()
        .col_expr(mail::Column::Attempts, Expr::col(mail::Column::Attempts).add(1))
        .col_expr(mail::Column::NextTryAt, Expr::value(next_try_at))
        .filter(mail::Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// Notes that a mail is done with, and forgets what it said.
///
/// # Errors
/// The database's own.
pub async fn done(tx: &Tx<'_>, id: MailId) -> Result<(), DbErr> {
    mail::Entity::update_many()
        .col_expr(mail::Column::SentAt, Expr::value(tx.now()))
        .col_expr(mail::Column::Sealed, Expr::value(Vec::<u8>::new()))
        .col_expr(mail::Column::LastError, Expr::value(None::<String>))
        .filter(mail::Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// Notes why a mail was not sent; with `attempts` so many count as made.
///
/// # Errors
/// The database's own.
pub async fn failed(tx: &Tx<'_>, id: MailId, why: &str, attempts: Option<i32>) -> Result<(), DbErr> {
    let mut update = mail::Entity::update_many().col_expr(mail::Column::LastError, Expr::value(why));
    if let Some(attempts) = attempts {
        update = update.col_expr(mail::Column::Attempts, Expr::value(attempts));
    }
    update.filter(mail::Column::Id.eq(id)).exec(tx.connection()).await.map(|_| ())
}

/// Has a mail tried anew, at once.
///
/// # Errors
/// The database's own.
pub async fn again(tx: &Tx<'_>, id: MailId) -> Result<(), DbErr> {
    mail::Entity::update_many()
        .col_expr(mail::Column::Attempts, Expr::value(0))
        .col_expr(mail::Column::NextTryAt, Expr::value(tx.now()))
        .filter(mail::Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// A mail by its id.
///
/// # Errors
/// The database's own.
pub async fn get(db: &impl ConnectionTrait, id: MailId) -> Result<Option<mail::Model>, DbErr> {
    mail::Entity::find_by_id(id).one(db).await
}

/// The mails that stand so; all where absent.
pub fn select(status: Option<MailStatus>, most_attempts: i32) -> Select<mail::Entity> {
    let select = mail::Entity::find();
    let waiting = mail::Column::SentAt.is_null();
    match status {
        None => select,
        Some(MailStatus::Sent) => select.filter(mail::Column::SentAt.is_not_null()),
        Some(MailStatus::Waiting) => select.filter(waiting).filter(mail::Column::Attempts.lt(most_attempts)),
        Some(MailStatus::Failed) => select.filter(waiting).filter(mail::Column::Attempts.gte(most_attempts)),
    }
}

/// Forgets mails that were sent before a moment.
///
/// # Errors
/// The database's own.
pub async fn sweep(tx: &Tx<'_>, before: DateTime<Utc>) -> Result<(), DbErr> {
    mail::Entity::delete_many()
        .filter(mail::Column::SentAt.lt(before))
        .exec(tx.connection())
        .await
        .map(|_| ())
}
