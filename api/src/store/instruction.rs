//! Instructions.

use domain::id::{BlockId, ClientId, InstructionId, TaskId};
use domain::knowledge::InstructionKind;
use domain::policy::Scope;
use entity::instruction;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    Select,
};

use super::filter::{Compare, TextCompare, Tree};
use super::tx::Tx;
use super::visible;

/// What instructions can be filtered by.
#[derive(Debug, Clone)]
pub enum Leaf {
    Title(TextCompare),
    Kind(InstructionKind),
    Block(Compare<BlockId>),
    Task(Compare<TaskId>),
    Withdrawn(bool),
}

/// The instructions of a client that pass a filter.
pub fn select(client: ClientId, filter: &Tree<Leaf>) -> Select<instruction::Entity> {
    instruction::Entity::find()
        .filter(instruction::Column::ClientId.eq(client))
        .filter(filter.condition(&leaf))
}

fn leaf(leaf: &Leaf) -> Condition {
    let one = |condition| Condition::all().add(condition);
    match leaf {
        Leaf::Title(compare) => compare.on(instruction::Column::TitleKey),
        Leaf::Kind(kind) => one(instruction::Column::Kind.eq(*kind)),
        Leaf::Block(compare) => compare.on(instruction::Column::BlockId),
        Leaf::Task(compare) => compare.on(instruction::Column::TaskId),
        Leaf::Withdrawn(true) => one(instruction::Column::WithdrawnAt.is_not_null()),
        Leaf::Withdrawn(false) => one(instruction::Column::WithdrawnAt.is_null()),
    }
}

/// A visible instruction by its id.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: InstructionId,
) -> Result<Option<instruction::Model>, DbErr> {
    instruction::Entity::find_by_id(id)
        .filter(visible::of_client(scope, instruction::Column::ClientId))
        .one(db)
        .await
}

/// An instruction, locked until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx<'_>, id: InstructionId) -> Result<Option<instruction::Model>, DbErr> {
    instruction::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx.connection()).await
}

/// How many instructions hang on a block or a task, withdrawn ones left out.
///
/// # Errors
/// The database's own.
pub async fn count_on(tx: &Tx<'_>, block: Option<BlockId>, task: Option<TaskId>) -> Result<u64, DbErr> {
    let on = match (block, task) {
        (Some(block), _) => instruction::Column::BlockId.eq(block),
        (None, Some(task)) => instruction::Column::TaskId.eq(task),
        (None, None) => return Ok(0),
    };
    let select = instruction::Entity::find().filter(on).filter(instruction::Column::WithdrawnAt.is_null());
    select.count(tx.connection()).await
}
