//! Giving an engagement up (E-2): a draft at once, a support for the end of its running period.

use std::collections::BTreeSet;

use chrono::Days;
use domain::engagement::{EngagementEvent, EngagementStatus, Length, next};
use domain::id::EngagementId;
use domain::ledger::expire;
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::{Text, TextError};
use entity::engagement;

use super::super::ledger::{Book, Cause, counters};
use super::{TEXT, bought, open_due, summary};
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Result};
use crate::store::{self, Change, Tx};

/// Cancels an engagement. One that runs until cancelled stays ACTIVE until its running period ends, and no other
/// period opens; one that has not begun yet, or is for a length of its own, ends at once, and what was kept lapses
/// (B-8).
///
/// # Errors
/// Refused: REASON_REQUIRED, WRONG_STATUS where it has ended or is cancelled already.
pub async fn cancel(call: &Call, id: EngagementId, reason: String) -> Result<engagement::Model> {
    let mut tx = call.begin().await?;
    let before = store::engagement::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::EngagementManage, &Target::client(before.client_id))?;
    let reason = Text::parse(&reason, TEXT).map_err(|error| {
        let code = if error == TextError::Empty { ErrorCode::ReasonRequired } else { ErrorCode::Invalid };
        Error::refused_at("reason", code, error.to_string())
    })?;
    let (before, book) = open_due(&mut tx, before).await?;
    let offer = bought(&tx, &before).await?;
    let length = Length::of(offer.terms.length_months.or(before.own_length_months));
    let status = next(before.status, EngagementEvent::Cancel, length)
        .map_err(|error| Error::refused(ErrorCode::WrongStatus, error.to_string()))?;
    if before.ends_on.is_some() {
        return Err(Error::refused(
            ErrorCode::WrongStatus,
            "It is cancelled already and ends with its period.",
        ));
    }
    let mut row = before.clone();
    row.end_reason = Some(reason.into());
    let running = book.as_ref().and_then(Book::running).map(|period| period.ends_on);
    match (status, running) {
        (EngagementStatus::Active, Some(ends_on)) => row.ends_on = Some(ends_on),
        _ => {
            row.status = EngagementStatus::Cancelled;
            row.ended_at = Some(tx.now());
            if let Some(mut book) = book {
                // Today is served to its end, but no day behind the last period; an engagement that has not begun
                // serves no day.
                let tomorrow = book.today.checked_add_days(Days::new(1));
                row.ends_on = row.starts_on.max(book.last().map(|last| last.ends_on).min(tomorrow));
                lapse(&mut tx, &mut book).await?;
            }
        }
    }
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    tx.wake(Topic::Balance(row.client_id, id));
    let change = Change::of("Engagement", id).before(&summary(&before)).after(&summary(&row));
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok(row)
}

/// Lets what is left in the periods that are open end with the engagement (B-8).
async fn lapse(tx: &mut Tx<'_>, book: &mut Book) -> Result<()> {
    let last = book.last().map_or(0, |period| period.number);
    let open: BTreeSet<i32> = (1..=last)
        .filter(|number| book.period(*number).is_some_and(|period| period.closed_at.is_none()))
        .collect();
    for number in open {
        let left = book.period(number).and_then(|period| expire(counters(period)));
        if let Some(expiry) = left {
            book.record(tx, number, expiry, Cause::default())?;
        }
        let now = tx.now();
        book.period_mut(number)?.closed_at = Some(now);
    }
    book.save(tx).await
}
