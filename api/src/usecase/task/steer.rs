//! How a client's owner steers work to come: a limit, urgency, the first place (P-5, P-6). What was logged stays.

use domain::id::TaskId;
use domain::policy::Action;

use super::place::{Place, place};
use super::{Held, Touched, finish};
use crate::app::Call;
use crate::error::{Refusals, Result};
use crate::usecase::field;

/// Sets the minutes at which a task warns; none takes the limit away. Logging goes on beyond it (P-6).
///
/// # Errors
/// Refused: INVALID minutes; WRONG_STATUS where the task or its plan is closed.
pub async fn limit(call: &Call, id: TaskId, limit_minutes: Option<i32>) -> Result<Touched> {
    let tx = call.begin().await?;
    let held = Held::take(&tx, id).await?;
    let permit = held.permit(call, Action::TaskSteer)?;
    let mut refusals = Refusals::default();
    held.open(&mut refusals);
    let mut row = held.task.clone();
    row.limit_minutes = field::minutes(&mut refusals, "limitMinutes", limit_minutes);
    refusals.check()?;
    finish(tx, permit, Some(held.task), row, held.plan).await
}

/// Marks a task urgent or not, and puts it first in its block or inbox where asked to (P-5).
///
/// # Errors
/// Refused: WRONG_STATUS where the task or its plan is closed.
pub async fn urgent(call: &Call, id: TaskId, urgent: bool, first: bool) -> Result<Touched> {
    let tx = call.begin().await?;
    let held = Held::take(&tx, id).await?;
    let permit = held.permit(call, Action::TaskSteer)?;
    let mut refusals = Refusals::default();
    held.open(&mut refusals);
    refusals.check()?;
    let mut row = held.task.clone();
    row.urgent = urgent;
    if first {
        row.position = place(&tx, &row, Place::First).await?;
    }
    finish(tx, permit, Some(held.task), row, held.plan).await
}
