//! Payments: what was paid for which periods, and the minutes that this grants (E-4).
//!
//! A payment names periods by number, also those not begun and those of a draft; they are granted when they begin. One
//! that runs is granted at once, which covers what was used meanwhile. One that has ended is granted as much as it
//! overused, and the running period gets the rest; where none runs, the rest stays on the payment as unused.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::engagement::{EngagementStatus, Length};
use domain::id::{EngagementId, PaymentId};
use domain::ledger::{GrantCause, Movement, late_payment};
use domain::money::Money;
use domain::period::{Span, span};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::tariff::{GrantRule, own_grant_minutes};
use domain::text::Text;
use entity::{engagement, payment, payment_period, period, tariff_revision};
use serde::Serialize;
use uuid::Uuid;

use super::client::today;
use super::engagement::{bought, open_due};
use super::ledger::{Book, Cause, counters};
use super::price::Amount;
use crate::app::Call;
use crate::bus::Topic;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::engagement::Offer;
use crate::store::{self, Change, Tx};

/// The longest reference, in characters.
pub(super) const REFERENCE: usize = 200;
/// The most periods that one payment names, and the highest number of one: fifty years of months.
const PERIODS: i32 = 600;
/// How long ago a payment may have been made, in days.
const PAST: u64 = 3660;

/// A payment of a client whose prices the caller reads.
///
/// # Errors
/// The caller reads no prices at all; the database's own.
pub async fn find(call: &Call, id: PaymentId) -> Result<Option<payment::Model>> {
    let scope = call.scope(Action::PriceRead)?;
    let db = call.app.db.reading();
    let Some(row) = store::payment::get(db, id).await? else { return Ok(None) };
    let seen = store::engagement::find(db, &scope, row.engagement_id).await?;
    Ok(seen.map(|_| row))
}

/// What was paid.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    pub engagement_id: EngagementId,
    pub reference: String,
    pub paid_on: NaiveDate,
    pub amount: Amount,
    pub periods: Vec<i32>,
}

/// A payment with its engagement as it is now.
pub type Recorded = (payment::Model, engagement::Model);

/// Records a payment (E-4). The same reference with the same figures changes nothing.
///
/// # Errors
/// Refused: WRONG_STATUS for what never began and was given up, INVALID and FUTURE_DAY fields, TAKEN for a reference
/// with other figures, ALREADY_PAID.
pub async fn record(call: &Call, command: Record, key: Option<Uuid>) -> Result<Recorded> {
    let mut tx = call.begin().await?;
    let row = store::engagement::lock(&tx, command.engagement_id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::PaymentRecord, &Target::client(row.client_id))?;
    let id = PaymentId::new();
    if let Some(made) = tx.replay(key, "paymentRecord", &command, &[id.0]).await? {
        let made = made.first().copied().map(PaymentId).ok_or(Error::NotFound)?;
        // The key may stand for a payment that was on record under its reference before.
        let found = match store::payment::get(tx.connection(), made).await? {
            None => store::payment::of_reference(tx.connection(), row.id, command.reference.trim()).await?,
            found => found,
        };
        return Ok((found.ok_or(Error::NotFound)?, row));
    }
    let (row, mut book) = open_due(&mut tx, row).await?;
    if row.status == EngagementStatus::Cancelled && row.started_at.is_none() {
        return Err(Error::refused(ErrorCode::WrongStatus, "The offer was given up."));
    }
    let offer = bought(&tx, &row).await?;
    let Some((fresh, periods)) = check(&tx, &row, &offer, id, &command).await? else {
        let known = store::payment::of_reference(tx.connection(), row.id, command.reference.trim()).await?;
        return Ok((known.ok_or(Error::NotFound)?, row));
    };
    let mut payment = payment::Model { recorded_by: call.actor.user_id(), ..fresh };
    let mut grants = Vec::new();
    if let Some(book) = &mut book {
        grants = plan_grants(&tx, book, &periods).await?;
        payment.unused_minutes = grants.iter().filter(|grant| grant.0.is_none()).map(|grant| grant.1).sum();
    }
    store::insert(&tx, payment.clone()).await?;
    let rows = periods.iter().map(|number| payment_period::Model {
        payment_id: id,
        engagement_id: row.id,
        period_number: *number,
    });
    store::payment::add_periods(&tx, rows.collect()).await?;
    if let Some(book) = &mut book {
        for (number, minutes, cause) in grants {
            let (Some(number), Ok(grant)) = (number, Movement::grant(minutes, cause)) else { continue };
            book.record(&tx, number, grant, Cause { payment: Some(id), ..Cause::default() })?;
        }
        book.save(&mut tx).await?;
        super::warning::arm(&tx, book).await?;
    }
    tx.wake(Topic::Balance(row.client_id, row.id));
    let change = Change::of("Payment", id).after(&summary(&payment, &periods));
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok((payment, row))
}

/// The payment to be written and its periods; none where the very same is on record already.
async fn check(
    tx: &Tx<'_>,
    row: &engagement::Model,
    offer: &Offer,
    id: PaymentId,
    command: &Record,
) -> Result<Option<(payment::Model, BTreeSet<i32>)>> {
    let mut refusals = Refusals::default();
    let reference = refusals.take("reference", Text::parse(&command.reference, REFERENCE));
    let money = command.amount.read("amount", &mut refusals);
    let client = store::client::get(tx.connection(), row.client_id).await?.ok_or(Error::NotFound)?;
    let today = today(&client, tx.now());
    if command.paid_on > today {
        let text = "A payment is recorded once it is made.";
        refusals.push(Refusal::new(ErrorCode::FutureDay, text).at("paidOn"));
    }
    super::engagement::check_near(command.paid_on.min(today), today, PAST, "paidOn", &mut refusals);
    let periods: BTreeSet<i32> = command.periods.iter().copied().collect();
    check_periods(row, offer, &periods, &mut refusals);
    let (Some(reference), Some(money)) = (reference, money) else {
        refusals.check()?;
        return Err(Error::Internal("a payment neither read nor refused".to_owned()));
    };
    let reference: String = reference.into();
    let paid = store::payment::paid_periods(tx.connection(), row.id).await?;
    if let Some(known) = store::payment::of_reference(tx.connection(), row.id, &reference).await? {
        let its: BTreeSet<i32> =
            paid.iter().filter(|paid| paid.payment_id == known.id).map(|paid| paid.period_number).collect();
        if is_same(&known, command.paid_on, money) && its == periods {
            return Ok(None);
        }
        let text = "Another payment of this engagement has this reference.";
        refusals.push(Refusal::new(ErrorCode::Taken, text).at("reference"));
    }
    if paid.iter().any(|paid| periods.contains(&paid.period_number)) {
        refusals.push(Refusal::new(ErrorCode::AlreadyPaid, "A period is paid already.").at("periods"));
    }
    refusals.check()?;
    let payment = payment::Model {
        id,
        engagement_id: row.id,
        reference,
        paid_on: command.paid_on,
        amount_minor: money.minor,
        currency: money.currency.code().to_owned(),
        recorded_by: None,
        created_at: tx.now(),
        unused_minutes: 0,
    };
    Ok(Some((payment, periods)))
}

fn is_same(known: &payment::Model, paid_on: NaiveDate, money: Money) -> bool {
    known.paid_on == paid_on && known.amount_minor == money.minor && known.currency == money.currency.code()
}

/// A payment names at least one period, and only such as the engagement can have.
fn check_periods(row: &engagement::Model, offer: &Offer, periods: &BTreeSet<i32>, refusals: &mut Refusals) {
    let last = match (offer.terms.grant_rule, Length::of(offer.terms.length_months)) {
        (GrantRule::Once, _) => 1,
        (_, Length::Fixed) => offer.terms.length_months.unwrap_or(1),
        (_, Length::UntilCancelled) => PERIODS,
    };
    let begins_in_time = |number: i32| match (row.starts_on, row.ends_on) {
        (Some(starts_on), Some(ends_on)) => span(starts_on, number).starts_on < ends_on,
        _ => true,
    };
    let is_had = |number: &i32| (1..=last).contains(number) && begins_in_time(*number);
    if periods.is_empty() || !periods.iter().all(is_had) {
        let text = "A payment names periods of the engagement by number, at least one.";
        refusals.push(Refusal::new(ErrorCode::Invalid, text).at("periods"));
    }
}

/// Minutes to grant in a period, or (where none runs to take them) to show as unused.
type Grant = (Option<i32>, i32, GrantCause);

/// What a payment grants now: the periods of it that have begun and were not granted without it (E-4). Ended ones are
/// taken into the book's hand.
async fn plan_grants(tx: &Tx<'_>, book: &mut Book, paid: &BTreeSet<i32>) -> Result<Vec<Grant>> {
    let begun: Vec<period::Model> = store::ledger::periods(tx.connection(), book.engagement.id)
        .await?
        .into_iter()
        .filter(|period| paid.contains(&period.number))
        .collect();
    let revisions: Vec<_> = begun.iter().map(|period| period.tariff_revision_id).collect();
    let terms: BTreeMap<_, tariff_revision::Model> =
        store::by_id::read::<tariff_revision::Entity, _>(tx.connection(), &revisions)
            .await?
            .into_iter()
            .collect();
    let calendar = store::course::calendar(&mut tx.connection()).await?;
    let running = book.running().map(|period| period.number);
    let mut grants = Vec::new();
    for period in begun {
        let Some(terms) = terms.get(&period.tariff_revision_id) else { continue };
        if store::payment::is_granted(tx.connection(), period.id).await? {
            continue;
        }
        let span = Span { number: period.number, starts_on: period.starts_on, ends_on: period.ends_on };
        let own = book.engagement.own_minutes;
        let minutes = own_grant_minutes(terms.grant_rule, terms.minutes, own, &span, &calendar);
        let number = period.number;
        if running == Some(number) {
            grants.push((running, minutes, GrantCause::Period));
            continue;
        }
        let split = late_payment(counters(&period), minutes);
        book.take(period, terms.unused);
        grants.push((Some(number), split.in_period, GrantCause::LatePayment));
        grants.push((running, split.to_running, GrantCause::LatePayment));
    }
    Ok(grants)
}

/// What the audit log keeps of a payment.
fn summary(row: &payment::Model, periods: &BTreeSet<i32>) -> impl Serialize + use<> {
    serde_json::json!({
        "engagementId": row.engagement_id, "reference": row.reference, "paidOn": row.paid_on,
        "amountMinor": row.amount_minor, "currency": row.currency, "periods": periods,
        "unusedMinutes": row.unused_minutes,
    })
}
