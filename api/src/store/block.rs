//! Blocks, what they wait for, and the sums that they carry.

use domain::block::BlockStatus;
use domain::id::{BlockId, PlanId};
use domain::policy::Scope;
use entity::{block, block_dependency, comment, instruction, task, training};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationTrait,
};

use super::tx::Tx;
use super::visible;

/// A visible block by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: BlockId,
) -> Result<Option<block::Model>, DbErr> {
    block::Entity::find_by_id(id).filter(visible::of_client(scope, block::Column::ClientId)).one(db).await
}

/// The plan that a block is part of; a block never changes it.
///
/// # Errors
/// The database's own.
pub async fn plan_of(db: &impl ConnectionTrait, id: BlockId) -> Result<Option<PlanId>, DbErr> {
    block::Entity::find_by_id(id).select_only().column(block::Column::PlanId).into_tuple().one(db).await
}

/// The block, locked until the transaction ends; its plan is locked already.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: BlockId) -> Result<Option<block::Model>, DbErr> {
    block::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx.connection()).await
}

/// The block as this transaction sees it.
///
/// # Errors
/// The database's own.
pub async fn get(tx: &Tx<'_>, id: BlockId) -> Result<Option<block::Model>, DbErr> {
    block::Entity::find_by_id(id).one(tx.connection()).await
}

/// The order of a plan's blocks.
///
/// # Errors
/// The database's own.
pub async fn order(tx: &Tx<'_>, plan: PlanId) -> Result<Vec<(BlockId, i32)>, DbErr> {
    block::Entity::find()
        .select_only()
        .columns([block::Column::Id, block::Column::Position])
        .filter(block::Column::PlanId.eq(plan))
        .order_by_asc(block::Column::Position)
        .order_by_asc(block::Column::Id)
        .into_tuple()
        .all(tx.connection())
        .await
}

/// Which blocks of a plan wait for which others.
///
/// # Errors
/// The database's own.
pub async fn dependencies(tx: &Tx<'_>, plan: PlanId) -> Result<Vec<(BlockId, BlockId)>, DbErr> {
    block_dependency::Entity::find()
        .select_only()
        .columns([block_dependency::Column::BlockId, block_dependency::Column::DependsOnId])
        .join(JoinType::InnerJoin, block_dependency::Relation::Block.def())
        .filter(block::Column::PlanId.eq(plan))
        .into_tuple()
        .all(tx.connection())
        .await
}

/// Replaces what a block waits for.
///
/// # Errors
/// The database's own.
pub async fn set_dependencies(tx: &Tx<'_>, id: BlockId, depends_on: &[BlockId]) -> Result<(), DbErr> {
    block_dependency::Entity::delete_many()
        .filter(block_dependency::Column::BlockId.eq(id))
        .exec(tx.connection())
        .await?;
    let rows: Vec<_> = depends_on
        .iter()
        .map(|other| block_dependency::ActiveModel { block_id: Set(id), depends_on_id: Set(*other) })
        .collect();
    if !rows.is_empty() {
        block_dependency::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}

/// Adds to the sums of a block, and so never overwrites what someone else adds at the same time. All in minutes.
///
/// # Errors
/// The database's own.
pub async fn add(tx: &Tx<'_>, id: BlockId, estimate: i32, development: i32, spent: i32) -> Result<(), DbErr> {
    use block::Column::{DevelopmentMinutes, EstimateMinutes, SpentMinutes};
    block::Entity::update_many()
        .col_expr(EstimateMinutes, EstimateMinutes.into_expr().add(estimate))
        .col_expr(DevelopmentMinutes, DevelopmentMinutes.into_expr().add(development))
        .col_expr(SpentMinutes, SpentMinutes.into_expr().add(spent))
        .filter(block::Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map(|_| ())
}

/// Whether a block waits for one that is not confirmed.
///
/// # Errors
/// The database's own.
pub async fn waits(tx: &Tx<'_>, id: BlockId) -> Result<bool, DbErr> {
    let open = block_dependency::Entity::find()
        .join(JoinType::InnerJoin, block_dependency::Relation::DependsOn.def())
        .filter(block_dependency::Column::BlockId.eq(id))
        .filter(block::Column::Status.ne(BlockStatus::Confirmed))
        .count(tx.connection())
        .await?;
    Ok(open > 0)
}

/// Whether a block holds neither a task of any status nor a comment, and nothing teaches it; nobody adds either until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn is_empty(tx: &Tx<'_>, id: BlockId) -> Result<bool, DbErr> {
    block::Entity::find_by_id(id).lock_exclusive().one(tx.connection()).await?;
    let tasks = task::Entity::find().filter(task::Column::BlockId.eq(id)).count(tx.connection()).await?;
    let comments =
        comment::Entity::find().filter(comment::Column::BlockId.eq(id)).count(tx.connection()).await?;
    let instructions = instruction::Entity::find().filter(instruction::Column::BlockId.eq(id));
    let trainings = training::Entity::find().filter(training::Column::BlockId.eq(id));
    let lessons = instructions.count(tx.connection()).await? + trainings.count(tx.connection()).await?;
    Ok(tasks == 0 && comments == 0 && lessons == 0)
}

/// Removes a block and the waiting of others for it.
///
/// # Errors
/// The database's own; a foreign key where anything still names it.
pub async fn delete(tx: &Tx<'_>, id: BlockId) -> Result<(), DbErr> {
    block_dependency::Entity::delete_many()
        .filter(block_dependency::Column::BlockId.eq(id).or(block_dependency::Column::DependsOnId.eq(id)))
        .exec(tx.connection())
        .await?;
    block::Entity::delete_by_id(id).exec(tx.connection()).await.map(|_| ())
}
