//! How tasks come to be: asked for into the inbox, planned into a block, or written straight into one (P-4, P-5).

use domain::id::{BlockId, ClientId, TaskId, UserId};
use domain::policy::{Action, Target};
use domain::task::{TaskEvent, TaskState, TaskStatus};
use entity::{plan, task};
use serde::Serialize;
use uuid::Uuid;

use super::super::patch::Patch;
use super::super::plan::editable;
use super::edit::{Update, apply};
use super::place::{Place, place};
use super::{Held, Touched, Written, find, finish, write};
use crate::app::Call;
use crate::error::{Error, Refusals, Result};
use crate::store::{self, Tx};
use crate::usecase::field::{not_here, wrong_status};

/// What a client asks for.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    pub client_id: ClientId,
    pub title: String,
    pub description: Option<String>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
}

/// Asks for a task: it waits in the inbox, REQUESTED, until it is planned (P-5).
///
/// # Errors
/// Refused: INVALID fields, an external id that is TAKEN.
pub async fn request(call: &Call, command: Request, key: Option<Uuid>) -> Result<Touched> {
    let client = command.client_id;
    call.permit(Action::TaskRequest, &Target::client(client)).map(drop)?;
    let mut tx = call.begin().await?;
    let id = TaskId::new();
    if let Some(made) = tx.replay(key, "taskRequest", &command, &[id.0]).await? {
        drop(tx);
        return again(call, &made, None).await;
    }
    request_within(call, &mut tx, id, command).await?.commit(tx).await
}

/// The same as a part of a unit of work.
///
/// # Errors
/// As [`request`].
pub async fn request_within(call: &Call, tx: &mut Tx<'_>, id: TaskId, command: Request) -> Result<Written> {
    let client = command.client_id;
    let permit = call.permit(Action::TaskRequest, &Target::client(client))?;
    if !store::task::lock_inbox(tx, client).await? {
        return Err(Error::NotFound);
    }
    let mut refusals = Refusals::default();
    let mut row = blank(tx, id, client, TaskStatus::Requested);
    row.requested_by = call.actor.user_id();
    let update = Update {
        title: Some(Some(command.title)),
        description: Some(command.description),
        external_id: Some(command.external_id),
        external_url: Some(command.external_url),
        ..Update::default()
    };
    apply(tx, &mut row, update, &mut refusals).await?;
    refusals.check()?;
    row.position = place(tx, &row, Place::Last).await?;
    write(tx, permit, None, row, None).await
}

/// What a new task in a block is made from.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub block_id: BlockId,
    pub title: String,
    pub description: Option<String>,
    pub estimate_minutes: Option<i32>,
    pub development_minutes: Option<i32>,
    pub assignee_id: Option<UserId>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub before: Option<TaskId>,
}

/// Writes a task straight into a block, PLANNED (P-4).
///
/// # Errors
/// Refused: INVALID fields, an external id that is TAKEN, WRONG_STATUS where the plan is completed.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<Touched> {
    let mut tx = call.begin().await?;
    let plan = plan_of(&tx, command.block_id).await?.ok_or(Error::NotFound)?;
    call.permit(Action::TaskManage, &Target::client(plan.client_id)).map(drop)?;
    let id = TaskId::new();
    if let Some(made) = tx.replay(key, "taskCreate", &command, &[id.0]).await? {
        drop(tx);
        return again(call, &made, Some(plan)).await;
    }
    create_within(call, &mut tx, id, plan, command).await?.commit(tx).await
}

/// The same as a part of a unit of work, in a plan that is locked.
///
/// # Errors
/// As [`create`].
pub async fn create_within(
    call: &Call,
    tx: &mut Tx<'_>,
    id: TaskId,
    plan: plan::Model,
    command: Create,
) -> Result<Written> {
    let permit = call.permit(Action::TaskManage, &Target::client(plan.client_id))?;
    let mut refusals = Refusals::default();
    editable(&plan, &mut refusals);
    let mut row = blank(tx, id, plan.client_id, TaskStatus::Planned);
    row.plan_id = Some(plan.id);
    row.block_id = Some(command.block_id);
    let update = Update {
        title: Some(Some(command.title)),
        description: Some(command.description),
        estimate_minutes: Some(command.estimate_minutes),
        development_minutes: Some(command.development_minutes),
        assignee_id: Some(command.assignee_id),
        external_id: Some(command.external_id),
        external_url: Some(command.external_url),
    };
    apply(tx, &mut row, update, &mut refusals).await?;
    refusals.check()?;
    row.position = place(tx, &row, Place::before(command.before)).await?;
    write(tx, permit, None, row, Some(plan)).await
}

/// Where a requested task goes, and what it is expected to take.
#[derive(Debug, Clone)]
pub struct Plan {
    pub block_id: BlockId,
    pub before: Option<TaskId>,
    pub estimate_minutes: Patch<i32>,
    pub development_minutes: Patch<i32>,
    pub assignee_id: Patch<UserId>,
}

/// Plans a requested task into a block of the same client (P-4, P-5).
///
/// # Errors
/// Refused: INVALID fields; WRONG_STATUS where the task is not REQUESTED or the plan is completed.
pub async fn plan(call: &Call, id: TaskId, command: Plan) -> Result<Touched> {
    let tx = call.begin().await?;
    let held = Held::take(&tx, id).await?;
    let permit = held.permit(call, Action::TaskManage)?;
    let mut refusals = Refusals::default();
    let mut row = held.task.clone();
    let state = TaskState { status: row.status, paused_from: row.paused_from };
    match state.next(TaskEvent::Plan) {
        Ok(state) => row.status = state.status,
        Err(refused) => return Err(wrong_status(refused).into()),
    }
    let plan = plan_of(&tx, command.block_id).await?.filter(|plan| plan.client_id == row.client_id);
    let plan = plan.ok_or_else(|| not_here("blockId", "The client has no such block."))?;
    editable(&plan, &mut refusals);
    row.plan_id = Some(plan.id);
    row.block_id = Some(command.block_id);
    let update = Update {
        estimate_minutes: command.estimate_minutes,
        development_minutes: command.development_minutes,
        assignee_id: command.assignee_id,
        ..Update::default()
    };
    apply(&tx, &mut row, update, &mut refusals).await?;
    refusals.check()?;
    row.position = place(&tx, &row, Place::before(command.before)).await?;
    finish(tx, permit, Some(held.task), row, Some(plan)).await
}

/// The plan of a block, locked.
///
/// # Errors
/// The database's own.
pub async fn plan_of(tx: &Tx<'_>, block: BlockId) -> Result<Option<plan::Model>> {
    Ok(match store::block::plan_of(tx.connection(), block).await? {
        Some(plan) => store::plan::lock(tx, plan).await?,
        None => None,
    })
}

/// What an earlier operation under the same key made, as it is now.
async fn again(call: &Call, made: &[Uuid], plan: Option<plan::Model>) -> Result<Touched> {
    let id = made.first().copied().map(TaskId).ok_or(Error::NotFound)?;
    let task = find(call, id).await?.ok_or(Error::NotFound)?;
    let block = match task.block_id {
        Some(block) => crate::usecase::block::find(call, block).await?,
        None => None,
    };
    Ok(Touched { task, block, left: None, plan })
}

fn blank(tx: &Tx<'_>, id: TaskId, client: ClientId, status: TaskStatus) -> task::Model {
    task::Model {
        id,
        client_id: client,
        plan_id: None,
        block_id: None,
        title: String::new(),
        title_key: String::new(),
        description: None,
        status,
        paused_from: None,
        position: 0,
        urgent: false,
        estimate_minutes: None,
        development_minutes: None,
        limit_minutes: None,
        spent_minutes: 0,
        assignee_id: None,
        requested_by: None,
        cancel_reason: None,
        external_id: None,
        external_url: None,
        done_at: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    }
}
