//! Trainings and their people.

use chrono::{DateTime, Utc};
use domain::id::{BlockId, ClientId, TaskId, TrainingId};
use domain::knowledge::TrainingStatus;
use domain::policy::Scope;
use entity::{training, training_person};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::filter::{Compare, TextCompare, Tree};
use super::tx::Tx;
use super::visible;

/// What trainings can be filtered by.
#[derive(Debug, Clone)]
pub enum Leaf {
    Title(TextCompare),
    Status(Vec<TrainingStatus>),
    StartsAt(Compare<DateTime<Utc>>),
    Block(Compare<BlockId>),
    Task(Compare<TaskId>),
}

/// The trainings of a client that pass a filter.
pub fn select(client: ClientId, filter: &Tree<Leaf>) -> Select<training::Entity> {
    training::Entity::find().filter(training::Column::ClientId.eq(client)).filter(filter.condition(&leaf))
}

fn leaf(leaf: &Leaf) -> Condition {
    match leaf {
        Leaf::Title(compare) => compare.on(training::Column::TitleKey),
        Leaf::Status(some) => Condition::all().add(training::Column::Status.is_in(some.iter().copied())),
        Leaf::StartsAt(compare) => compare.on(training::Column::StartsAt),
        Leaf::Block(compare) => compare.on(training::Column::BlockId),
        Leaf::Task(compare) => compare.on(training::Column::TaskId),
    }
}

/// A visible training by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: TrainingId,
) -> Result<Option<training::Model>, DbErr> {
    training::Entity::find_by_id(id)
        .filter(visible::of_client(scope, training::Column::ClientId))
        .one(db)
        .await
}

/// A training, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: TrainingId) -> Result<Option<training::Model>, DbErr> {
    training::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx.connection()).await
}

/// How many trainings hang on a block or a task.
///
/// # Errors
/// The database's own.
pub async fn count_on(tx: &Tx<'_>, block: Option<BlockId>, task: Option<TaskId>) -> Result<u64, DbErr> {
    let on = match (block, task) {
        (Some(block), _) => training::Column::BlockId.eq(block),
        (None, Some(task)) => training::Column::TaskId.eq(task),
        (None, None) => return Ok(0),
    };
    training::Entity::find().filter(on).count(tx.connection()).await
}

/// The people of a training, in order.
///
/// # Errors
/// The database's own.
pub async fn people(tx: &Tx<'_>, id: TrainingId) -> Result<Vec<training_person::Model>, DbErr> {
    training_person::Entity::find()
        .filter(training_person::Column::TrainingId.eq(id))
        .order_by_asc(training_person::Column::Position)
        .all(tx.connection())
        .await
}

/// Replaces the people of a training.
///
/// # Errors
/// The database's own.
pub async fn set_people(
    tx: &Tx<'_>,
    id: TrainingId,
    people: Vec<training_person::Model>,
) -> Result<(), DbErr> {
    training_person::Entity::delete_many()
        .filter(training_person::Column::TrainingId.eq(id))
        .exec(tx.connection())
        .await?;
    let rows: Vec<_> = people.into_iter().map(|row| row.into_active_model().reset_all()).collect();
    if !rows.is_empty() {
        training_person::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}
