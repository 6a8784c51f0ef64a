//! The points of meetings' agendas, and those that wait for a meeting.

use domain::id::{ClientId, EngagementId, MeetingId, MeetingItemId};
use domain::policy::Scope;
use entity::meeting_item;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use uuid::Uuid;

use super::tx::Tx;
use super::visible;

/// The points of a client's agendas.
pub fn select(client: ClientId, waiting: Option<bool>) -> Select<meeting_item::Entity> {
    let select = meeting_item::Entity::find().filter(meeting_item::Column::ClientId.eq(client));
    match waiting {
        Some(true) => select.filter(meeting_item::Column::MeetingId.is_null()),
        Some(false) => select.filter(meeting_item::Column::MeetingId.is_not_null()),
        None => select,
    }
}

/// A visible point of an agenda by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: MeetingItemId,
) -> Result<Option<meeting_item::Model>, DbErr> {
    meeting_item::Entity::find_by_id(id)
        .filter(visible::of_client(scope, meeting_item::Column::ClientId))
        .one(db)
        .await
}

/// A point of an agenda as this transaction sees it, whoever asks.
///
/// # Errors
/// The database's own.
pub async fn get(tx: &Tx<'_>, id: MeetingItemId) -> Result<Option<meeting_item::Model>, DbErr> {
    meeting_item::Entity::find_by_id(id).one(tx.connection()).await
}

/// Removes a point of an agenda.
///
/// # Errors
/// The database's own.
pub async fn remove(tx: &Tx<'_>, id: MeetingItemId) -> Result<(), DbErr> {
    meeting_item::Entity::delete_by_id(id).exec(tx.connection()).await.map(|_| ())
}

/// How many points an agenda has, and the last one's place.
///
/// # Errors
/// The database's own.
pub async fn agenda(tx: &Tx<'_>, meeting: Option<MeetingId>, client: ClientId) -> Result<(u64, i32), DbErr> {
    let on = match meeting {
        Some(meeting) => meeting_item::Entity::find().filter(meeting_item::Column::MeetingId.eq(meeting)),
        None => select(client, Some(true)),
    };
    let count = on.clone().count(tx.connection()).await?;
    let last: Option<i32> = on
        .select_only()
        .column(meeting_item::Column::Position)
        .order_by_desc(meeting_item::Column::Position)
        .into_tuple()
        .one(tx.connection())
        .await?;
    Ok((count, last.unwrap_or(0)))
}

/// The points that wait for a meeting of an engagement, in order, at most so many.
///
/// # Errors
/// The database's own.
pub async fn waiting(
    tx: &Tx<'_>,
    client: ClientId,
    engagement: EngagementId,
    most: usize,
) -> Result<Vec<MeetingItemId>, DbErr> {
    let of = meeting_item::Column::EngagementId;
    select(client, Some(true))
        .select_only()
        .column(meeting_item::Column::Id)
        .filter(of.is_null().or(of.eq(engagement)))
        // A question may have been answered while it waited.
        .filter(meeting_item::Column::Done.eq(false))
        .order_by_asc(meeting_item::Column::Position)
        .order_by_asc(meeting_item::Column::Id)
        .limit(most as u64)
        .into_tuple()
        .all(tx.connection())
        .await
}

/// The points of a meeting, in order.
///
/// # Errors
/// The database's own.
pub async fn of(tx: &Tx<'_>, meeting: MeetingId) -> Result<Vec<meeting_item::Model>, DbErr> {
    meeting_item::Entity::find()
        .filter(meeting_item::Column::MeetingId.eq(meeting))
        .order_by_asc(meeting_item::Column::Position)
        .order_by_asc(meeting_item::Column::Id)
        .all(tx.connection())
        .await
}

/// Puts points onto an agenda, or among those that wait, behind a place there.
///
/// # Errors
/// The database's own.
pub async fn put(
    tx: &Tx<'_>,
    items: &[MeetingItemId],
    meeting: Option<MeetingId>,
    behind: i32,
) -> Result<(), DbErr> {
    for (id, position) in items.iter().zip(behind + 1..) {
        meeting_item::Entity::update_many()
            .set(meeting_item::ActiveModel {
                meeting_id: Set(meeting),
                position: Set(position),
                ..Default::default()
            })
            .filter(meeting_item::Column::Id.eq(*id))
            .exec(tx.connection())
            .await?;
    }
    Ok(())
}

/// Marks points as done.
///
/// # Errors
/// The database's own.
pub async fn mark_done(tx: &Tx<'_>, items: &[MeetingItemId]) -> Result<(), DbErr> {
    if items.is_empty() {
        return Ok(());
    }
    meeting_item::Entity::update_many()
        .col_expr(meeting_item::Column::Done, Expr::value(true))
        .filter(meeting_item::Column::Id.is_in(items.iter().copied()))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// Marks the points that a question raised as done: it was answered.
///
/// # Errors
/// The database's own.
pub async fn settle_question(tx: &Tx<'_>, question: Uuid) -> Result<(), DbErr> {
    meeting_item::Entity::update_many()
        .col_expr(meeting_item::Column::Done, Expr::value(true))
        .filter(meeting_item::Column::QuestionId.eq(question))
        .exec(tx.connection())
        .await
        .map(|_| ())
}
