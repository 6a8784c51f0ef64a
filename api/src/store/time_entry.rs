//! Time entries.

use chrono::NaiveDate;
use domain::id::{ClientId, EngagementId, TaskId, TimeEntryId, UserId};
use domain::policy::Scope;
use domain::team::Position;
use domain::time_entry::{Activity, DAY_MINUTES};
use entity::{task, team_member, time_entry, user, user_day};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    Select,
};
use uuid::Uuid;

use super::filter::{Compare, Tree};
use super::flat::{self, Row, Text};
use super::tx::Tx;
use super::visible;
use super::write::Write;

/// What time entries can be filtered by.
#[derive(Debug, Clone)]
pub enum Leaf {
    Client(Compare<ClientId>),
    Engagement(Compare<EngagementId>),
    Task(Compare<TaskId>),
    User(Compare<UserId>),
    WorkedOn(Compare<NaiveDate>),
    Minutes(Compare<i32>),
    Activity(Vec<Activity>),
    DrawsOnBalance(bool),
    /// Whether a question about it waits for an answer (W-5).
    OpenQuestion(bool),
}

/// The entries that stand (not those that were corrected) within a scope that pass a filter.
pub fn select(scope: &Scope, filter: Option<&Tree<Leaf>>) -> Select<time_entry::Entity> {
    let select = time_entry::Entity::find()
        .filter(visible::of_owner(scope, time_entry::Column::ClientId, time_entry::Column::UserId))
        .filter(time_entry::Column::CorrectedAt.is_null());
    match filter {
        Some(tree) => select.filter(tree.condition(&leaf)),
        None => select,
    }
}

/// A whole entry, read by position.
///
/// # Errors
/// The columns are not its own, in order.
pub fn row(row: &mut Row<'_>) -> Result<time_entry::Model, DbErr> {
    Ok(time_entry::Model {
        id: row.id()?,
        client_id: row.id()?,
        engagement_id: row.id()?,
        period_id: row.id()?,
        task_id: row.maybe_id()?,
        user_id: row.id()?,
        logged_by: row.id()?,
        worked_on: row.get()?,
        minutes: row.get()?,
        activity: row.word()?,
        note: row.get()?,
        stage: row.maybe_word()?,
        draws_on_balance: row.get()?,
        corrects_id: row.maybe_id()?,
        corrected_at: row.get()?,
        corrected_by: row.maybe_id()?,
        correction_reason: row.get()?,
        created_at: row.get()?,
    })
}

fn leaf(leaf: &Leaf) -> Condition {
    match leaf {
        Leaf::Client(compare) => compare.on(time_entry::Column::ClientId),
        Leaf::Engagement(compare) => compare.on(time_entry::Column::EngagementId),
        Leaf::Task(compare) => compare.on(time_entry::Column::TaskId),
        Leaf::User(compare) => compare.on(time_entry::Column::UserId),
        Leaf::WorkedOn(compare) => compare.on(time_entry::Column::WorkedOn),
        Leaf::Minutes(compare) => compare.on(time_entry::Column::Minutes),
        Leaf::Activity(some) => {
            Condition::all().add(time_entry::Column::Activity.is_in(some.iter().copied()))
        }
        Leaf::DrawsOnBalance(draws) => Condition::all().add(time_entry::Column::DrawsOnBalance.eq(*draws)),
        Leaf::OpenQuestion(has) => {
            let open = time_entry::Column::Id.in_subquery(super::time_entry_question::open_entries());
            let all = Condition::all().add(open);
            if *has { all } else { all.not() }
        }
    }
}

/// Minutes of all entries of a selection.
///
/// # Errors
/// The database's own.
pub async fn total_minutes(
    db: &impl ConnectionTrait,
    select: Select<time_entry::Entity>,
) -> Result<i64, DbErr> {
    let sum: Option<Option<i64>> = select
        .select_only()
        .column_as(Expr::col((time_entry::Entity, time_entry::Column::Minutes)).sum(), "total")
        .into_tuple()
        .one(db)
        .await?;
    Ok(sum.flatten().unwrap_or(0))
}

/// Minutes that drew on the balances of engagements, by engagement and day, from a day to the one before `until`.
///
/// # Errors
/// The database's own.
pub async fn drawn_by_day(
    db: &impl ConnectionTrait,
    engagements: &[EngagementId],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<(EngagementId, NaiveDate, i64)>, DbErr> {
    time_entry::Entity::find()
        .select_only()
        .column(time_entry::Column::EngagementId)
        .column(time_entry::Column::WorkedOn)
        .column_as(Expr::cust("CAST(SUM(minutes) AS BIGINT)"), "drawn")
        .filter(time_entry::Column::EngagementId.is_in(engagements.iter().copied()))
        .filter(time_entry::Column::WorkedOn.gte(from))
        .filter(time_entry::Column::WorkedOn.lt(until))
        .filter(time_entry::Column::CorrectedAt.is_null())
        .filter(time_entry::Column::DrawsOnBalance.eq(true))
        .group_by(time_entry::Column::EngagementId)
        .group_by(time_entry::Column::WorkedOn)
        .into_tuple()
        .all(db)
        .await
}

/// A visible entry by its id, corrected ones included.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: TimeEntryId,
) -> Result<Option<time_entry::Model>, DbErr> {
    time_entry::Entity::find_by_id(id)
        .filter(visible::of_owner(scope, time_entry::Column::ClientId, time_entry::Column::UserId))
        .one(db)
        .await
}

/// An entry, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: TimeEntryId) -> Result<Option<time_entry::Model>, DbErr> {
    time_entry::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await
}

/// The entries that an entry replaced, newest first.
///
/// # Errors
/// The database's own.
pub async fn history(
    db: &impl ConnectionTrait,
    entry: &time_entry::Model,
) -> Result<Vec<time_entry::Model>, DbErr> {
    let mut earlier = Vec::new();
    let mut next = entry.corrects_id;
    while let Some(id) = next {
        let Some(row) = time_entry::Entity::find_by_id(id).one(db).await? else { break };
        next = row.corrects_id;
        earlier.push(row);
    }
    Ok(earlier)
}

/// A person and, where asked for, a task: in one statement.
///
/// # Errors
/// The database's own.
pub async fn person_and_task(
    tx: &Tx<'_>,
    person: UserId,
    task: Option<TaskId>,
) -> Result<Option<(user::Model, Option<task::Model>)>, DbErr> {
    // No task has the nil id.
    let ids = [person.0, task.map_or(Uuid::nil(), |task| task.0)];
    let rows = flat::read_within(tx.connection(), PERSON_AND_TASK, &ids, |row| {
        Ok((person_row(row)?, if row.is_null()? { None } else { Some(task_row(row)?) }))
    })
    .await?;
    Ok(rows.into_iter().next())
}

const PERSON_AND_TASK: Text = Text::same(
    "SELECT u.id, u.email, u.email_key, u.name, u.name_key, u.locale, u.role, u.client_id, u.status, \
     u.password_hash, u.session_version, u.capacity_minutes, u.version, u.created_at, u.updated_at, \
     t.id, t.client_id, t.plan_id, t.block_id, t.title, t.title_key, t.description, t.status, t.paused_from, \
     t.position, t.urgent, t.estimate_minutes, t.development_minutes, t.limit_minutes, t.spent_minutes, \
     t.assignee_id, t.requested_by, t.cancel_reason, t.external_id, t.external_url, t.done_at, t.version, \
     t.created_at, t.updated_at FROM \"user\" u LEFT JOIN task t ON t.id = $2 WHERE u.id = $1",
);

fn person_row(row: &mut Row<'_>) -> Result<user::Model, DbErr> {
    Ok(user::Model {
        id: row.id()?,
        email: row.get()?,
        email_key: row.get()?,
        name: row.get()?,
        name_key: row.get()?,
        locale: row.word()?,
        role: row.word()?,
        client_id: row.maybe_id()?,
        status: row.word()?,
        password_hash: row.get()?,
        session_version: row.get()?,
        capacity_minutes: row.get()?,
        version: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

fn task_row(row: &mut Row<'_>) -> Result<task::Model, DbErr> {
    Ok(task::Model {
        id: row.id()?,
        client_id: row.id()?,
        plan_id: row.maybe_id()?,
        block_id: row.maybe_id()?,
        title: row.get()?,
        title_key: row.get()?,
        description: row.get()?,
        status: row.word()?,
        paused_from: row.maybe_word()?,
        position: row.get()?,
        urgent: row.get()?,
        estimate_minutes: row.get()?,
        development_minutes: row.get()?,
        limit_minutes: row.get()?,
        spent_minutes: row.get()?,
        assignee_id: row.maybe_id()?,
        requested_by: row.maybe_id()?,
        cancel_reason: row.get()?,
        external_id: row.get()?,
        external_url: row.get()?,
        done_at: row.get()?,
        version: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

/// The places that a person held in a client's team on a day.
///
/// # Errors
/// The database's own.
pub async fn positions_on(
    db: &impl ConnectionTrait,
    person: UserId,
    client: ClientId,
    day: NaiveDate,
) -> Result<Vec<Position>, DbErr> {
    team_member::Entity::find()
        .select_only()
        .column(team_member::Column::Position)
        .filter(team_member::Column::UserId.eq(person))
        .filter(team_member::Column::ClientId.eq(client))
        .filter(team_member::Column::StartsOn.lte(day))
        .filter(
            Condition::any()
                .add(team_member::Column::EndsOn.is_null())
                .add(team_member::Column::EndsOn.gt(day)),
        )
        .into_tuple()
        .all(db)
        .await
}

/// Adds to a person's day over all clients (negative takes back); it touches no row where the day would hold more than
/// 24 hours, or fewer than none. The row is locked until the transaction ends, so that two sides cannot fill a day twice
/// (W-1).
pub fn adding_to_day(person: UserId, day: NaiveDate, minutes: i32) -> Write {
    let sum = Expr::col((user_day::Entity, user_day::Column::Minutes)).add(minutes);
    let fits = sum.clone().between(0, DAY_MINUTES);
    let row =
        user_day::ActiveModel { user_id: Set(person), day: Set(day), minutes: Set(Ord::max(minutes, 0)) };
    Write::upsert(
        user_day::Entity::insert(row).on_conflict(
            OnConflict::columns([user_day::Column::UserId, user_day::Column::Day])
                .value(user_day::Column::Minutes, sum)
                .action_and_where(fits)
                .to_owned(),
        ),
    )
}
