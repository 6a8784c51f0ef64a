//! Engagements: one client buying one tariff, from a day (E-1 to E-5).
//!
//! An engagement is written as an offer (`draft`), begins once its start conditions hold (`start`), runs month by month
//! (`period` reads the months as the clock has them), moves to another tariff with the next month (`tariff`) and ends
//! (`end`). Its row is locked before its ledger's head, always in that order.

pub mod draft;
pub mod end;
pub mod period;
pub mod setting;
pub mod start;
pub mod tariff;

use chrono::{Days, NaiveDate};
use domain::id::EngagementId;
use domain::policy::Action;
use domain::refusal::ErrorCode;
use entity::engagement;
use serde::Serialize;

use super::ledger::Book;
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::engagement::Offer;
use crate::store::{self, Tx};

/// The longest note or reason, in characters.
pub(super) const TEXT: usize = 10_000;
/// The most minutes that one engagement, top-up or approval states: 10,000 hours.
pub(super) const MINUTES: i32 = 600_000;

/// One visible engagement.
///
/// # Errors
/// The caller reads no engagements at all; the database's own.
pub async fn find(call: &Call, id: EngagementId) -> Result<Option<engagement::Model>> {
    let scope = call.scope(Action::EngagementRead)?;
    Ok(store::engagement::find(call.app.db.reading(), &scope, id).await?)
}

/// The terms that an engagement was bought on, inside a unit of work.
pub(super) async fn bought(tx: &Tx<'_>, row: &engagement::Model) -> Result<Offer> {
    store::engagement::bought(tx.connection(), row.tariff_revision_id)
        .await?
        .ok_or_else(|| Error::Internal(format!("engagement {:?} has no terms", row.id)))
}

/// Makes true what the calendar has made due for an engagement that has begun, before anything else is written of it;
/// the engagement as it is then, with its open book (E-3, B-4). A draft has none.
pub(super) async fn open_due(
    tx: &mut Tx<'_>,
    row: engagement::Model,
) -> Result<(engagement::Model, Option<Book>)> {
    if row.started_at.is_none() {
        return Ok((row, None));
    }
    let book = Book::open(tx, row.id).await?;
    Ok((book.engagement.clone(), Some(book)))
}

/// Refuses a day that is more than so many days away: a slip of the pen rather than a wish.
pub(super) fn check_near(
    day: NaiveDate,
    today: NaiveDate,
    days: u64,
    field: &'static str,
    refusals: &mut Refusals,
) {
    let away = Days::new(days);
    if day < today - away || day > today + away {
        refusals.push(
            Refusal::new(ErrorCode::Invalid, format!("The day is more than {days} days away.")).at(field),
        );
    }
}

/// Refuses minutes that are not at least 1, or beyond reason.
pub(super) fn check_minutes(minutes: i32, field: &'static str, refusals: &mut Refusals) {
    if !(1..=MINUTES).contains(&minutes) {
        refusals.push(Refusal::new(ErrorCode::Invalid, format!("Minutes are 1 to {MINUTES}.")).at(field));
    }
}

/// What the audit log keeps of an engagement.
pub(super) fn summary(row: &engagement::Model) -> impl Serialize + use<> {
    serde_json::json!({
        "tariffRevision": row.tariff_revision_id, "planId": row.plan_id, "sellerId": row.seller_id,
        "status": row.status, "startsOn": row.starts_on, "endsOn": row.ends_on, "timeZone": row.time_zone,
        "overagePolicy": row.overage_policy, "grantUnpaid": row.grant_unpaid, "ownMinutes": row.own_minutes,
        "ownLengthMonths": row.own_length_months, "priceMinor": row.price_minor, "currency": row.currency,
        "saleNote": row.sale_note, "endReason": row.end_reason,
    })
}
