//! What hangs on clients, read flat: each level in one statement, keyed by the clients, for what is read most.
//!
//! Some of these rows are *brief*: only the columns named here are read, the others are empty. They are for answers that
//! ask for nothing else, which whoever calls has made sure of.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{BlockId, ClientId, TaskId, UserId};
use entity::{block, client, plan, task, team_member, user};
use uuid::Uuid;

use super::DbErr;
use super::flat::{Bind, Flat, Keyed, Row, Text, keyed};

/// The columns of a brief user, `u`.
macro_rules! user {
    () => {
        "u.id, u.name, u.locale, u.role, u.client_id, u.status"
    };
}

/// The columns of a brief task, `t`.
macro_rules! task {
    () => {
        "t.id, t.client_id, t.plan_id, t.block_id, t.title, t.status, t.position, t.urgent, t.estimate_minutes, \
         t.development_minutes, t.limit_minutes, t.spent_minutes, t.assignee_id"
    };
}

const CLIENT: &str = "SELECT c.id, c.name, c.name_key, c.external_id, c.crm_kind, c.crm_url, c.set_up_by, c.licences, \
     c.line_of_business, c.goals, c.contact_id, c.locale, c.time_zone, c.chat_url, c.report_weekday, c.report_hour, \
     c.created_by, c.version, c.created_at, c.updated_at FROM client c WHERE c.id = $1";

macro_rules! team {
    ($clients:literal) => {
        concat!(
            "SELECT m.id, m.client_id, m.user_id, m.position, m.starts_on, m.ends_on, m.version, m.created_at, \
             m.updated_at, ",
            user!(),
            " FROM team_member m JOIN \"user\" u ON u.id = m.user_id \
             WHERE (m.ends_on IS NULL OR m.ends_on > $2) AND m.client_id ",
            $clients
        )
    };
}

macro_rules! plans {
    ($clients:literal) => {
        concat!(
            "SELECT p.id, p.client_id, p.kind, p.title, p.status, p.revision, p.estimate_minutes, p.version, \
             p.created_at, p.updated_at, b.id, b.plan_id, b.client_id, b.title, b.description, b.status, b.position, \
             b.estimate_minutes, b.development_minutes, b.spent_minutes, b.version, b.created_at, b.updated_at \
             FROM plan p LEFT JOIN block b ON b.plan_id = p.id WHERE p.client_id ",
            $clients,
            " ORDER BY p.created_at, p.id, b.position, b.id"
        )
    };
}

macro_rules! tasks {
    ($clients:literal) => {
        concat!("SELECT ", task!(), " FROM task t WHERE t.block_id IS NOT NULL AND t.client_id ", $clients)
    };
}

const TEAM: Keyed = keyed!(team);
const PLANS: Keyed = keyed!(plans);
const TASKS: Keyed = keyed!(tasks);

macro_rules! users_by_id {
    ($ids:literal) => {
        concat!("SELECT ", user!(), " FROM \"user\" u WHERE u.id ", $ids)
    };
}

macro_rules! tasks_by_id {
    ($ids:literal) => {
        concat!("SELECT ", task!(), " FROM task t WHERE t.id ", $ids)
    };
}

const USERS_BY_ID: Keyed = keyed!(users_by_id);
const TASKS_BY_ID: Keyed = keyed!(tasks_by_id);

/// A client by its id, whoever asks: what it is shown by is the caller's scope.
///
/// # Errors
/// The database's own.
pub async fn client(flat: &mut Flat, id: ClientId) -> Result<Option<client::Model>, DbErr> {
    let rows = flat.read(Text::same(CLIENT), &[Bind::Id(id.0)], client_row).await?;
    Ok(rows.into_iter().next())
}

/// The places of clients that end after `day` or are open, each with its person, brief.
///
/// # Errors
/// The database's own.
pub async fn team(
    flat: &mut Flat,
    clients: &[Uuid],
    day: NaiveDate,
) -> Result<Vec<(team_member::Model, user::Model)>, DbErr> {
    flat.read_keyed(TEAM, clients, &[Bind::Day(day)], |row| {
        let place = team_member::Model {
            id: row.id()?,
            client_id: row.id()?,
            user_id: row.id()?,
            position: row.word()?,
            starts_on: row.get()?,
            ends_on: row.get()?,
            version: row.get()?,
            created_at: row.get()?,
            updated_at: row.get()?,
        };
        Ok((place, brief_user(row)?))
    })
    .await
}

/// The plans of clients, oldest first, each with its blocks in order.
///
/// # Errors
/// The database's own.
pub async fn plans(
    flat: &mut Flat,
    clients: &[Uuid],
) -> Result<Vec<(plan::Model, Vec<block::Model>)>, DbErr> {
    let rows = flat.read_keyed(PLANS, clients, &[], |row| Ok((plan_row(row)?, block_row(row)?))).await?;
    let mut plans: Vec<(plan::Model, Vec<block::Model>)> = Vec::new();
    for (plan, block) in rows {
        match plans.last_mut().filter(|(last, _)| last.id == plan.id) {
            Some((_, blocks)) => blocks.extend(block),
            None => plans.push((plan, block.into_iter().collect())),
        }
    }
    Ok(plans)
}

/// The tasks in the blocks of clients, by block and in order, brief, each with who is to do it, brief. Two statements: the
/// people are few, and joined to each task they cost several times as much.
///
/// # Errors
/// The database's own.
pub async fn tasks(
    flat: &mut Flat,
    clients: &[Uuid],
) -> Result<HashMap<BlockId, Vec<(task::Model, Option<user::Model>)>>, DbErr> {
    let rows = flat.read_keyed(TASKS, clients, &[], brief_task).await?;
    let people: BTreeSet<Uuid> = rows.iter().filter_map(|task| Some(task.assignee_id?.0)).collect();
    let people = users_by_id(flat, &people.into_iter().collect::<Vec<_>>()).await?;
    let mut tasks: HashMap<BlockId, Vec<(task::Model, Option<user::Model>)>> = HashMap::new();
    for task in rows {
        if let Some(block) = task.block_id {
            let assignee = task.assignee_id.and_then(|person| people.get(&person).cloned());
            tasks.entry(block).or_default().push((task, assignee));
        }
    }
    for tasks in tasks.values_mut() {
        tasks.sort_by_key(|(task, _)| (task.position, task.id));
    }
    Ok(tasks)
}

/// People by their ids, brief.
///
/// # Errors
/// The database's own.
pub async fn users_by_id(flat: &mut Flat, ids: &[Uuid]) -> Result<HashMap<UserId, user::Model>, DbErr> {
    let rows = flat.read_keyed(USERS_BY_ID, ids, &[], brief_user).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Tasks by their ids, brief.
///
/// # Errors
/// The database's own.
pub async fn tasks_by_id(flat: &mut Flat, ids: &[Uuid]) -> Result<HashMap<TaskId, task::Model>, DbErr> {
    let rows = flat.read_keyed(TASKS_BY_ID, ids, &[], brief_task).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A whole client.
///
/// # Errors
/// The columns are not its own, in order.
pub fn client_row(row: &mut Row<'_>) -> Result<client::Model, DbErr> {
    Ok(client::Model {
        id: row.id()?,
        name: row.get()?,
        name_key: row.get()?,
        external_id: row.get()?,
        crm_kind: row.word()?,
        crm_url: row.get()?,
        set_up_by: row.word()?,
        licences: row.get()?,
        line_of_business: row.get()?,
        goals: row.get()?,
        contact_id: row.maybe_id()?,
        locale: row.word()?,
        time_zone: row.get()?,
        chat_url: row.get()?,
        report_weekday: row.word()?,
        report_hour: row.get()?,
        created_by: row.maybe_id()?,
        version: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

fn plan_row(row: &mut Row<'_>) -> Result<plan::Model, DbErr> {
    Ok(plan::Model {
        id: row.id()?,
        client_id: row.id()?,
        kind: row.word()?,
        title: row.get()?,
        status: row.word()?,
        revision: row.get()?,
        estimate_minutes: row.get()?,
        version: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    })
}

fn block_row(row: &mut Row<'_>) -> Result<Option<block::Model>, DbErr> {
    if row.is_null()? {
        return Ok(None);
    }
    Ok(Some(block::Model {
        id: row.id()?,
        plan_id: row.id()?,
        client_id: row.id()?,
        title: row.get()?,
        description: row.get()?,
        status: row.word()?,
        position: row.get()?,
        estimate_minutes: row.get()?,
        development_minutes: row.get()?,
        spent_minutes: row.get()?,
        version: row.get()?,
        created_at: row.get()?,
        updated_at: row.get()?,
    }))
}

fn brief_task(row: &mut Row<'_>) -> Result<task::Model, DbErr> {
    Ok(task::Model {
        id: row.id()?,
        client_id: row.id()?,
        plan_id: row.maybe_id()?,
        block_id: row.maybe_id()?,
        title: row.get()?,
        status: row.word()?,
        position: row.get()?,
        urgent: row.get()?,
        estimate_minutes: row.get()?,
        development_minutes: row.get()?,
        limit_minutes: row.get()?,
        spent_minutes: row.get()?,
        assignee_id: row.maybe_id()?,
        title_key: String::new(),
        description: None,
        paused_from: None,
        requested_by: None,
        cancel_reason: None,
        external_id: None,
        external_url: None,
        done_at: None,
        version: 0,
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        updated_at: DateTime::<Utc>::UNIX_EPOCH,
    })
}

fn brief_user(row: &mut Row<'_>) -> Result<user::Model, DbErr> {
    Ok(user::Model {
        id: row.id()?,
        name: row.get()?,
        locale: row.word()?,
        role: row.word()?,
        client_id: row.maybe_id()?,
        status: row.word()?,
        email: String::new(),
        email_key: String::new(),
        name_key: String::new(),
        password_hash: None,
        session_version: 0,
        capacity_minutes: None,
        version: 0,
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        updated_at: DateTime::<Utc>::UNIX_EPOCH,
    })
}
