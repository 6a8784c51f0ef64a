//! Minutes a month that people are held for (T-2).

use domain::id::{EngagementId, UserId};
use entity::{engagement, reservation, user};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::engagement::RUNNING;
use super::tx::Tx;

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

/// All that people are held for in other engagements that run, each with its engagement.
///
/// # Errors
/// The database's own.
pub async fn of_people(
    db: &impl ConnectionTrait,
    people: &[UserId],
    but: EngagementId,
) -> Result<Vec<(reservation::Model, engagement::Model)>, DbErr> {
    let rows = reservation::Entity::find()
        .find_also_related(engagement::Entity)
        .filter(reservation::Column::UserId.is_in(people.iter().copied()))
        .filter(reservation::Column::EngagementId.ne(but))
        .filter(engagement::Column::Status.is_in(RUNNING))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(held, engagement)| engagement.map(|engagement| (held, engagement)))
        .collect())
}

/// The people themselves, locked in the order of their ids, so that two writers cannot fill one capacity twice.
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

/// Makes room for the reservations of a period and those after it: what holds longer ends with the period before,
/// what was named for later is taken back.
///
/// # Errors
/// The database's own.
pub async fn clear_from(tx: &Tx<'_>, engagement: EngagementId, period: i32) -> Result<(), DbErr> {
    reservation::Entity::delete_many()
        .filter(reservation::Column::EngagementId.eq(engagement))
        .filter(reservation::Column::FromPeriod.gte(period))
        .exec(tx.connection())
        .await?;
    reservation::Entity::update_many()
        .col_expr(reservation::Column::UntilPeriod, Expr::value(period))
        .filter(reservation::Column::EngagementId.eq(engagement))
        .filter(open_until(period))
        .exec(tx.connection())
        .await
        .map(|_| ())
}
