//! Hours bought in addition: they belong to the running period and share its fate (E-5, B-9).

use domain::engagement::EngagementStatus;
use domain::id::{EngagementId, PeriodId};
use domain::ledger::{GrantCause, Movement};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::Text;
use entity::{engagement, period};
use serde::Serialize;
use uuid::Uuid;

use super::engagement::{check_minutes, open_due};
use super::ledger::{Book, Cause, counters};
use super::payment::REFERENCE;
use super::warning;
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change};

/// The longest note, in characters.
const NOTE: usize = 2_000;

/// What is added.
#[derive(Debug, Clone, Serialize)]
pub struct TopUp {
    pub engagement_id: EngagementId,
    pub minutes: i32,
    /// What it was paid under; linked where a payment of this reference is on record.
    pub payment_reference: Option<String>,
    pub note: Option<String>,
}

/// The running period that something was done to, with its engagement.
pub type Done = (engagement::Model, period::Model);

/// Adds hours to the running period; they cover its overage by themselves (B-7, B-9).
///
/// # Errors
/// Refused: WRONG_STATUS where no period runs, INVALID fields.
pub async fn top_up(call: &Call, command: TopUp, key: Option<Uuid>) -> Result<Done> {
    let mut tx = call.begin().await?;
    let row = store::engagement::lock(&tx, command.engagement_id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::HoursTopUp, &Target::client(row.client_id))?;
    let (row, book) = open_due(&mut tx, row).await?;
    let running = running(&row, book);
    let made: Vec<Uuid> = running.iter().map(|(_, period)| period.id.0).collect();
    if let Some(made) = tx.replay(key, "hoursTopUp", &command, &made).await? {
        return replayed(&tx, row, &made).await;
    }
    let Some((mut book, period)) = running else { return Err(nothing_runs()) };
    let mut refusals = Refusals::default();
    check_minutes(command.minutes, "minutes", &mut refusals);
    let text = |text: &Option<String>, field, most, refusals: &mut Refusals| {
        text.as_ref().and_then(|text| refusals.take(field, Text::parse(text, most))).map(String::from)
    };
    let reference = text(&command.payment_reference, "paymentReference", REFERENCE, &mut refusals);
    let note = text(&command.note, "note", NOTE, &mut refusals);
    let grant = Movement::grant(command.minutes, GrantCause::TopUp).ok();
    let grant = grant.filter(|grant| counters(&period).apply(grant).is_ok());
    refusals.check()?;
    let grant = grant.ok_or_else(|| {
        Refusal::new(ErrorCode::Invalid, "The period cannot hold so many minutes.").at("minutes")
    })?;
    let payment = match &reference {
        Some(reference) => store::payment::of_reference(tx.connection(), row.id, reference).await?,
        None => None,
    };
    let words: Vec<String> = reference.into_iter().chain(note).collect();
    let cause = Cause {
        payment: payment.map(|payment| payment.id),
        note: (!words.is_empty()).then(|| words.join(": ")),
        ..Cause::default()
    };
    let entry = book.record(&tx, period.number, grant, cause)?;
    book.save(&mut tx).await?;
    warning::arm(&tx, &book).await?;
    let period = book.period(period.number).cloned().ok_or(Error::NotFound)?;
    let change = Change::of("LedgerEntry", entry).after(&command);
    tx.commit(permit, change.client(row.client_id)).await?;
    Ok((row, period))
}

/// The book and the period that runs, of an engagement that is neither a draft nor ended.
pub(super) fn running(row: &engagement::Model, book: Option<Book>) -> Option<(Book, period::Model)> {
    let serves = matches!(row.status, EngagementStatus::Active | EngagementStatus::Paused);
    let book = book.filter(|_| serves)?;
    let period = book.running().cloned()?;
    Some((book, period))
}

pub(super) fn nothing_runs() -> Error {
    Error::refused(ErrorCode::WrongStatus, "No period of the engagement runs.")
}

/// The outcome of an earlier operation, as it is now.
pub(super) async fn replayed(tx: &store::Tx<'_>, row: engagement::Model, made: &[Uuid]) -> Result<Done> {
    let id = made.first().copied().map(PeriodId).ok_or(Error::NotFound)?;
    let found = store::by_id::read::<period::Entity, _>(tx.connection(), &[id]).await?;
    Ok((row, found.into_values().next().ok_or(Error::NotFound)?))
}
