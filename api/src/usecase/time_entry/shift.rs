//! What a correction moves in the ledger (W-4): REVERSAL and USAGE where periods are open, ADJUSTMENT of the running
//! period where they are closed. The policy judges what all of it did to each period, once it is done (B-7).

use std::collections::BTreeMap;

use domain::id::TimeEntryId;
use domain::ledger::{Counters, Movement, settle};
use entity::time_entry;

use super::refused;
use crate::error::{Error, Result};
use crate::store::{self, Tx};
use crate::usecase::ledger::{Book, Cause, counters};

/// An engagement's book and the period that an entry lies in.
pub(super) struct Side {
    pub book: Book,
    pub number: i32,
    pub closed: bool,
}

/// What a book's periods hold, by number.
pub(super) type Held = BTreeMap<i32, Counters>;

/// What the periods in hand hold before a correction.
pub(super) fn held(book: &Book) -> Held {
    book.periods.iter().map(|(number, (period, _))| (*number, counters(period))).collect()
}

/// Judges what a correction as a whole did to each period (B-7): one that takes no more than it gives back passes under
/// any policy, in whichever order it moved the minutes.
pub(super) fn judge(book: &Book, before: &Held) -> Result<()> {
    for (number, before) in before {
        let Some(period) = book.period(*number) else { continue };
        let change = counters(period).net().saturating_sub(before.net());
        let (asked, freed) = (change.saturating_neg().max(0), change.max(0));
        let policy = book.engagement.overage_policy;
        settle(*before, asked, freed, policy, period.approved_overage_minutes)
            .map_err(|refusal| Error::from(refused(refusal)))?;
    }
    Ok(())
}

/// A correction within one engagement.
#[allow(clippy::too_many_arguments, reason = "the two ends of one movement")]
pub(super) async fn within(
    tx: &Tx<'_>,
    side: &mut Side,
    target: i32,
    to_closed: bool,
    old: &time_entry::Model,
    entry: TimeEntryId,
    old_drawn: i32,
    new_drawn: i32,
) -> Result<()> {
    let book = &mut side.book;
    if side.closed && to_closed {
        // Both ends lie behind: their periods keep their counters, the difference is of today.
        return adjust(tx, book, old_drawn - new_drawn, entry);
    }
    take_back(tx, book, side.number, side.closed, old, entry, old_drawn).await?;
    use_anew(tx, book, target, to_closed, entry, new_drawn)
}

/// Gives back what an entry drew: in its open period, or as an adjustment of the running one.
pub(super) async fn take_back(
    tx: &Tx<'_>,
    book: &mut Book,
    number: i32,
    closed: bool,
    old: &time_entry::Model,
    entry: TimeEntryId,
    drawn: i32,
) -> Result<()> {
    if closed { adjust(tx, book, drawn, entry) } else { reverse(tx, book, number, old, drawn).await }
}

/// Draws what an entry takes: from its open period, or as an adjustment of the running one.
pub(super) fn use_anew(
    tx: &Tx<'_>,
    book: &mut Book,
    number: i32,
    closed: bool,
    entry: TimeEntryId,
    drawn: i32,
) -> Result<()> {
    if closed { adjust(tx, book, -drawn, entry) } else { consume(tx, book, number, entry, drawn) }
}

fn consume(tx: &Tx<'_>, book: &mut Book, number: i32, entry: TimeEntryId, minutes: i32) -> Result<()> {
    if minutes > 0 {
        let usage = Movement::usage(minutes).map_err(|error| Error::Internal(error.to_string()))?;
        book.record(tx, number, usage, Cause { time_entry: Some(entry), ..Cause::default() })?;
    }
    Ok(())
}

async fn reverse(
    tx: &Tx<'_>,
    book: &mut Book,
    number: i32,
    old: &time_entry::Model,
    minutes: i32,
) -> Result<()> {
    if minutes == 0 {
        return Ok(());
    }
    let usage = store::ledger::usage_of(tx.connection(), old.id)
        .await?
        .ok_or_else(|| Error::Internal("time that drew without a movement".to_owned()))?;
    let reversal = Movement::reversal_of(&store::ledger::movement(&usage), minutes)
        .map_err(|error| Error::Internal(error.to_string()))?;
    let cause = Cause { reverses: Some(usage.id), time_entry: Some(old.id), ..Cause::default() };
    book.record(tx, number, reversal, cause)?;
    Ok(())
}

/// Adjusts the running period, or the last one where none runs.
fn adjust(tx: &Tx<'_>, book: &mut Book, minutes: i32, entry: TimeEntryId) -> Result<()> {
    if minutes == 0 {
        return Ok(());
    }
    let number = book.last().ok_or(Error::NotFound)?.number;
    let movement = Movement::adjustment(minutes).map_err(|error| Error::Internal(error.to_string()))?;
    book.record(tx, number, movement, Cause { time_entry: Some(entry), ..Cause::default() })?;
    Ok(())
}
