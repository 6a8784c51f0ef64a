//! What the daily checks look at.

use chrono::{DateTime, NaiveDate, Utc};
use domain::check::CONTACT;
use domain::engagement::EngagementStatus;
use domain::id::{ClientId, EngagementId};
use domain::meeting::MeetingStatus;
use domain::plan::PlanKind;
use entity::{client, comment, daily_check, engagement, meeting, service, task, time_entry};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::Db;
use super::tx::Tx;

/// The running engagements whose service is checked daily and that were not yet for a day.
///
/// # Errors
/// The database's own.
pub async fn unchecked(db: &Db, day: NaiveDate, until: DateTime<Utc>) -> Result<Vec<EngagementId>, DbErr> {
    let checked = Query::select()
        .column(daily_check::Column::EngagementId)
        .from(daily_check::Entity)
        .and_where(daily_check::Column::Day.eq(day))
        .take();
    engagement::Entity::find()
        .select_only()
        .column(engagement::Column::Id)
        .filter(engagement::Column::Status.eq(EngagementStatus::Active))
        .filter(engagement::Column::StartedAt.lt(until))
        .filter(
            engagement::Column::ServiceId.in_subquery(
                service::Entity::find()
                    .select_only()
                    .column(service::Column::Id)
                    .filter(service::Column::DailyChecks.eq(true))
                    .into_query(),
            ),
        )
        .filter(engagement::Column::Id.not_in_subquery(checked))
        .order_by_asc(engagement::Column::Id)
        .into_tuple()
        .all(db.reading())
        .await
}

/// An engagement with its client, by its id.
///
/// # Errors
/// The database's own.
pub async fn with_client(
    tx: &Tx<'_>,
    id: EngagementId,
) -> Result<Option<(engagement::Model, Option<client::Model>)>, DbErr> {
    engagement::Entity::find_by_id(id).find_also_related(client::Entity).one(tx.connection()).await
}

/// Whether time was logged for a day of an engagement, and whether it was time with the client.
///
/// # Errors
/// The database's own.
pub async fn worked(tx: &Tx<'_>, id: EngagementId, day: NaiveDate) -> Result<(bool, bool), DbErr> {
    let activities: Vec<domain::time_entry::Activity> = time_entry::Entity::find()
        .select_only()
        .column(time_entry::Column::Activity)
        .distinct()
        .filter(time_entry::Column::EngagementId.eq(id))
        .filter(time_entry::Column::WorkedOn.eq(day))
        .filter(time_entry::Column::CorrectedAt.is_null())
        .into_tuple()
        .all(tx.connection())
        .await?;
    Ok((!activities.is_empty(), activities.iter().any(|activity| CONTACT.contains(activity))))
}

/// Whether somebody commented where the client reads it, from a moment until another.
///
/// # Errors
/// The database's own.
pub async fn commented(
    tx: &Tx<'_>,
    client: ClientId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let found = comment::Entity::find()
        .filter(comment::Column::ClientId.eq(client))
        .filter(comment::Column::Internal.eq(false))
        .filter(comment::Column::CreatedAt.gte(from))
        .filter(comment::Column::CreatedAt.lt(until))
        .limit(1)
        .one(tx.connection())
        .await?;
    Ok(found.is_some())
}

/// When a client was last heard of: a task asked for or changed, a comment, a meeting held, time logged.
///
/// # Errors
/// The database's own.
pub async fn last_heard(tx: &Tx<'_>, client: ClientId) -> Result<Option<DateTime<Utc>>, DbErr> {
    let mut last: Option<DateTime<Utc>> = None;
    for newest in [
        newest(task::Entity, task::Column::ClientId.eq(client), task::Column::UpdatedAt),
        newest(comment::Entity, comment::Column::ClientId.eq(client), comment::Column::CreatedAt),
        newest(
            meeting::Entity,
            meeting::Column::ClientId.eq(client).and(meeting::Column::Status.eq(MeetingStatus::Held)),
            meeting::Column::StartsAt,
        ),
        newest(time_entry::Entity, time_entry::Column::ClientId.eq(client), time_entry::Column::CreatedAt),
    ] {
        let row = tx.connection().query_one(&newest).await?;
        let moment = row.map(|row| row.try_get_by_index::<Option<DateTime<Utc>>>(0)).transpose()?;
        last = Ord::max(last, moment.flatten());
    }
    Ok(last)
}

fn newest<E: EntityTrait>(table: E, of: Expr, column: E::Column) -> SelectStatement {
    Query::select().expr(Expr::col(column).max()).from(table).and_where(of).take()
}

/// Whether a meeting with a client that began from a moment until another was held.
///
/// # Errors
/// The database's own.
pub async fn met(
    tx: &Tx<'_>,
    client: ClientId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let found = meeting::Entity::find()
        .filter(meeting::Column::ClientId.eq(client))
        .filter(meeting::Column::Status.eq(MeetingStatus::Held))
        .filter(meeting::Column::StartsAt.gte(from))
        .filter(meeting::Column::StartsAt.lt(until))
        .limit(1)
        .one(tx.connection())
        .await?;
    Ok(found.is_some())
}

/// Keeps what a check found; whether it is the first of its day.
///
/// # Errors
/// The database's own.
pub async fn keep(tx: &Tx<'_>, check: daily_check::Model) -> Result<bool, DbErr> {
    let columns = [daily_check::Column::EngagementId, daily_check::Column::Day];
    let new = daily_check::Entity::insert(check.into_active_model())
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(new == 1)
}

/// The running support engagements of whose client nothing was heard or done since a day that began at a moment: no
/// task asked for or changed, no comment, no meeting held, no time.
///
/// # Errors
/// The database's own.
pub async fn idle(
    db: &Db,
    since: DateTime<Utc>,
    day: NaiveDate,
) -> Result<Vec<(engagement::Model, Option<client::Model>)>, DbErr> {
    let client = || Expr::col((engagement::Entity, engagement::Column::ClientId));
    let mut silent = Condition::all();
    for some in [
        of(task::Entity, task::Column::ClientId, client(), task::Column::UpdatedAt.gte(since)),
        of(comment::Entity, comment::Column::ClientId, client(), comment::Column::CreatedAt.gte(since)),
        of(
            meeting::Entity,
            meeting::Column::ClientId,
            client(),
            meeting::Column::Status.eq(MeetingStatus::Held).and(meeting::Column::StartsAt.gte(since)),
        ),
        // What was corrected stands again in its correction, and the index holds what stands.
        of(
            time_entry::Entity,
            time_entry::Column::ClientId,
            client(),
            time_entry::Column::WorkedOn.gte(day).and(time_entry::Column::CorrectedAt.is_null()),
        ),
    ] {
        silent = silent.add(Expr::exists(some).not());
    }
    engagement::Entity::find()
        .find_also_related(client::Entity)
        .filter(engagement::Column::Status.eq(EngagementStatus::Active))
        .filter(engagement::Column::StartedAt.lt(since))
        .filter(
            engagement::Column::ServiceId.in_subquery(
                service::Entity::find()
                    .select_only()
                    .column(service::Column::Id)
                    .filter(service::Column::PlanKind.eq(PlanKind::Development))
                    .into_query(),
            ),
        )
        .filter(silent)
        .order_by_asc(engagement::Column::Id)
        .all(db.reading())
        .await
}

/// The rows of a client in a table that pass a condition.
fn of<E: EntityTrait>(table: E, column: E::Column, client: Expr, recent: Expr) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(table)
        .and_where(Expr::col((table, column)).eq(client))
        .and_where(recent)
        .take()
}
