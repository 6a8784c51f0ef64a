//! What start conditions are judged on, read for one engagement (C-1, C-3, C-8, T-1, T-2, T-3, E-4).

use chrono::NaiveDate;
use domain::client::WayInKind;
use domain::id::{ClientId, EngagementId, PlanId, ServiceId, UserId};
use domain::team::Position;
use domain::user::{Role, UserStatus};
use entity::{engagement, goal, payment, payment_period, plan, team_member, user, way_in};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use super::engagement::RUNNING;

/// The ways in on record, each with whether its findings are written.
///
/// # Errors
/// The database's own.
pub async fn ways_in(db: &impl ConnectionTrait, client: ClientId) -> Result<Vec<(WayInKind, bool)>, DbErr> {
    let rows = way_in::Entity::find().filter(way_in::Column::ClientId.eq(client)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.findings.is_some())).collect())
}

/// A plan and the number of its goals.
///
/// # Errors
/// The database's own.
pub async fn plan(db: &impl ConnectionTrait, id: PlanId) -> Result<Option<(plan::Model, u64)>, DbErr> {
    let Some(row) = plan::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let goals = goal::Entity::find().filter(goal::Column::PlanId.eq(id)).count(db).await?;
    Ok(Some((row, goals)))
}

/// How many owners of a client are invited and not disabled.
///
/// # Errors
/// The database's own.
pub async fn owners(db: &impl ConnectionTrait, client: ClientId) -> Result<u64, DbErr> {
    user::Entity::find()
        .filter(user::Column::ClientId.eq(client))
        .filter(user::Column::Role.eq(Role::ClientOwner))
        .filter(user::Column::Status.ne(UserStatus::Disabled))
        .count(db)
        .await
}

/// The places of a client's team on a day.
///
/// # Errors
/// The database's own.
pub async fn team_on(
    db: &impl ConnectionTrait,
    client: ClientId,
    day: NaiveDate,
) -> Result<Vec<(UserId, Position)>, DbErr> {
    team_member::Entity::find()
        .select_only()
        .columns([team_member::Column::UserId, team_member::Column::Position])
        .filter(team_member::Column::ClientId.eq(client))
        .filter(stands_on(day))
        .into_tuple()
        .all(db)
        .await
}

fn stands_on(day: NaiveDate) -> Condition {
    let open =
        Condition::any().add(team_member::Column::EndsOn.is_null()).add(team_member::Column::EndsOn.gt(day));
    Condition::all().add(team_member::Column::StartsOn.lte(day)).add(open)
}

/// How many other engagements of a service run with one of these specialists, the most of them all (T-3).
///
/// # Errors
/// The database's own.
pub async fn projects(
    db: &impl ConnectionTrait,
    service: ServiceId,
    but: EngagementId,
    specialists: &[UserId],
    day: NaiveDate,
) -> Result<u64, DbErr> {
    let mut most = 0;
    for specialist in specialists {
        let clients = Query::select()
            .column(team_member::Column::ClientId)
            .from(team_member::Entity)
            .cond_where(team_member::Column::UserId.eq(*specialist))
            .cond_where(team_member::Column::Position.eq(Position::ImplementationSpecialist))
            .cond_where(stands_on(day))
            .to_owned();
        let count = engagement::Entity::find()
            .filter(engagement::Column::ServiceId.eq(service))
            .filter(engagement::Column::Id.ne(but))
            .filter(engagement::Column::Status.is_in(RUNNING))
            .filter(engagement::Column::ClientId.in_subquery(clients))
            .count(db)
            .await?;
        most = most.max(count);
    }
    Ok(most)
}

/// The day on which a period was paid, where a payment for it is on record.
///
/// # Errors
/// The database's own.
pub async fn paid_on(
    db: &impl ConnectionTrait,
    engagement: EngagementId,
    period: i32,
) -> Result<Option<NaiveDate>, DbErr> {
    let payment = Query::select()
        .column(payment_period::Column::PaymentId)
        .from(payment_period::Entity)
        .cond_where(payment_period::Column::EngagementId.eq(engagement))
        .cond_where(payment_period::Column::PeriodNumber.eq(period))
        .to_owned();
    payment::Entity::find()
        .select_only()
        .column(payment::Column::PaidOn)
        .filter(payment::Column::Id.in_subquery(payment))
        .into_tuple()
        .one(db)
        .await
}
