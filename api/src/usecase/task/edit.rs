//! What a task says and is expected to take (P-3).

use domain::id::{TaskId, UserId};
use domain::policy::Action;
use domain::refusal::ErrorCode;
use domain::text::fold;
use entity::task;

use super::{Held, Touched, finish};
use crate::app::Call;
use crate::error::{Refusal, Refusals, Result};
use crate::store::{self, Tx};
use crate::usecase::field::{self, TEXT, TITLE};
use crate::usecase::patch::{Edited, Patch, set, set_required};

/// What changes of a task.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub title: Patch<String>,
    pub description: Patch<String>,
    pub estimate_minutes: Patch<i32>,
    pub development_minutes: Patch<i32>,
    pub assignee_id: Patch<UserId>,
    pub external_id: Patch<String>,
    pub external_url: Patch<String>,
}

/// Changes a task that is open; its block's sums follow.
///
/// # Errors
/// Refused: INVALID fields, an external id that is TAKEN, WRONG_STATUS where the task or its plan is closed.
pub async fn update(
    call: &Call,
    id: TaskId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<Touched>> {
    let tx = call.begin().await?;
    let held = Held::take(&tx, id).await?;
    let permit = held.permit(call, Action::TaskManage)?;
    if held.task.version != expected_version {
        let block = match held.task.block_id {
            Some(block) => store::block::get(&tx, block).await?,
            None => None,
        };
        return Ok(Edited::Conflict(Touched { task: held.task, block, left: None, plan: held.plan }));
    }
    let mut refusals = Refusals::default();
    held.open(&mut refusals);
    let mut row = held.task.clone();
    apply(&tx, &mut row, command, &mut refusals).await?;
    refusals.check()?;
    Ok(Edited::Done(finish(tx, permit, Some(held.task), row, held.plan).await?))
}

/// Puts an update into a row.
pub(super) async fn apply(
    tx: &Tx<'_>,
    row: &mut task::Model,
    update: Update,
    refusals: &mut Refusals,
) -> Result<()> {
    if let Some(Some(assignee)) = update.assignee_id {
        let today = tx.now().date_naive();
        if !store::task::is_on_team(tx.connection(), row.client_id, assignee, today).await? {
            refusals.push(
                Refusal::new(ErrorCode::Invalid, "The person is not on the client's team.").at("assigneeId"),
            );
        }
    }
    set(&mut row.assignee_id, update.assignee_id);
    let title = match update.title {
        Some(Some(title)) => field::text(refusals, "title", &title, TITLE).map(Some),
        other => other,
    };
    set_required(&mut row.title, title, "title", refusals);
    row.title_key = fold(&row.title);
    let mut text = |patch: Patch<String>, name, most| -> Patch<String> {
        patch.map(|value| value.and_then(|value| field::text(refusals, name, &value, most)))
    };
    set(&mut row.description, text(update.description, "description", TEXT));
    set(&mut row.external_id, text(update.external_id, "externalId", 200));
    let url =
        update.external_url.map(|value| value.and_then(|value| field::url(refusals, "externalUrl", &value)));
    set(&mut row.external_url, url);
    let estimate = update.estimate_minutes.map(|value| field::minutes(refusals, "estimateMinutes", value));
    set(&mut row.estimate_minutes, estimate);
    let development =
        update.development_minutes.map(|value| field::minutes(refusals, "developmentMinutes", value));
    set(&mut row.development_minutes, development);
    Ok(())
}
