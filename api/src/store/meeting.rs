//! Meetings: their rhythm, and who takes part.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::engagement::EngagementStatus;
use domain::id::{ClientId, EngagementId, MeetingId, UserId};
use domain::meeting::{MeetingKind, MeetingStatus};
use domain::policy::Scope;
use domain::team::Position;
use domain::user::UserStatus;
use entity::{engagement, meeting, meeting_participant, meeting_rhythm, team_member, user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::filter::{Compare, Tree};
use super::tx::Tx;
use super::visible;

/// What meetings can be filtered by.
#[derive(Debug, Clone)]
pub enum Leaf {
    Client(Compare<ClientId>),
    Engagement(Compare<EngagementId>),
    Kind(MeetingKind),
    Status(Vec<MeetingStatus>),
    StartsAt(Compare<DateTime<Utc>>),
}

/// The meetings within a scope that pass a filter.
pub fn select(scope: &Scope, filter: Option<&Tree<Leaf>>) -> Select<meeting::Entity> {
    let select = meeting::Entity::find().filter(visible::of_client(scope, meeting::Column::ClientId));
    match filter {
        Some(tree) => select.filter(tree.condition(&leaf)),
        None => select,
    }
}

fn leaf(leaf: &Leaf) -> Condition {
    match leaf {
        Leaf::Client(compare) => compare.on(meeting::Column::ClientId),
        Leaf::Engagement(compare) => compare.on(meeting::Column::EngagementId),
        Leaf::Kind(kind) => Condition::all().add(meeting::Column::Kind.eq(*kind)),
        Leaf::Status(some) => Condition::all().add(meeting::Column::Status.is_in(some.iter().copied())),
        Leaf::StartsAt(compare) => compare.on(meeting::Column::StartsAt),
    }
}

/// A visible meeting by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: MeetingId,
) -> Result<Option<meeting::Model>, DbErr> {
    select(scope, None).filter(meeting::Column::Id.eq(id)).one(db).await
}

/// A meeting as this transaction sees it, whoever asks.
///
/// # Errors
/// The database's own.
pub async fn get(tx: &Tx<'_>, id: MeetingId) -> Result<Option<meeting::Model>, DbErr> {
    meeting::Entity::find_by_id(id).one(tx.connection()).await
}

/// A meeting, locked until the transaction ends; its client's row is locked already.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: MeetingId) -> Result<Option<meeting::Model>, DbErr> {
    meeting::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx.connection()).await
}

/// An engagement's rhythm.
///
/// # Errors
/// The database's own.
pub async fn rhythm(
    db: &impl ConnectionTrait,
    engagement: EngagementId,
) -> Result<Option<meeting_rhythm::Model>, DbErr> {
    meeting_rhythm::Entity::find_by_id(engagement).one(db).await
}

/// Removes an engagement's rhythm.
///
/// # Errors
/// The database's own.
pub async fn clear_rhythm(tx: &Tx<'_>, engagement: EngagementId) -> Result<(), DbErr> {
    meeting_rhythm::Entity::delete_by_id(engagement).exec(tx.connection()).await.map(|_| ())
}

/// The rhythms of the engagements that run.
///
/// # Errors
/// The database's own.
pub async fn rhythms(
    db: &impl ConnectionTrait,
) -> Result<Vec<(meeting_rhythm::Model, engagement::Model)>, DbErr> {
    let found = meeting_rhythm::Entity::find()
        .find_also_related(engagement::Entity)
        .filter(engagement::Column::Status.eq(EngagementStatus::Active))
        .order_by_asc(meeting_rhythm::Column::EngagementId)
        .all(db)
        .await?;
    Ok(found.into_iter().filter_map(|(rhythm, engagement)| Some((rhythm, engagement?))).collect())
}

/// The days, from one on, for which meetings were planned by a rhythm, by engagement.
///
/// # Errors
/// The database's own.
pub async fn planned_days(
    db: &impl ConnectionTrait,
    from: NaiveDate,
) -> Result<HashMap<EngagementId, Vec<NaiveDate>>, DbErr> {
    let rows: Vec<(EngagementId, NaiveDate)> = meeting::Entity::find()
        .select_only()
        .columns([meeting::Column::EngagementId, meeting::Column::PlannedOn])
        .filter(meeting::Column::PlannedOn.gte(from))
        .into_tuple()
        .all(db)
        .await?;
    let mut days: HashMap<EngagementId, Vec<NaiveDate>> = HashMap::new();
    for (engagement, day) in rows {
        days.entry(engagement).or_default().push(day);
    }
    Ok(days)
}

/// What a rhythm planned for an engagement on a day or later, whatever became of it.
///
/// # Errors
/// The database's own.
pub async fn by_rhythm(
    tx: &Tx<'_>,
    engagement: EngagementId,
    from: NaiveDate,
) -> Result<Vec<meeting::Model>, DbErr> {
    meeting::Entity::find()
        .filter(meeting::Column::EngagementId.eq(engagement))
        .filter(meeting::Column::PlannedOn.gte(from))
        .order_by_asc(meeting::Column::PlannedOn)
        .all(tx.connection())
        .await
}

/// The meetings to come of engagements that have ended, or have an end.
///
/// # Errors
/// The database's own.
pub async fn of_ending(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<(meeting::Model, engagement::Model)>, DbErr> {
    let over = [EngagementStatus::Completed, EngagementStatus::Cancelled];
    let found = meeting::Entity::find()
        .find_also_related(engagement::Entity)
        .filter(meeting::Column::Status.eq(MeetingStatus::Planned))
        .filter(meeting::Column::StartsAt.gt(now))
        .filter(engagement::Column::EndsOn.is_not_null().or(engagement::Column::Status.is_in(over)))
        .order_by_asc(meeting::Column::Id)
        .all(db)
        .await?;
    Ok(found.into_iter().filter_map(|(meeting, engagement)| Some((meeting, engagement?))).collect())
}

/// The next meeting to come: of an engagement, or any of the client's; `but` is left out.
///
/// # Errors
/// The database's own.
pub async fn next(
    tx: &Tx<'_>,
    client: ClientId,
    engagement: Option<EngagementId>,
    but: Option<MeetingId>,
) -> Result<Option<MeetingId>, DbErr> {
    let mut select = meeting::Entity::find()
        .select_only()
        .column(meeting::Column::Id)
        .filter(meeting::Column::ClientId.eq(client))
        .filter(meeting::Column::Status.eq(MeetingStatus::Planned))
        .filter(meeting::Column::StartsAt.gt(tx.now()));
    if let Some(engagement) = engagement {
        select = select.filter(meeting::Column::EngagementId.eq(engagement));
    }
    if let Some(but) = but {
        select = select.filter(meeting::Column::Id.ne(but));
    }
    select
        .order_by_asc(meeting::Column::StartsAt)
        .order_by_asc(meeting::Column::Id)
        .into_tuple()
        .one(tx.connection())
        .await
}

/// The people of a meeting, by name.
///
/// # Errors
/// The database's own.
pub async fn participants(db: &impl ConnectionTrait, id: MeetingId) -> Result<Vec<user::Model>, DbErr> {
    let found = meeting_participant::Entity::find()
        .find_also_related(user::Entity)
        .filter(meeting_participant::Column::MeetingId.eq(id))
        .order_by_asc(user::Column::NameKey)
        .order_by_asc(user::Column::Id)
        .all(db)
        .await?;
    Ok(found.into_iter().filter_map(|(_, user)| user).collect())
}

/// Replaces the people of a meeting.
///
/// # Errors
/// The database's own.
pub async fn set_participants(tx: &Tx<'_>, id: MeetingId, people: &[UserId]) -> Result<(), DbErr> {
    meeting_participant::Entity::delete_many()
        .filter(meeting_participant::Column::MeetingId.eq(id))
        .exec(tx.connection())
        .await?;
    let rows: Vec<_> = people
        .iter()
        .map(|user| meeting_participant::ActiveModel { meeting_id: Set(id), user_id: Set(*user) })
        .collect();
    if !rows.is_empty() {
        meeting_participant::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}

/// Who can take part in a client's meetings on a day: the active people of its team with their positions there, and its
/// own people who are not shut out, without one.
///
/// # Errors
/// The database's own.
pub async fn people_around(
    db: &impl ConnectionTrait,
    client: ClientId,
    day: NaiveDate,
) -> Result<Vec<(user::Model, Option<Position>)>, DbErr> {
    let places = team_member::Entity::find()
        .find_also_related(user::Entity)
        .filter(team_member::Column::ClientId.eq(client))
        .filter(team_member::Column::StartsOn.lte(day))
        .filter(team_member::Column::EndsOn.is_null().or(team_member::Column::EndsOn.gt(day)))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .order_by_asc(team_member::Column::Id)
        .all(db)
        .await?;
    let own = user::Entity::find()
        .filter(user::Column::ClientId.eq(client))
        .filter(user::Column::Status.ne(UserStatus::Disabled))
        .order_by_asc(user::Column::Id)
        .all(db)
        .await?;
    let staff = places.into_iter().filter_map(|(place, user)| Some((user?, Some(place.position))));
    Ok(staff.chain(own.into_iter().map(|user| (user, None))).collect())
}
