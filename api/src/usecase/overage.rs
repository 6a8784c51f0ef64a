//! Extra minutes that the client's owner approves for the running period (B-7).

use domain::engagement::OveragePolicy;
use domain::id::EngagementId;
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use serde::Serialize;
use uuid::Uuid;

use super::engagement::{MINUTES, check_minutes, open_due};
use super::top_up::{Done, nothing_runs, replayed, running};
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change};

/// What is approved.
#[derive(Debug, Clone, Serialize)]
pub struct Approve {
    pub engagement_id: EngagementId,
    /// In addition to what was approved for the period before.
    pub minutes: i32,
}

/// Approves extra minutes for the running period, beyond those approved before (B-7).
///
/// # Errors
/// Refused: WRONG_STATUS where no period runs or the engagement does not ask its client, INVALID minutes.
pub async fn approve(call: &Call, command: Approve, key: Option<Uuid>) -> Result<Done> {
    let mut tx = call.begin().await?;
    let row = store::engagement::lock(&tx, command.engagement_id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::OverageApprove, &Target::client(row.client_id))?;
    let (row, book) = open_due(&mut tx, row).await?;
    let running = running(&row, book);
    let made: Vec<Uuid> = running.iter().map(|(_, period)| period.id.0).collect();
    if let Some(made) = tx.replay(key, "overageApprove", &command, &made).await? {
        return replayed(&tx, row, &made).await;
    }
    let Some((mut book, period)) = running else { return Err(nothing_runs()) };
    if row.overage_policy != OveragePolicy::AskClient {
        let text = "The engagement does not ask its client for extra minutes.";
        return Err(Error::refused(ErrorCode::WrongStatus, text));
    }
    let mut refusals = Refusals::default();
    check_minutes(command.minutes, "minutes", &mut refusals);
    let before = period.approved_overage_minutes;
    let approved = before.saturating_add(command.minutes);
    if approved > MINUTES && command.minutes <= MINUTES {
        let text = format!("At most {MINUTES} minutes are approved for a period.");
        refusals.push(Refusal::new(ErrorCode::Invalid, text).at("minutes"));
    }
    refusals.check()?;
    book.period_mut(period.number)?.approved_overage_minutes = approved;
    book.save(&mut tx).await?;
    let period = book.period(period.number).cloned().ok_or(Error::NotFound)?;
    let change = Change::of("Period", period.id)
        .before(&serde_json::json!({"approvedOverageMinutes": before}))
        .after(&serde_json::json!({"approvedOverageMinutes": period.approved_overage_minutes}));
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok((row, period))
}
