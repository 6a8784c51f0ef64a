//! Minutes a month that people hold for engagements, and what they logged.

use chrono::NaiveDate;
use domain::id::{EngagementId, ReservationId, UserId};
use domain::policy::Scope;
use entity::{engagement, reservation, time_entry, user};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::tx::Tx;
use super::visible;

/// A visible reservation by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ReservationId,
) -> Result<Option<reservation::Model>, DbErr> {
    reservation::Entity::find_by_id(id)
        .inner_join(engagement::Entity)
        .filter(visible::of_client(scope, engagement::Column::ClientId))
        .one(db)
        .await
}

/// The reservations of an engagement, past ones included.
///
/// # Errors
/// The database's own.
pub async fn of_engagement(
    db: &impl ConnectionTrait,
    id: EngagementId,
) -> Result<Vec<reservation::Model>, DbErr> {
    reservation::Entity::find()
        .filter(reservation::Column::EngagementId.eq(id))
        .order_by_asc(reservation::Column::FromPeriod)
        .order_by_asc(reservation::Column::Id)
        .all(db)
        .await
}

/// Whatever these people hold, each with its engagement.
///
/// # Errors
/// The database's own.
pub async fn of_people(
    db: &impl ConnectionTrait,
    people: &[UserId],
) -> Result<Vec<(reservation::Model, engagement::Model)>, DbErr> {
    let rows = reservation::Entity::find()
        .filter(reservation::Column::UserId.is_in(people.iter().copied()))
        .find_also_related(engagement::Entity)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(held, engagement)| Some((held, engagement?))).collect())
}

/// These people, locked in a fixed order until the transaction ends, so that what they hold is counted once.
///
/// # Errors
/// The database's own.
pub async fn lock_people(tx: &Tx<'_>, people: &[UserId]) -> Result<Vec<user::Model>, DbErr> {
    user::Entity::find()
        .filter(user::Column::Id.is_in(people.iter().copied()))
        .order_by_asc(user::Column::Id)
        .lock_exclusive()
        .all(tx.connection())
        .await
}

/// Takes rows away, shortens others, and writes new ones.
///
/// # Errors
/// The database's own.
pub async fn replace(
    tx: &Tx<'_>,
    gone: &[reservation::Model],
    kept: &[reservation::Model],
    new: &[reservation::Model],
) -> Result<(), DbErr> {
    if !gone.is_empty() {
        reservation::Entity::delete_many()
            .filter(reservation::Column::Id.is_in(gone.iter().map(|row| row.id)))
            .exec(tx.connection())
            .await?;
    }
    for row in kept {
        super::update(tx, row.clone()).await?;
    }
    if !new.is_empty() {
        let rows = new.iter().map(|row| row.clone().into_active_model());
        reservation::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}

/// Minutes that a person logged from `from` to the day before `until`, whatever for.
///
/// # Errors
/// The database's own.
pub async fn logged_minutes(
    db: &impl ConnectionTrait,
    person: UserId,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<i32, DbErr> {
    let sum: Option<Option<i64>> = time_entry::Entity::find()
        .select_only()
        .column_as(time_entry::Column::Minutes.sum(), "minutes")
        .filter(time_entry::Column::UserId.eq(person))
        .filter(time_entry::Column::CorrectedAt.is_null())
        .filter(time_entry::Column::WorkedOn.gte(from))
        .filter(time_entry::Column::WorkedOn.lt(until))
        .into_tuple()
        .one(db)
        .await?;
    Ok(i32::try_from(sum.flatten().unwrap_or(0)).unwrap_or(i32::MAX))
}

/// The reservations of an engagement that hold in a period.
///
/// # Errors
/// The database's own.
pub async fn in_period(
    db: &impl ConnectionTrait,
    engagement: EngagementId,
    period: i32,
) -> Result<Vec<reservation::Model>, DbErr> {
    reservation::Entity::find()
        .filter(reservation::Column::EngagementId.eq(engagement))
        .filter(reservation::Column::FromPeriod.lte(period))
        .filter(open_until(period))
        .all(db)
        .await
}

/// Reservations that end behind a period, or never.
fn open_until(period: i32) -> Condition {
    Condition::any()
        .add(reservation::Column::UntilPeriod.is_null())
        .add(reservation::Column::UntilPeriod.gt(period))
}
