//! Periods.

use chrono::NaiveDate;
use domain::engagement::EngagementStatus;
use domain::id::EngagementId;
use domain::tariff::UnusedMinutes;
use entity::{engagement, period, tariff_revision};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::course::{Which, standings};
use super::{Db, Flat};

/// The running engagements whose newest period ends on `horizon` or earlier, or that have none yet.
///
/// # Errors
/// The database's own.
pub async fn ending(
    db: &Db,
    horizon: NaiveDate,
) -> Result<Vec<(engagement::Model, Option<period::Model>)>, DbErr> {
    let running: Vec<EngagementId> = engagement::Entity::find()
        .select_only()
        .column(engagement::Column::Id)
        .filter(engagement::Column::Status.is_in([EngagementStatus::Active, EngagementStatus::Paused]))
        .into_tuple()
        .all(db.reading())
        .await?;
    let mut flat = Flat::lend(db).await?;
    let mut found = Vec::new();
    for some in running.chunks(1000) {
        for standing in standings(&mut flat, Which::Engagements(some)).await? {
            let last = standing.periods.into_iter().next_back().map(|(period, _)| period);
            if last.as_ref().is_none_or(|last| last.ends_on <= horizon) {
                found.push((standing.engagement, last));
            }
        }
    }
    Ok(found)
}

/// A period by its number, with what becomes of its unused minutes.
///
/// # Errors
/// The database's own.
pub async fn by_day(
    db: &impl ConnectionTrait,
    engagement: EngagementId,
    day: NaiveDate,
) -> Result<Option<(period::Model, UnusedMinutes)>, DbErr> {
    let found = period::Entity::find()
        .find_also_related(tariff_revision::Entity)
        .filter(period::Column::EngagementId.eq(engagement))
        .filter(period::Column::StartsOn.lte(day))
        .filter(period::Column::EndsOn.gt(day))
        .order_by_asc(period::Column::Number)
        .one(db)
        .await?;
    Ok(found.and_then(|(period, terms)| terms.map(|terms| (period, terms.unused))))
}
