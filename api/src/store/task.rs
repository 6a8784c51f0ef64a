//! Tasks, in blocks and in clients' inboxes.

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{BlockId, ClientId, PlanId, TaskId, UserId};
use domain::policy::Scope;
use domain::task::TaskStatus;
use domain::user::UserStatus;
use entity::{client, task, team_member, user};
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Value,
};

use super::filter::{Compare, TextCompare, Tree};
use super::tx::Tx;
use super::visible;

/// What tasks can be filtered by.
#[derive(Debug, Clone)]
pub enum Leaf {
    Id(Compare<TaskId>),
    Client(Compare<ClientId>),
    Plan(Compare<PlanId>),
    Block(Compare<BlockId>),
    Inbox(bool),
    Status(Vec<TaskStatus>),
    Assignee(Compare<UserId>),
    Urgent(bool),
    Title(TextCompare),
    UpdatedAt(Compare<DateTime<Utc>>),
}

/// The tasks within a scope that pass a filter.
pub fn select(scope: &Scope, filter: Option<&Tree<Leaf>>) -> Select<task::Entity> {
    let select = task::Entity::find().filter(visible::of_client(scope, task::Column::ClientId));
    match filter {
        Some(tree) => select.filter(tree.condition(&leaf)),
        None => select,
    }
}

fn leaf(leaf: &Leaf) -> Condition {
    let one = |condition| Condition::all().add(condition);
    match leaf {
        Leaf::Id(compare) => compare.on(task::Column::Id),
        Leaf::Client(compare) => compare.on(task::Column::ClientId),
        Leaf::Plan(compare) => nullable(compare, task::Column::PlanId),
        Leaf::Block(compare) => nullable(compare, task::Column::BlockId),
        Leaf::Inbox(true) => one(task::Column::BlockId.is_null()),
        Leaf::Inbox(false) => one(task::Column::BlockId.is_not_null()),
        Leaf::Status(statuses) => one(task::Column::Status.is_in(statuses.iter().copied())),
        Leaf::Assignee(compare) => nullable(compare, task::Column::AssigneeId),
        Leaf::Urgent(urgent) => one(task::Column::Urgent.eq(*urgent)),
        Leaf::Title(compare) => compare.on(task::Column::TitleKey),
        Leaf::UpdatedAt(compare) => compare.on(task::Column::UpdatedAt),
    }
}

/// A comparison that a row without a value fails, so that it passes the opposite.
fn nullable<T: Into<Value> + Clone + PartialEq>(compare: &Compare<T>, column: task::Column) -> Condition {
    if *compare == Compare::default() {
        return Condition::all();
    }
    Condition::all().add(column.is_not_null()).add(compare.on(column))
}

/// A visible task by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: TaskId,
) -> Result<Option<task::Model>, DbErr> {
    select(scope, None).filter(task::Column::Id.eq(id)).one(db).await
}

/// The task as this transaction sees it, whoever asks.
///
/// # Errors
/// The database's own.
pub async fn get(tx: &Tx<'_>, id: TaskId) -> Result<Option<task::Model>, DbErr> {
    task::Entity::find_by_id(id).one(tx.connection()).await
}

/// The task, locked until the transaction ends; its plan, or its client's inbox, is locked already.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: TaskId) -> Result<Option<task::Model>, DbErr> {
    task::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx.connection()).await
}

/// Makes those who change the order of a client's inbox take turns. Whether there is such a client.
///
/// # Errors
/// The database's own.
pub async fn lock_inbox(tx: &Tx<'_>, client: ClientId) -> Result<bool, DbErr> {
    let found: Option<ClientId> = client::Entity::find_by_id(client)
        .select_only()
        .column(client::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .one(tx.connection())
        .await?;
    Ok(found.is_some())
}

/// The order of the tasks of a block, or of the open ones in a client's inbox.
///
/// # Errors
/// The database's own.
pub async fn order(
    tx: &Tx<'_>,
    client: ClientId,
    block: Option<BlockId>,
) -> Result<Vec<(TaskId, i32)>, DbErr> {
    let within = match block {
        Some(block) => task::Column::BlockId.eq(block),
        None => task::Column::BlockId
            .is_null()
            .and(task::Column::ClientId.eq(client))
            .and(task::Column::Status.is_not_in([TaskStatus::Done, TaskStatus::Cancelled])),
    };
    task::Entity::find()
        .select_only()
        .columns([task::Column::Id, task::Column::Position])
        .filter(within)
        .order_by_asc(task::Column::Position)
        .order_by_asc(task::Column::Id)
        .into_tuple()
        .all(tx.connection())
        .await
}

/// Whether a person can be given work of a client: active, and on its team on that day.
///
/// # Errors
/// The database's own.
pub async fn is_on_team(
    db: &impl ConnectionTrait,
    client: ClientId,
    person: UserId,
    day: NaiveDate,
) -> Result<bool, DbErr> {
    let places = team_member::Entity::find()
        .inner_join(user::Entity)
        .filter(team_member::Column::ClientId.eq(client))
        .filter(team_member::Column::UserId.eq(person))
        .filter(team_member::Column::StartsOn.lte(day))
        .filter(team_member::Column::EndsOn.is_null().or(team_member::Column::EndsOn.gt(day)))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .count(db)
        .await?;
    Ok(places > 0)
}
