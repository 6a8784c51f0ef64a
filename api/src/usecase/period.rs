//! Periods as the calendar makes them due: each opened once, closed once, however late and by whomever (E-3, E-4, B-4).

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use domain::calendar::midnight;
use domain::course::{Standing, Step, Terms};
use domain::engagement::EngagementStatus;
use domain::id::{EngagementId, PeriodId};
use domain::period::Span;
use domain::policy::{Action, Target};
use domain::tariff::UnusedMinutes;
use entity::{engagement, period};

use super::ledger::{Book, Cause, counters};
use crate::app::Call;
use crate::error::Result;
use crate::store::{self, Change, Tx};

/// Numbers of periods.
pub type Numbers = BTreeSet<i32>;

/// Whether anything can be due: a cheap look before the expensive one.
pub fn may_be_due(engagement: &engagement::Model, last: Option<&period::Model>, today: NaiveDate) -> bool {
    let runs = matches!(engagement.status, EngagementStatus::Active | EngagementStatus::Paused);
    runs && last.is_none_or(|last| last.ends_on <= today)
}

/// A period as the rules look at it.
pub fn standing((period, unused): &(period::Model, UnusedMinutes)) -> Standing {
    Standing {
        number: period.number,
        ends_on: period.ends_on,
        unused: *unused,
        counters: counters(period),
        is_closed: period.closed_at.is_some(),
    }
}

/// A period that begins, before any movement.
pub fn open(engagement: &engagement::Model, zone: Tz, span: &Span, terms: &Terms) -> period::Model {
    period::Model {
        id: PeriodId::nth(engagement.id, span.number),
        engagement_id: engagement.id,
        number: span.number,
        starts_on: span.starts_on,
        ends_on: span.ends_on,
        starts_at: midnight(span.starts_on, zone),
        ends_at: midnight(span.ends_on, zone),
        tariff_revision_id: terms.revision,
        granted_minutes: 0,
        transferred_minutes: 0,
        adjusted_minutes: 0,
        used_minutes: 0,
        expired_minutes: 0,
        approved_overage_minutes: 0,
        closed_at: None,
    }
}

impl Book {
    /// Makes a step true.
    pub(super) fn take_step(&mut self, tx: &Tx<'_>, step: Step) -> Result<()> {
        match step {
            Step::Open { span, terms, grant } => {
                let row = open(&self.engagement, self.zone, &span, &terms);
                self.periods.insert(span.number, (row, terms.unused));
                self.opened.insert(span.number);
                if let Some(grant) = grant {
                    self.record(tx, span.number, grant, Cause::default())?;
                }
            }
            Step::Close { number, expiry } => {
                if let Some(expiry) = expiry {
                    self.record(tx, number, expiry, Cause::default())?;
                }
                let now = tx.now();
                self.period_mut(number)?.closed_at = Some(now);
            }
            Step::End => {
                if let Some((last, _)) = self.periods.last_entry().map(|entry| entry.into_mut()) {
                    last.closed_at.get_or_insert(tx.now());
                    self.touched.insert(last.number);
                }
                self.engagement.status = EngagementStatus::Cancelled;
                self.engagement.ended_at = Some(tx.now());
                self.has_ended = true;
            }
        }
        Ok(())
    }
}

/// Makes true what is due for one engagement, by the system itself (B-4); whether anything was. Where minutes are kept,
/// the last period may be over with nothing due, and then nothing is written.
///
/// # Errors
/// The database's own.
pub async fn roll(call: &Call, id: EngagementId) -> Result<bool> {
    let permit = call.permit(Action::PeriodRoll, &Target::PROVIDER)?;
    let mut tx = call.begin().await?;
    let book = Book::open(&mut tx, id).await?;
    if !book.has_rolled {
        return Ok(false);
    }
    tx.commit(permit, Change::of("Engagement", id).client(book.engagement.client_id)).await?;
    Ok(true)
}

/// Rolls every engagement for which something is due, one transaction each; returns how many.
///
/// # Errors
/// The first that failed, after all were tried.
pub async fn roll_all(call: &Call) -> Result<usize> {
    // A day early in one zone is a day late in another: two days cover all of them.
    let horizon = call.now.date_naive() + Days::new(2);
    let candidates = store::period::ending(&call.app.db, horizon).await?;
    let mut rolled = 0;
    let mut failure = None;
    for (engagement, last) in candidates {
        let Ok(zone) = super::ledger::zone(&engagement) else { continue };
        let today = domain::calendar::local_day(call.now, zone);
        if !may_be_due(&engagement, last.as_ref(), today) {
            continue;
        }
        match roll(call, engagement.id).await {
            Ok(has_rolled) => rolled += usize::from(has_rolled),
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(rolled), Err)
}
