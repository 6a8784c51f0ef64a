//! Plans and their goals.

use domain::id::{GoalId, PlanId};
use domain::policy::Scope;
use domain::task::TaskStatus;
use entity::{goal, plan, task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::tx::Tx;
use super::visible;

/// A visible plan by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: PlanId,
) -> Result<Option<plan::Model>, DbErr> {
    plan::Entity::find_by_id(id).filter(visible::of_client(scope, plan::Column::ClientId)).one(db).await
}

/// The plan, locked until the transaction ends. Everything that changes the shape or order of what is in a plan
/// takes this lock first, then the task's, then the block's.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: PlanId) -> Result<Option<plan::Model>, DbErr> {
    plan::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx.connection()).await
}

/// The texts of a plan's goals, in order.
///
/// # Errors
/// The database's own.
pub async fn goals(db: &impl ConnectionTrait, id: PlanId) -> Result<Vec<String>, DbErr> {
    goal::Entity::find()
        .select_only()
        .column(goal::Column::Text)
        .filter(goal::Column::PlanId.eq(id))
        .order_by_asc(goal::Column::Position)
        .into_tuple()
        .all(db)
        .await
}

/// Replaces a plan's goals.
///
/// # Errors
/// The database's own.
pub async fn set_goals(tx: &Tx<'_>, id: PlanId, goals: &[String]) -> Result<(), DbErr> {
    goal::Entity::delete_many().filter(goal::Column::PlanId.eq(id)).exec(tx.connection()).await?;
    let rows: Vec<_> = goals
        .iter()
        .zip(1..)
        .map(|(text, position)| goal::ActiveModel {
            id: Set(GoalId::new()),
            plan_id: Set(id),
            position: Set(position),
            text: Set(text.clone()),
        })
        .collect();
    if !rows.is_empty() {
        goal::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}

/// How many tasks of a plan are neither done nor cancelled.
///
/// # Errors
/// The database's own.
pub async fn open_tasks(db: &impl ConnectionTrait, id: PlanId) -> Result<u64, DbErr> {
    task::Entity::find()
        .filter(task::Column::PlanId.eq(id))
        .filter(task::Column::Status.is_not_in([TaskStatus::Done, TaskStatus::Cancelled]))
        .count(db)
        .await
}
