//! Blocks: the directions of a plan, in order of priority (P-2, P-10).
//!
//! Everything here locks the plan first, so that two moves at once take turns and neither is lost. A block waits for
//! those that it depends on: it begins once they are confirmed.

use domain::block::{self as rule, BlockEvent, BlockStatus};
use domain::id::{BlockId, PlanId};
use domain::order::reorder;
use domain::plan::{SignOffDecision, may_work};
use domain::policy::{Action, Permit, Target};
use domain::refusal::ErrorCode;
use entity::{block, plan};
use serde::Serialize;
use uuid::Uuid;

use super::field::{self, TEXT, TITLE, WORDS, not_here, wrong_status};
use super::patch::{Edited, Patch, set, set_required};
use super::plan::editable;
use super::sign_off::{self, Of, Said};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx};

/// The most blocks of a plan: they are a plain list.
const BLOCKS: usize = 100;

/// A block and the plan that it is part of.
#[derive(Debug, Clone)]
pub struct Touched {
    pub block: block::Model,
    pub plan: plan::Model,
}

/// One visible block.
///
/// # Errors
/// The caller reads no plans at all; the database's own.
pub async fn find(call: &Call, id: BlockId) -> Result<Option<block::Model>> {
    let scope = call.scope(Action::PlanRead)?;
    Ok(store::block::find(call.app.db.reading(), &scope, id).await?)
}

/// What a new block is made from.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub plan_id: PlanId,
    pub title: String,
    pub description: Option<String>,
    pub before: Option<BlockId>,
}

/// Adds a block to a plan, at the end or before another (P-2).
///
/// # Errors
/// Refused: INVALID fields; WRONG_STATUS where the plan is completed.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<Touched> {
    let tx = call.begin().await?;
    let plan = store::plan::lock(&tx, command.plan_id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::PlanManage, &Target::client(plan.client_id))?;
    let id = BlockId::new();
    if let Some(made) = tx.replay(key, "blockCreate", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(BlockId).ok_or(Error::NotFound)?;
        return Ok(Touched { block: find(call, made).await?.ok_or(Error::NotFound)?, plan });
    }
    let mut refusals = Refusals::default();
    editable(&plan, &mut refusals);
    let order = store::block::order(&tx, plan.id).await?;
    if order.len() >= BLOCKS {
        refusals.push(
            Refusal::new(ErrorCode::Invalid, format!("A plan holds at most {BLOCKS} blocks.")).at("planId"),
        );
    }
    let title = field::text(&mut refusals, "title", &command.title, TITLE);
    let description =
        command.description.and_then(|text| field::text(&mut refusals, "description", &text, TEXT));
    refusals.check()?;
    let now = tx.now();
    let mut row = block::Model {
        id,
        plan_id: plan.id,
        client_id: plan.client_id,
        title: title.unwrap_or_default(),
        description,
        status: BlockStatus::Planned,
        position: 0,
        estimate_minutes: 0,
        development_minutes: 0,
        spent_minutes: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    row.position = place(&tx, order, id, command.before).await?;
    store::insert(&tx, row.clone()).await?;
    let change = Change::of("Block", id).after(&summary(&row));
    finish(tx, permit, change, plan, row).await
}

/// Writes the places of the others, and returns that of the one moved or added.
async fn place(
    tx: &Tx<'_>,
    order: Vec<(BlockId, i32)>,
    moved: BlockId,
    before: Option<BlockId>,
) -> Result<i32> {
    let mut ids: Vec<BlockId> = order.iter().map(|(id, _)| *id).collect();
    if !ids.contains(&moved) {
        ids.push(moved);
    }
    let wanted = reorder(&ids, moved, before)
        .map_err(|_| not_here("before", "There is no such block in this plan."))?;
    store::order::write::<block::Entity, _>(tx, &order, &wanted).await?;
    let at = wanted.iter().position(|id| *id == moved).expect("what was placed stands in the order");
    Ok(i32::try_from(at + 1).expect("a plan holds few blocks"))
}

/// The block and its plan, both locked, and the decision about them.
async fn hold(call: &Call, tx: &Tx<'_>, id: BlockId, action: Action) -> Result<(Touched, Permit)> {
    let plan = store::block::plan_of(tx.connection(), id).await?.ok_or(Error::NotFound)?;
    let plan = store::plan::lock(tx, plan).await?.ok_or(Error::NotFound)?;
    let block = store::block::lock(tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(action, &Target::client(block.client_id))?;
    Ok((Touched { block, plan }, permit))
}

/// What changes of a block.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub title: Patch<String>,
    pub description: Patch<String>,
}

/// Changes a block's words.
///
/// # Errors
/// Refused: INVALID fields; WRONG_STATUS where the plan is completed.
pub async fn update(
    call: &Call,
    id: BlockId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<Touched>> {
    let tx = call.begin().await?;
    let (held, permit) = hold(call, &tx, id, Action::PlanManage).await?;
    if held.block.version != expected_version {
        return Ok(Edited::Conflict(held));
    }
    let mut refusals = Refusals::default();
    editable(&held.plan, &mut refusals);
    let mut row = held.block.clone();
    match command.title {
        Some(Some(title)) => {
            if let Some(title) = field::text(&mut refusals, "title", &title, TITLE) {
                row.title = title;
            }
        }
        other => set_required(&mut row.title, other, "title", &mut refusals),
    }
    let description = command
        .description
        .map(|text| text.and_then(|text| field::text(&mut refusals, "description", &text, TEXT)));
    set(&mut row.description, description);
    refusals.check()?;
    let change = Change::of("Block", id).before(&summary(&held.block)).after(&summary(&row));
    Ok(Edited::Done(write(tx, permit, change, held.plan, row).await?))
}

/// Puts a block before another, or last (P-2: the client may, at any time).
///
/// # Errors
/// Refused: INVALID where `before` is not in the plan; WRONG_STATUS where the plan is completed.
pub async fn reposition(call: &Call, id: BlockId, before: Option<BlockId>) -> Result<Touched> {
    let tx = call.begin().await?;
    let (held, permit) = hold(call, &tx, id, Action::WorkOrder).await?;
    let mut refusals = Refusals::default();
    editable(&held.plan, &mut refusals);
    refusals.check()?;
    let mut row = held.block.clone();
    let order = store::block::order(&tx, held.plan.id).await?;
    row.position = place(&tx, order, id, before).await?;
    let change = Change::of("Block", id).before(&summary(&held.block)).after(&summary(&row));
    write(tx, permit, change, held.plan, row).await
}

/// Says what a block waits for; replaces what it said before (P-2).
///
/// # Errors
/// Refused: INVALID where one is not in the plan or the block would wait for itself; WRONG_STATUS.
pub async fn depend(call: &Call, id: BlockId, depends_on: Vec<BlockId>) -> Result<Touched> {
    let tx = call.begin().await?;
    let (held, permit) = hold(call, &tx, id, Action::PlanManage).await?;
    let mut refusals = Refusals::default();
    editable(&held.plan, &mut refusals);
    let present = store::block::order(&tx, held.plan.id).await?;
    let all = store::block::dependencies(&tx, held.plan.id).await?;
    let (old, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(block, _)| *block == id);
    let mut wanted: Vec<BlockId> = Vec::new();
    for other in depends_on {
        let refused = if !present.iter().any(|(block, _)| *block == other) {
            "There is no such block in this plan."
        } else if rule::closes_circle(&others, id, other) {
            "The block would wait for itself."
        } else {
            if !wanted.contains(&other) {
                wanted.push(other);
            }
            continue;
        };
        refusals.push(Refusal::new(ErrorCode::Invalid, refused).at("dependsOn"));
    }
    refusals.check()?;
    store::block::set_dependencies(&tx, id, &wanted).await?;
    let old: Vec<BlockId> = old.into_iter().map(|(_, other)| other).collect();
    let change = Change::of("Block", id).before(&old).after(&wanted);
    write(tx, permit, change, held.plan, held.block).await
}

/// A step of a block.
#[derive(Debug, Clone)]
pub enum Step {
    Start,
    Submit,
    Confirm { comment: Option<String> },
    Return { comment: String },
}

/// Takes a block a step on (P-10): only the client confirms, and never by silence.
///
/// # Errors
/// Refused: WRONG_STATUS, also for a start while a block that it waits for is not confirmed; REASON_REQUIRED.
pub async fn step(call: &Call, id: BlockId, step: Step) -> Result<Touched> {
    let tx = call.begin().await?;
    let (action, event) = match &step {
        Step::Start => (Action::PlanManage, BlockEvent::Start),
        Step::Submit => (Action::PlanManage, BlockEvent::Demonstrate),
        Step::Confirm { .. } => (Action::BlockSignOff, BlockEvent::Confirm),
        Step::Return { .. } => (Action::BlockSignOff, BlockEvent::Return),
    };
    let (held, permit) = hold(call, &tx, id, action).await?;
    let mut refusals = Refusals::default();
    let mut row = held.block.clone();
    match rule::next(row.status, event) {
        Ok(status) if may_work(held.plan.kind, held.plan.status) => row.status = status,
        Ok(_) => refusals.push(wrong_status("the plan's status does not allow this")),
        Err(refused) => refusals.push(wrong_status(refused)),
    }
    if event == BlockEvent::Start && store::block::waits(&tx, id).await? {
        refusals.push(wrong_status("a block that it depends on is not confirmed yet"));
    }
    let revision = held.plan.revision;
    let said = |decision, comment| Said { revision, decision, comment, in_meeting: false };
    let said = match step {
        Step::Confirm { comment } => Some(said(
            SignOffDecision::Approved,
            comment.and_then(|words| field::text(&mut refusals, "comment", &words, WORDS)),
        )),
        Step::Return { comment } => {
            Some(said(SignOffDecision::Returned, field::reason(&mut refusals, "comment", &comment)))
        }
        Step::Start | Step::Submit => None,
    };
    refusals.check()?;
    if let Some(said) = said {
        sign_off::record(call, &tx, row.client_id, Of::Block(id), said).await?;
    }
    let change = Change::of("Block", id).before(&summary(&held.block)).after(&summary(&row));
    write(tx, permit, change, held.plan, row).await
}

/// Removes a block that nobody has begun, worked in or spoken about.
///
/// # Errors
/// Refused: WRONG_STATUS where it is begun, or holds tasks or comments.
pub async fn delete(call: &Call, id: BlockId) -> Result<plan::Model> {
    let mut tx = call.begin().await?;
    let (held, permit) = hold(call, &tx, id, Action::PlanManage).await?;
    let mut refusals = Refusals::default();
    editable(&held.plan, &mut refusals);
    if held.block.status != BlockStatus::Planned {
        refusals.push(wrong_status(rule::BlockRefused(held.block.status)));
    }
    if !store::block::is_empty(&tx, id).await? {
        refusals.push(wrong_status("the block holds tasks or comments"));
    }
    refusals.check()?;
    store::block::delete(&tx, id).await?;
    tx.wake(Topic::Plan(held.plan.client_id, held.plan.id));
    let change = Change::of("Block", id).before(&summary(&held.block)).client(held.plan.client_id);
    tx.commit(permit, change).await?;
    Ok(held.plan)
}

async fn write(
    tx: Tx<'_>,
    permit: Permit,
    change: Change,
    plan: plan::Model,
    mut row: block::Model,
) -> Result<Touched> {
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    finish(tx, permit, change, plan, row).await
}

async fn finish(
    mut tx: Tx<'_>,
    permit: Permit,
    change: Change,
    plan: plan::Model,
    block: block::Model,
) -> Result<Touched> {
    tx.wake(Topic::Plan(block.client_id, block.plan_id));
    tx.commit(permit, change.client(block.client_id)).await?;
    Ok(Touched { block, plan })
}

/// What the audit log keeps of a block.
fn summary(row: &block::Model) -> serde_json::Value {
    serde_json::json!({
        "planId": row.plan_id, "title": row.title, "description": row.description, "status": row.status,
        "position": row.position,
    })
}
