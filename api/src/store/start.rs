//! What start conditions are judged on, read for one engagement (C-1, C-3, C-8, T-1, T-2, T-3, E-4).

use chrono::NaiveDate;
use domain::client::WayInKind;
use domain::engagement::{PlanFacts, StartFacts};
use domain::id::{ClientId, EngagementId, PlanId, UserId};
use domain::team::Position;
use domain::user::{Role, UserStatus};
use entity::{
    client, engagement, goal, payment, payment_period, plan, reservation, team_member, user, way_in,
};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use super::engagement::{Offer, RUNNING};
use super::reservation as reservation_store;

/// What was found, the capacities not judged yet.
#[derive(Debug, Clone)]
pub struct Found {
    pub facts: StartFacts,
    pub reserved: Vec<reservation::Model>,
}

/// Reads the facts for an engagement of a client that would start on a day (E-2).
///
/// # Errors
/// The database's own.
pub async fn found(
    db: &impl ConnectionTrait,
    row: &engagement::Model,
    client: &client::Model,
    offer: &Offer,
    starts_on: NaiveDate,
) -> Result<Found, DbErr> {
    let plan = match row.plan_id {
        Some(id) => plan(db, id).await?,
        None => None,
    };
    let team = team_on(db, row.client_id, starts_on).await?;
    let specialists: Vec<UserId> = team
        .iter()
        .filter(|(_, position)| *position == Position::ImplementationSpecialist)
        .map(|(user, _)| *user)
        .collect();
    let projects = projects(db, row, &specialists, starts_on).await?;
    let reserved = reservation_store::in_period(db, row.id, 1).await?;
    let facts = StartFacts {
        set_up_by: client.set_up_by,
        way_ins: ways_in(db, row.client_id).await?,
        plan: plan.map(|(plan, goals)| PlanFacts {
            kind: plan.kind,
            status: plan.status,
            goals: usize::try_from(goals).unwrap_or(usize::MAX),
            has_estimate: plan.estimate_minutes.is_some(),
        }),
        has_chat_link: client.chat_url.is_some(),
        owners_invited: usize::try_from(owners(db, row.client_id).await?).unwrap_or(usize::MAX),
        team,
        reservations: reserved.iter().map(|held| (held.user_id, held.minutes)).collect(),
        tariff_minutes: offer.terms.minutes,
        capacity_exceeded_without_override: false,
        specialist_projects: i32::try_from(projects).unwrap_or(i32::MAX),
        project_limit: offer.service.project_limit,
        limit_overridden: false,
        first_period_paid_on: paid_on(db, row.id, 1).await?,
        starts_on,
    };
    Ok(Found { facts, reserved })
}

/// The ways in on record, each with whether its findings are written.
///
/// # Errors
/// The database's own.
async fn ways_in(db: &impl ConnectionTrait, client: ClientId) -> Result<Vec<(WayInKind, bool)>, DbErr> {
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
async fn owners(db: &impl ConnectionTrait, client: ClientId) -> Result<u64, DbErr> {
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
async fn projects(
    db: &impl ConnectionTrait,
    row: &engagement::Model,
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
            .filter(engagement::Column::ServiceId.eq(row.service_id))
            .filter(engagement::Column::Id.ne(row.id))
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
async fn paid_on(
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
