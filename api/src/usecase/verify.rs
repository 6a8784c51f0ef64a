//! Recomputes every balance from its ledger and reports each difference (B-2, T60, T61).
//!
//! An SQLite file is looked through first, so that a damaged one is not taken for one that is in order (T72).
//! For each engagement: the entries are numbered without a gap, each chains on the one before and hashes to what it
//! says, and every period's counters are the sum of its entries; the head names the last of them. Spent minutes of
//! tasks and blocks and the days of people are held against the time that stands.

use std::collections::BTreeMap;

use domain::id::{EngagementId, PeriodId};
use domain::ledger::Counters;
use entity::{ledger_head, period};

use super::ledger::counters;
use crate::app::Call;
use crate::error::Result;
use crate::store;

/// How many entries are read at once.
const PAGE: u64 = 5_000;

/// Everything that disagrees, in words; nothing where all is well.
///
/// # Errors
/// The database's own.
pub async fn verify(call: &Call) -> Result<Vec<String>> {
    let db = call.app.db.reading();
    let mut faults = store::backup::damage(&call.app.db).await?;
    if !faults.is_empty() {
        // What a damaged file holds says nothing.
        return Ok(faults);
    }
    for head in store::ledger::heads(db).await? {
        faults.extend(ledger(call, &head).await?);
    }
    for (what, id, stored, summed) in store::total::differences(db).await? {
        faults.push(format!("{what} {id}: {stored} minutes are stored, its time sums to {summed}"));
    }
    Ok(faults)
}

async fn ledger(call: &Call, head: &ledger_head::Model) -> Result<Vec<String>> {
    let db = call.app.db.reading();
    let id = head.engagement_id;
    let mut faults = Vec::new();
    let mut sums: BTreeMap<PeriodId, Counters> = BTreeMap::new();
    let (mut number, mut hash) = (0, vec![0; 32]);
    loop {
        let entries = store::ledger::movements(db, id, number, PAGE).await?;
        let Some(last) = entries.last() else { break };
        let last = last.number;
        for entry in entries {
            number += 1;
            if entry.number != number {
                faults.push(say(id, format!("entry {} stands where {number} should", entry.number)));
                number = entry.number;
            }
            if entry.previous_hash != hash {
                faults.push(say(id, format!("entry {number} does not chain on the one before")));
            }
            if store::ledger::hash(&entry) != entry.hash {
                faults.push(say(id, format!("entry {number} was altered: its hash is another")));
            }
            hash.clone_from(&entry.hash);
            let sum = sums.entry(entry.period_id).or_default();
            match sum.apply(&store::ledger::movement(&entry)) {
                Ok(next) => *sum = next,
                Err(fault) => faults.push(say(id, format!("entry {number} cannot be: {fault}"))),
            }
        }
        number = last;
    }
    if head.version != number || head.last_hash != hash {
        faults.push(say(id, format!("the head says {}, the last entry is {number}", head.version)));
    }
    for period in store::ledger::periods(db, id).await? {
        faults.extend(compare(&period, sums.remove(&period.id).unwrap_or_default()));
    }
    for period in sums.keys() {
        faults.push(say(id, format!("entries of a period that is not the engagement's: {}", period.0)));
    }
    Ok(faults)
}

fn compare(period: &period::Model, summed: Counters) -> Option<String> {
    let stored = counters(period);
    (stored != summed).then(|| {
        say(period.engagement_id, format!("period {}: stored {stored:?}, summed {summed:?}", period.number))
    })
}

fn say(engagement: EngagementId, fault: String) -> String {
    format!("engagement {}: {fault}", engagement.0)
}
