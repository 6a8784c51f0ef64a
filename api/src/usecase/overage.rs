//! Time beyond the balance (B-7): the client is asked for extra minutes and approves them for the running period; what
//! is left of it at a period's end is carried into the next or written off.

use domain::engagement::OveragePolicy;
use domain::id::EngagementId;
use domain::ledger::{Movement, OverageDecision};
use domain::notification::Content;
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::tariff::UnusedMinutes;
use serde::Serialize;
use uuid::Uuid;

use super::engagement::{MINUTES, check_minutes, open_due};
use super::field;
use super::ledger::{Book, Cause, counters};
use super::notification::{Audience, Notice, notify};
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

/// What is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Ask {
    pub engagement_id: EngagementId,
    pub minutes: i32,
    pub reason: String,
}

/// Asks the client's owners to approve extra minutes for the running period (B-7).
///
/// # Errors
/// Refused: WRONG_STATUS where no period runs or the engagement does not ask its client, INVALID fields.
pub async fn ask(call: &Call, command: Ask, key: Option<Uuid>) -> Result<Done> {
    let mut tx = call.begin().await?;
    let row = store::engagement::lock(&tx, command.engagement_id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::OverageAsk, &Target::client(row.client_id))?;
    let (row, book) = open_due(&mut tx, row).await?;
    let running = running(&row, book);
    let made: Vec<Uuid> = running.iter().map(|(_, period)| period.id.0).collect();
    if let Some(made) = tx.replay(key, "overageAsk", &command, &made).await? {
        return replayed(&tx, row, &made).await;
    }
    let Some((_, period)) = running else { return Err(nothing_runs()) };
    if row.overage_policy != OveragePolicy::AskClient {
        let text = "The engagement does not ask its client for extra minutes.";
        return Err(Error::refused(ErrorCode::WrongStatus, text));
    }
    let mut refusals = Refusals::default();
    check_minutes(command.minutes, "minutes", &mut refusals);
    let reason = field::reason(&mut refusals, "reason", &command.reason);
    refusals.check()?;
    let client = store::client::get(tx.connection(), row.client_id).await?.ok_or(Error::NotFound)?;
    let by = match call.actor.user_id() {
        Some(user) => store::user::get(tx.connection(), user).await?.map(|user| user.name),
        None => None,
    };
    let notice = Notice {
        client: Some(row.client_id),
        audience: Audience::owners(),
        content: Content::ApprovalAsked {
            client: client.name,
            by: by.unwrap_or_default(),
            minutes: command.minutes,
            reason: reason.unwrap_or_default(),
        },
        subject: Some(("Engagement", row.id.0)),
        once: Uuid::now_v7().to_string(),
    };
    notify(call, &mut tx, notice).await?;
    let change = Change::of("Period", period.id).after(&command);
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok((row, period))
}

/// What becomes of the overage of a period that has ended.
#[derive(Debug, Clone, Serialize)]
pub struct Settle {
    pub engagement_id: EngagementId,
    pub period: i32,
    pub decision: OverageDecision,
    pub note: Option<String>,
}

/// Carries the overage of an ended period into the running one, or writes it off (B-7).
///
/// # Errors
/// Refused: NOT_FOUND for a period that never was, WRONG_STATUS for one that runs, has no overage, or cannot be carried
/// since none runs; INVALID fields.
pub async fn settle(call: &Call, command: Settle, key: Option<Uuid>) -> Result<Done> {
    let mut tx = call.begin().await?;
    let row = store::engagement::lock(&tx, command.engagement_id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::OverageSettle, &Target::client(row.client_id))?;
    let mut book = match Book::open(&mut tx, row.id).await {
        Err(Error::NotFound) => return Err(nothing_runs()),
        book => book?,
    };
    let found = store::ledger::periods(tx.connection(), row.id)
        .await?
        .into_iter()
        .find(|period| period.number == command.period);
    let made: Vec<Uuid> = found.iter().map(|period| period.id.0).collect();
    if let Some(made) = tx.replay(key, "overageSettle", &command, &made).await? {
        return replayed(&tx, row, &made).await;
    }
    let Some(period) = found else {
        return Err(Error::refused_at("period", ErrorCode::NotFound, "There is no such period."));
    };
    let mut refusals = Refusals::default();
    let note = command.note.as_ref().and_then(|note| field::text(&mut refusals, "note", note, field::WORDS));
    let overage = counters(&period).overage();
    if period.closed_at.is_none() {
        refusals.push(Refusal::new(ErrorCode::WrongStatus, "The period has not ended yet.").at("period"));
    } else if overage == 0 {
        refusals.push(Refusal::new(ErrorCode::WrongStatus, "The period has no overage.").at("period"));
    }
    let running = book.running().map(|running| running.number);
    if command.decision == OverageDecision::Carry && running.is_none() {
        let text = "No period runs into which it could be carried.";
        refusals.push(Refusal::new(ErrorCode::WrongStatus, text).at("decision"));
    }
    refusals.check()?;
    let fault = |error: domain::ledger::LedgerError| Error::Internal(error.to_string());
    let cause = || Cause { note: note.clone(), ..Cause::default() };
    let number = period.number;
    // What becomes of unused minutes plays no part: the period is over.
    book.take(period, UnusedMinutes::Expire);
    match (command.decision, running) {
        (OverageDecision::Carry, Some(into)) => {
            book.record(&tx, number, Movement::transfer(overage).map_err(fault)?, cause())?;
            book.record(&tx, into, Movement::transfer(-overage).map_err(fault)?, cause())?;
        }
        _ => {
            book.record(&tx, number, Movement::adjustment(overage).map_err(fault)?, cause())?;
        }
    }
    book.save(&mut tx).await?;
    let period = book.period(number).cloned().ok_or(Error::NotFound)?;
    let change = Change::of("Period", period.id).after(&command);
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok((row, period))
}
