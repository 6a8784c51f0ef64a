//! What clients ask about time entries.

use domain::id::{TimeEntryId, TimeEntryQuestionId};
use domain::policy::Scope;
use entity::time_entry_question;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::tx::Tx;
use super::visible;

/// A visible question by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: TimeEntryQuestionId,
) -> Result<Option<time_entry_question::Model>, DbErr> {
    time_entry_question::Entity::find_by_id(id)
        .filter(visible::of_client(scope, time_entry_question::Column::ClientId))
        .one(db)
        .await
}

/// A question, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: TimeEntryQuestionId) -> Result<Option<time_entry_question::Model>, DbErr> {
    time_entry_question::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// All questions about an entry, the oldest first, locked until the transaction ends: who answers one meanwhile waits.
///
/// # Errors
/// The database's own.
pub async fn lock_of_entry(
    tx: &Tx<'_>,
    entry: TimeEntryId,
) -> Result<Vec<time_entry_question::Model>, DbErr> {
    time_entry_question::Entity::find()
        .filter(time_entry_question::Column::TimeEntryId.eq(entry))
        .order_by_asc(time_entry_question::Column::AskedAt)
        .order_by_asc(time_entry_question::Column::Id)
        .lock_exclusive()
        .all(tx.connection())
        .await
}

/// Hangs the questions about an entry on its correction.
///
/// # Errors
/// The database's own.
pub async fn follow(tx: &Tx<'_>, from: TimeEntryId, to: TimeEntryId) -> Result<(), DbErr> {
    time_entry_question::Entity::update_many()
        .col_expr(time_entry_question::Column::TimeEntryId, Expr::value(to))
        .filter(time_entry_question::Column::TimeEntryId.eq(from))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// The entries about which a question waits for its answer.
pub(super) fn open_entries() -> SelectStatement {
    time_entry_question::Entity::find()
        .select_only()
        .column(time_entry_question::Column::TimeEntryId)
        .filter(time_entry_question::Column::AnsweredAt.is_null())
        .into_query()
}
