//! What is set on an engagement by itself, drafts and running ones alike: its plan, and two of its policies (B-7, E-4).

use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::id::{EngagementId, PlanId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use entity::engagement;

use super::draft::check_plan;
use super::{bought, open_due, summary};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusals, Result};
use crate::store::{self, Change};

/// One setting and its value.
#[derive(Debug, Clone, Copy)]
pub enum Setting {
    /// The plan that is worked on; none takes it away from a draft.
    Plan(Option<PlanId>),
    /// What happens to time beyond the balance (B-7); it holds for what is logged from now on.
    OveragePolicy(OveragePolicy),
    /// Whether periods that begin from now on are granted without payment, the first excepted (E-4).
    GrantUnpaid(bool),
}

/// Sets it.
///
/// # Errors
/// Refused: WRONG_STATUS once the engagement has ended, a plan that is INVALID.
pub async fn set(call: &Call, id: EngagementId, setting: Setting) -> Result<engagement::Model> {
    let mut tx = call.begin().await?;
    let before = store::engagement::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::EngagementManage, &Target::client(before.client_id))?;
    let (before, _) = open_due(&mut tx, before).await?;
    if matches!(before.status, EngagementStatus::Completed | EngagementStatus::Cancelled) {
        return Err(Error::refused(ErrorCode::WrongStatus, "The engagement has ended."));
    }
    let mut row = before.clone();
    match setting {
        Setting::Plan(None) if row.status != EngagementStatus::Draft => {
            return Err(Error::refused_at(
                "planId",
                ErrorCode::Invalid,
                "A running engagement keeps a plan.",
            ));
        }
        Setting::Plan(plan) => {
            row.plan_id = plan;
            let mut refusals = Refusals::default();
            let offer = bought(&tx, &row).await?;
            check_plan(&tx, &row, &offer, &mut refusals).await?;
            refusals.check()?;
        }
        Setting::OveragePolicy(policy) => row.overage_policy = policy,
        Setting::GrantUnpaid(grant) => row.grant_unpaid = grant,
    }
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    tx.wake(Topic::Balance(row.client_id, id));
    let change = Change::of("Engagement", id).before(&summary(&before)).after(&summary(&row));
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok(row)
}
