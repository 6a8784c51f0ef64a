//! Plans: goals, an overall estimate, and the way to the client's approval (P-1, C-3).
//!
//! A plan's estimate is given by hand before there is a single task; the sums of its tasks stand beside it, each
//! figure apart (P-3). A sign-off names the revision that the client has read: one for an older revision is a conflict
//! and changes nothing. A plan is completed once none of its tasks is open, so that no task is stranded in it.

use domain::id::{ClientId, PlanId};
use domain::plan::{self as rule, PlanEvent, PlanKind, PlanStatus, SignOffDecision};
use domain::policy::{Action, Permit, Scope, Target};
use domain::refusal::ErrorCode;
use entity::plan;
use serde::Serialize;
use uuid::Uuid;

use super::field::{self, TITLE, WORDS, wrong_status};
use super::patch::{Edited, Patch, set, set_required};
use super::sign_off::{self, Of, Said};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx};

/// The most goals of a plan: they are a plain list.
const GOALS: usize = 20;

/// One visible plan.
///
/// # Errors
/// The caller reads no plans at all; the database's own.
pub async fn find(call: &Call, id: PlanId) -> Result<Option<plan::Model>> {
    let scope = call.scope(Action::PlanRead)?;
    Ok(store::plan::find(call.app.db.reading(), &scope, id).await?)
}

/// What a new plan is made from.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub client_id: ClientId,
    pub kind: PlanKind,
    pub title: String,
    pub goals: Vec<String>,
    pub estimate_minutes: Option<i32>,
}

/// Creates a plan, as a draft (P-1, C-3).
///
/// # Errors
/// Refused: INVALID fields; SERVICE_NOT_OFFERED for a kind that this version does not offer.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<plan::Model> {
    let client = command.client_id;
    let permit = call.permit(Action::PlanManage, &Target::client(client))?;
    let tx = call.begin().await?;
    let id = PlanId::new();
    if let Some(made) = tx.replay(key, "planCreate", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(PlanId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    store::client::find(tx.connection(), &Scope::All, client).await?.ok_or(Error::NotFound)?;
    let mut refusals = Refusals::default();
    if command.kind != PlanKind::Development {
        refusals.push(
            Refusal::new(ErrorCode::ServiceNotOffered, "Implementation plans are not offered yet.")
                .at("kind"),
        );
    }
    let now = tx.now();
    let mut row = plan::Model {
        id,
        client_id: client,
        kind: command.kind,
        title: String::new(),
        status: PlanStatus::Draft,
        revision: 1,
        estimate_minutes: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let update = Update {
        title: Some(Some(command.title)),
        goals: Some(command.goals),
        estimate_minutes: Some(command.estimate_minutes),
    };
    let goals = apply(&mut row, update, &mut refusals).unwrap_or_default();
    refusals.check()?;
    store::insert(&tx, row.clone()).await?;
    store::plan::set_goals(&tx, id, &goals).await?;
    let change = Change::of("Plan", id).after(&summary(&row, &goals));
    finish(tx, permit, change, &row).await?;
    Ok(row)
}

/// What changes of a plan.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub title: Patch<String>,
    pub goals: Option<Vec<String>>,
    pub estimate_minutes: Patch<i32>,
}

/// Changes a plan's title, goals and overall estimate (P-1, C-3).
///
/// # Errors
/// Refused: INVALID fields; WRONG_STATUS where the plan is completed.
pub async fn update(
    call: &Call,
    id: PlanId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<plan::Model>> {
    let tx = call.begin().await?;
    let before = store::plan::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::PlanManage, &Target::client(before.client_id))?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let mut refusals = Refusals::default();
    editable(&before, &mut refusals);
    let old_goals = store::plan::goals(tx.connection(), id).await?;
    let mut row = before.clone();
    let goals = apply(&mut row, command, &mut refusals);
    refusals.check()?;
    if let Some(goals) = &goals {
        store::plan::set_goals(&tx, id, goals).await?;
    }
    let goals = goals.unwrap_or_else(|| old_goals.clone());
    let change = Change::of("Plan", id).before(&summary(&before, &old_goals)).after(&summary(&row, &goals));
    Ok(Edited::Done(write(tx, permit, change, row).await?))
}

/// Puts an update into a row; returns the new goals where they change.
fn apply(row: &mut plan::Model, update: Update, refusals: &mut Refusals) -> Option<Vec<String>> {
    let title = match update.title {
        Some(Some(title)) => field::text(refusals, "title", &title, TITLE).map(Some),
        other => other,
    };
    set_required(&mut row.title, title, "title", refusals);
    let estimate = update.estimate_minutes.map(|value| field::minutes(refusals, "estimateMinutes", value));
    set(&mut row.estimate_minutes, estimate);
    update.goals.map(|goals| {
        if goals.len() > GOALS {
            refusals.push(
                Refusal::new(ErrorCode::Invalid, format!("A plan has at most {GOALS} goals.")).at("goals"),
            );
        }
        goals.iter().filter_map(|goal| field::text(refusals, "goals", goal, WORDS)).collect()
    })
}

/// A step of a plan.
#[derive(Debug, Clone)]
pub enum Step {
    Submit,
    /// The client approves the revision that they have read.
    Approve {
        revision: i32,
        comment: Option<String>,
    },
    /// The client returns the revision that they have read.
    Return {
        revision: i32,
        comment: String,
    },
    Start,
    Complete,
}

/// Takes a plan a step on (P-1).
///
/// # Errors
/// Refused: WRONG_STATUS; REASON_REQUIRED for a return without a comment.
pub async fn step(call: &Call, id: PlanId, step: Step) -> Result<Edited<plan::Model>> {
    let tx = call.begin().await?;
    let before = store::plan::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let (action, event) = match &step {
        Step::Submit => (Action::PlanManage, PlanEvent::Submit),
        Step::Approve { .. } => (Action::PlanSignOff, PlanEvent::ClientApprove),
        Step::Return { .. } => (Action::PlanSignOff, PlanEvent::Return),
        Step::Start => (Action::PlanManage, PlanEvent::Start),
        Step::Complete => (Action::PlanManage, PlanEvent::Complete),
    };
    let permit = call.permit(action, &Target::client(before.client_id))?;
    let mut refusals = Refusals::default();
    let said = match step {
        Step::Approve { revision, comment } => Some(Said {
            revision,
            decision: SignOffDecision::Approved,
            comment: comment.and_then(|words| field::text(&mut refusals, "comment", &words, WORDS)),
            in_meeting: false,
        }),
        Step::Return { revision, comment } => Some(Said {
            revision,
            decision: SignOffDecision::Returned,
            comment: field::reason(&mut refusals, "comment", &comment),
            in_meeting: false,
        }),
        Step::Submit | Step::Start | Step::Complete => None,
    };
    if said.as_ref().is_some_and(|said| said.revision != before.revision) {
        return Ok(Edited::Conflict(before));
    }
    let mut row = before.clone();
    match rule::next(before.status, event, before.kind) {
        Ok(status) => row.status = status,
        Err(refused) => refusals.push(wrong_status(refused)),
    }
    if event == PlanEvent::Complete {
        let open = store::plan::open_tasks(tx.connection(), id).await?;
        if open > 0 {
            refusals.push(Refusal::new(
                ErrorCode::WrongStatus,
                format!("{open} of its tasks are neither done nor cancelled."),
            ));
        }
    }
    refusals.check()?;
    if event == PlanEvent::Submit {
        let signed = store::sign_off::is_signed_off(tx.connection(), id, before.revision).await?;
        row.revision = rule::revision_on_submit(before.revision, signed);
    }
    if let Some(said) = said {
        sign_off::record(call, &tx, before.client_id, Of::Plan(id), said).await?;
    }
    let state = |row: &plan::Model| serde_json::json!({"status": row.status, "revision": row.revision});
    let change = Change::of("Plan", id).before(&state(&before)).after(&state(&row));
    Ok(Edited::Done(write(tx, permit, change, row).await?))
}

/// Refuses where the plan's status lets nothing in it be changed (P-1).
pub(super) fn editable(row: &plan::Model, refusals: &mut Refusals) {
    if !rule::may_edit_blocks(row.kind, row.status) {
        refusals.push(wrong_status(rule::PlanRefused(row.status)));
    }
}

async fn write(tx: Tx<'_>, permit: Permit, change: Change, mut row: plan::Model) -> Result<plan::Model> {
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    finish(tx, permit, change, &row).await?;
    Ok(row)
}

async fn finish(mut tx: Tx<'_>, permit: Permit, change: Change, row: &plan::Model) -> Result<()> {
    tx.wake(Topic::Plan(row.client_id, row.id));
    tx.commit(permit, change.client(row.client_id)).await
}

/// What the audit log keeps of a plan.
fn summary(row: &plan::Model, goals: &[String]) -> serde_json::Value {
    serde_json::json!({
        "kind": row.kind, "title": row.title, "status": row.status, "revision": row.revision,
        "estimateMinutes": row.estimate_minutes, "goals": goals,
    })
}
