//! Tasks: parts of a block, or of a client's inbox (P-2 to P-6).
//!
//! A write takes its locks in one order: the inbox (the client's row), the plan, the task; blocks are only added to.
//! So those who change an order take turns, and whoever logs time on a task (the task, then its block) meets no
//! deadlock. What is named `…_within` does the same in a unit of work that does more. A task counts in the sums of its block: its estimates unless it is cancelled, its spent minutes always,
//! for they were worked.

mod edit;
mod make;
mod place;
mod steer;
mod step;

pub use edit::{Update, update};
pub use make::{Create, Plan, Request, create, create_within, plan, plan_of, request, request_within};
pub use place::{Move, reposition, reposition_within};
pub use steer::{limit, urgent};
pub use step::{Step, step, step_within};

use domain::id::{BlockId, TaskId};
use domain::policy::{Action, Permit, Target};
use domain::task::{TaskRefused, TaskStatus};
use entity::{block, plan, task};

use super::field::wrong_status;
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusals, Result};
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::task::Leaf;
use crate::store::{self, Change, Tx};

/// The most tasks of a block: they are a plain list.
const TASKS: usize = 200;

/// A task, and what else a write touched.
#[derive(Debug, Clone)]
pub struct Touched {
    pub task: task::Model,
    /// The block that it is in now, with its new sums.
    pub block: Option<block::Model>,
    /// The block that it was in before, where that is another.
    pub left: Option<block::Model>,
    pub plan: Option<plan::Model>,
}

/// One visible task.
///
/// # Errors
/// The caller reads no tasks at all; the database's own.
pub async fn find(call: &Call, id: TaskId) -> Result<Option<task::Model>> {
    let scope = call.scope(Action::TaskRead)?;
    Ok(store::task::find(call.app.db.reading(), &scope, id).await?)
}

/// A page of the visible tasks.
///
/// # Errors
/// As [`find`].
pub async fn list(
    call: &Call,
    filter: Option<&Tree<Leaf>>,
    order: Vec<(task::Column, Direction)>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<task::Model>> {
    let scope = call.scope(Action::TaskRead)?;
    Ok(List { select: store::task::select(&scope, filter), order, binding }.read(&call.app.db, page).await?)
}

/// A task in hand: locked, with its plan or its client's inbox locked before it.
struct Held {
    task: task::Model,
    plan: Option<plan::Model>,
}

impl Held {
    async fn take(tx: &Tx<'_>, id: TaskId) -> Result<Self> {
        let seen = store::task::get(tx, id).await?.ok_or(Error::NotFound)?;
        let plan = match seen.plan_id {
            Some(plan) => store::plan::lock(tx, plan).await?,
            None => {
                store::task::lock_inbox(tx, seen.client_id).await?;
                None
            }
        };
        let task = store::task::lock(tx, id).await?.ok_or(Error::NotFound)?;
        if task.plan_id != seen.plan_id {
            return Err(Error::Lost("a task was planned by someone else meanwhile".to_owned()));
        }
        Ok(Self { task, plan })
    }

    fn permit(&self, call: &Call, action: Action) -> Result<Permit> {
        call.permit(action, &Target::client(self.task.client_id).owned_by(self.task.assignee_id))
    }

    /// Refuses where the task or its plan is closed.
    fn open(&self, refusals: &mut Refusals) {
        if matches!(self.task.status, TaskStatus::Done | TaskStatus::Cancelled) {
            refusals.push(wrong_status(TaskRefused(self.task.status)));
        }
        if let Some(plan) = &self.plan {
            super::plan::editable(plan, refusals);
        }
    }
}

/// What a task adds to the sums of its block, in minutes: estimate, development, spent.
fn share(task: &task::Model) -> Option<(BlockId, [i32; 3])> {
    let counts = task.status != TaskStatus::Cancelled;
    let figure = |minutes: Option<i32>| minutes.filter(|_| counts).unwrap_or(0);
    let share = [figure(task.estimate_minutes), figure(task.development_minutes), task.spent_minutes];
    task.block_id.map(|block| (block, share))
}

/// Keeps the sums of the blocks: what the task added before goes, what it adds now comes.
async fn settle(tx: &Tx<'_>, before: Option<&task::Model>, after: &task::Model) -> Result<()> {
    let (old, new) = (before.and_then(share), share(after));
    if old == new {
        return Ok(());
    }
    if let Some((block, [estimate, development, spent])) = old {
        store::block::add(tx, block, -estimate, -development, -spent).await?;
    }
    if let Some((block, [estimate, development, spent])) = new {
        store::block::add(tx, block, estimate, development, spent).await?;
    }
    Ok(())
}

/// A task that is written, and what its commit wants.
pub struct Written {
    pub touched: Touched,
    pub permit: Permit,
    pub change: Change,
}

impl Written {
    /// Commits it alone.
    async fn commit(self, tx: Tx<'_>) -> Result<Touched> {
        tx.commit(self.permit, self.change).await?;
        Ok(self.touched)
    }
}

/// Writes the task and the sums of its blocks, and commits.
async fn finish(
    mut tx: Tx<'_>,
    permit: Permit,
    before: Option<task::Model>,
    row: task::Model,
    plan: Option<plan::Model>,
) -> Result<Touched> {
    write(&mut tx, permit, before, row, plan).await?.commit(tx).await
}

/// Writes the task and the sums of its blocks.
async fn write(
    tx: &mut Tx<'_>,
    permit: Permit,
    before: Option<task::Model>,
    mut row: task::Model,
    plan: Option<plan::Model>,
) -> Result<Written> {
    let taken = |error| {
        store::dialect::on_unique(
            error,
            "uq_task_client_id_external_id",
            "task.client_id, task.external_id",
            crate::error::Refusal::new(
                domain::refusal::ErrorCode::Taken,
                "Another task has this external id.",
            )
            .at("externalId"),
        )
    };
    let mut change = Change::of("Task", row.id).client(row.client_id);
    if let Some(before) = &before {
        row.version += 1;
        row.updated_at = tx.now();
        store::update(tx, row.clone()).await.map_err(taken)?;
        change = change.before(&summary(before));
    } else {
        store::insert(tx, row.clone()).await.map_err(taken)?;
    }
    settle(tx, before.as_ref(), &row).await?;
    let block = match row.block_id {
        Some(id) => store::block::get(tx, id).await?,
        None => None,
    };
    let left = match before.and_then(|before| before.block_id).filter(|id| Some(*id) != row.block_id) {
        Some(id) => store::block::get(tx, id).await?,
        None => None,
    };
    tx.wake(Topic::Task(row.client_id, row.id));
    if let Some(plan) = row.plan_id {
        tx.wake(Topic::Plan(row.client_id, plan));
    }
    let change = change.after(&summary(&row));
    Ok(Written { touched: Touched { task: row, block, left, plan }, permit, change })
}

/// What the audit log keeps of a task.
fn summary(row: &task::Model) -> serde_json::Value {
    serde_json::json!({
        "blockId": row.block_id, "title": row.title, "description": row.description, "status": row.status,
        "pausedFrom": row.paused_from, "position": row.position, "urgent": row.urgent,
        "estimateMinutes": row.estimate_minutes, "developmentMinutes": row.development_minutes,
        "limitMinutes": row.limit_minutes, "assigneeId": row.assignee_id, "cancelReason": row.cancel_reason,
        "externalId": row.external_id, "externalUrl": row.external_url,
    })
}
