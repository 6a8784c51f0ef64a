//! The steps of a task (P-4).

use domain::id::TaskId;
use domain::plan::{SignOffDecision, may_work};
use domain::policy::Action;
use domain::task::{TaskEvent, TaskState, TaskStatus, is_accepted_by_client};

use super::{Held, Touched, Written, write};
use crate::app::Call;
use crate::error::{Refusals, Result};
use crate::store::Tx;
use crate::usecase::field::{self, WORDS, wrong_status};
use crate::usecase::sign_off::{self, Of, Said};

/// A step of a task.
#[derive(Debug, Clone)]
pub enum Step {
    Start,
    Submit,
    /// By the client, or recorded by the provider where the client said so in a meeting.
    Accept {
        comment: Option<String>,
        in_meeting: bool,
    },
    Return {
        comment: String,
        in_meeting: bool,
    },
    Pause,
    Resume,
    Cancel {
        reason: String,
    },
}

impl Step {
    fn event(&self) -> TaskEvent {
        match self {
            Self::Start => TaskEvent::Start,
            Self::Submit => TaskEvent::Submit,
            Self::Accept { .. } => TaskEvent::Accept,
            Self::Return { .. } => TaskEvent::Return,
            Self::Pause => TaskEvent::Pause,
            Self::Resume => TaskEvent::Resume,
            Self::Cancel { .. } => TaskEvent::Cancel,
        }
    }

    /// The right that the step needs.
    fn action(&self, held: &Held) -> Action {
        match self {
            Self::Start | Self::Submit => Action::TaskWork,
            Self::Pause | Self::Resume | Self::Cancel { .. } => Action::TaskSteer,
            Self::Accept { in_meeting: true, .. } | Self::Return { in_meeting: true, .. } => {
                Action::TaskAcceptInMeeting
            }
            Self::Accept { .. } | Self::Return { .. } => {
                if is_accepted_by_client(held.plan.as_ref().map(|plan| plan.kind)) {
                    Action::TaskSignOff
                } else {
                    Action::TaskWork
                }
            }
        }
    }
}

/// Takes a task a step on (P-4, P-5). A cancelled one leaves its block's estimates; what was spent stays.
///
/// # Errors
/// Refused: WRONG_STATUS; REASON_REQUIRED for a return or a cancelling without words.
pub async fn step(call: &Call, id: TaskId, step: Step) -> Result<Touched> {
    let mut tx = call.begin().await?;
    step_within(call, &mut tx, id, step).await?.commit(tx).await
}

/// The same as a part of a unit of work.
///
/// # Errors
/// As [`step`].
pub async fn step_within(call: &Call, tx: &mut Tx<'_>, id: TaskId, step: Step) -> Result<Written> {
    let held = Held::take(tx, id).await?;
    let permit = held.permit(call, step.action(&held))?;
    let mut refusals = Refusals::default();
    let event = step.event();
    let mut row = held.task.clone();
    let state = TaskState { status: row.status, paused_from: row.paused_from };
    let works = held.plan.as_ref().is_none_or(|plan| may_work(plan.kind, plan.status));
    match state.next(event) {
        Ok(_) if !works => refusals.push(wrong_status("the plan's status does not allow this")),
        Ok(state) => (row.status, row.paused_from) = (state.status, state.paused_from),
        Err(refused) => refusals.push(wrong_status(refused)),
    }
    let revision = held.plan.as_ref().map_or(1, |plan| plan.revision);
    let said = match step {
        Step::Accept { comment, in_meeting } => Some(Said {
            revision,
            decision: SignOffDecision::Approved,
            comment: comment.and_then(|words| field::text(&mut refusals, "comment", &words, WORDS)),
            in_meeting,
        }),
        Step::Return { comment, in_meeting } => Some(Said {
            revision,
            decision: SignOffDecision::Returned,
            comment: field::reason(&mut refusals, "comment", &comment),
            in_meeting,
        }),
        Step::Cancel { reason } => {
            row.cancel_reason = field::reason(&mut refusals, "reason", &reason);
            None
        }
        Step::Start | Step::Submit | Step::Pause | Step::Resume => None,
    };
    refusals.check()?;
    if row.status == TaskStatus::Done {
        row.done_at = Some(tx.now());
    }
    if let Some(said) = said {
        sign_off::record(call, tx, row.client_id, Of::Task(id), said).await?;
    }
    write(tx, permit, Some(held.task), row, held.plan).await
}
