//! People's days: what is logged on them, and who logged nothing.

use chrono::NaiveDate;
use domain::engagement::EngagementStatus;
use domain::id::UserId;
use domain::user::{Role, UserStatus};
use entity::{engagement, notification, team_member, user, user_day};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

/// The days of a person that hold time, from a day to the one before `until`.
///
/// # Errors
/// The database's own.
pub async fn logged(
    db: &impl ConnectionTrait,
    person: UserId,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<user_day::Model>, DbErr> {
    user_day::Entity::find()
        .filter(user_day::Column::UserId.eq(person))
        .filter(user_day::Column::Day.gte(from))
        .filter(user_day::Column::Day.lt(until))
        .all(db)
        .await
}

/// The active people of these roles who hold an open place on the team of a client with an active engagement, both since
/// a day at the latest, have no time on that day (W-8), and were not told `once` of it.
///
/// # Errors
/// The database's own.
pub async fn silent_on(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    roles: &[Role],
    once: &str,
) -> Result<Vec<UserId>, DbErr> {
    let served = engagement::Entity::find()
        .select_only()
        .column(engagement::Column::ClientId)
        .filter(engagement::Column::Status.eq(EngagementStatus::Active))
        .filter(engagement::Column::StartsOn.lte(day))
        .filter(
            Condition::any()
                .add(engagement::Column::EndsOn.is_null())
                .add(engagement::Column::EndsOn.gt(day)),
        )
        .into_query();
    let placed = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::UserId)
        .filter(team_member::Column::EndsOn.is_null())
        .filter(team_member::Column::StartsOn.lte(day))
        .filter(team_member::Column::ClientId.in_subquery(served))
        .into_query();
    let person = || Expr::col((user::Entity, user::Column::Id));
    let with_time = user_day::Entity::find()
        .filter(person().equals((user_day::Entity, user_day::Column::UserId)))
        .filter(user_day::Column::Day.eq(day))
        .filter(user_day::Column::Minutes.gt(0))
        .into_query();
    let told = notification::Entity::find()
        .filter(person().equals((notification::Entity, notification::Column::UserId)))
        .filter(notification::Column::Once.eq(once))
        .into_query();
    user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Status.eq(UserStatus::Active))
        .filter(user::Column::Role.is_in(roles.iter().copied()))
        .filter(user::Column::Id.in_subquery(placed))
        .filter(Expr::exists(with_time).not())
        .filter(Expr::exists(told).not())
        .order_by_asc(user::Column::Id)
        .into_tuple()
        .all(db)
        .await
}
