//! Where a task stands among the others of its block or inbox (P-2).

use domain::id::{BlockId, TaskId};
use domain::order::reorder;
use domain::policy::Action;
use domain::refusal::ErrorCode;
use entity::task;
use serde::Serialize;

use super::{Held, TASKS, Touched, Written, write};
use crate::app::Call;
use crate::error::{Error, Refusals, Result};
use crate::store::{self, Tx};
use crate::usecase::field::not_here;

/// A place in an order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    First,
    Last,
    Before(TaskId),
}

impl Place {
    pub(super) fn before(other: Option<TaskId>) -> Self {
        other.map_or(Self::Last, Self::Before)
    }
}

/// Writes the places of the others, and returns that of the task. What the order belongs to, the plan or the inbox,
/// is locked already.
pub(super) async fn place(tx: &Tx<'_>, row: &task::Model, place: Place) -> Result<i32> {
    let order = store::task::order(tx, row.client_id, row.block_id).await?;
    let mut ids: Vec<TaskId> = order.iter().map(|(id, _)| *id).collect();
    if !ids.contains(&row.id) {
        if row.block_id.is_some() && ids.len() >= TASKS {
            return Err(not_here("blockId", &format!("A block holds at most {TASKS} tasks: make another.")));
        }
        ids.push(row.id);
    }
    let before = match place {
        Place::First => ids.first().copied(),
        Place::Last => None,
        Place::Before(other) => Some(other),
    };
    let wanted = reorder(&ids, row.id, before)
        .map_err(|_| not_here("before", "There is no such task in the same block or inbox."))?;
    store::order::write::<task::Entity, _>(tx, &order, &wanted).await?;
    let at = wanted.iter().position(|id| *id == row.id).expect("what was placed stands in the order");
    i32::try_from(at + 1).map_err(|error| Error::Internal(error.to_string()))
}

/// Where a task goes.
#[derive(Debug, Clone, Serialize)]
pub struct Move {
    /// Another block of its plan; where absent it stays in its block or inbox.
    pub block_id: Option<BlockId>,
    /// The task that it is put before; where absent it comes last.
    pub before: Option<TaskId>,
}

/// Moves a task within its block or inbox, which a client owner may do at any time (P-2), or to another block of its
/// plan, which is planning; the sums of both blocks follow.
///
/// # Errors
/// Refused: INVALID for a place that is not there; WRONG_STATUS where the task or its plan is closed, or where it is
/// in the inbox and names a block: that is what planning is for.
pub async fn reposition(call: &Call, id: TaskId, command: Move) -> Result<Touched> {
    let mut tx = call.begin().await?;
    reposition_within(call, &mut tx, id, command).await?.commit(tx).await
}

/// The same as a part of a unit of work.
///
/// # Errors
/// As [`reposition`].
pub async fn reposition_within(call: &Call, tx: &mut Tx<'_>, id: TaskId, command: Move) -> Result<Written> {
    let held = Held::take(tx, id).await?;
    let to = command.block_id.filter(|to| held.task.block_id != Some(*to));
    let permit = held.permit(call, if to.is_some() { Action::TaskManage } else { Action::WorkOrder })?;
    let mut refusals = Refusals::default();
    held.open(&mut refusals);
    refusals.check()?;
    let mut row = held.task.clone();
    if let Some(to) = to {
        let Some(plan) = row.plan_id else {
            return Err(Error::refused(ErrorCode::WrongStatus, "A requested task is planned, not moved."));
        };
        if store::block::plan_of(tx.connection(), to).await? != Some(plan) {
            return Err(not_here("blockId", "There is no such block in this plan."));
        }
        row.block_id = Some(to);
    }
    row.position = place(tx, &row, Place::before(command.before)).await?;
    write(tx, permit, Some(held.task), row, held.plan).await
}
