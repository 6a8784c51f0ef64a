//! What has changed in weeks that were reported before: time logged late, corrected, taken back.
//!
//! Nothing is marked on the time itself. What the last report has told follows from its cut-off: an
//! entry written by then stood in it or in an earlier one, one corrected by then did no more. Around
//! the cut-off a moment alone is no proof, because an entry bears the moment at which its request
//! began and may have been written a little later. So for [`DOUBT`] before the cut-off the last
//! report itself is asked: it names all that it showed and all that it saw as corrected.
//!
//! Of a chain of corrections only the two ends count: what was told last, and what stands now.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Logged, Report, Row};
use crate::id::TimeEntryId;

/// Longer than any request takes from its first moment to its commit.
pub const DOUBT: TimeDelta = TimeDelta::minutes(10);

/// A change in a week reported before. One of the two is given at the least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What an earlier report has told; none for time added since.
    pub was: Option<Row>,
    /// What stands now; none for time taken back, or moved to another week or engagement.
    pub now: Option<Row>,
    /// Why it was corrected.
    pub reason: Option<String>,
}

impl Change {
    /// The minutes that the past has become longer, or shorter where it is below zero.
    pub fn minutes(&self) -> i32 {
        let of = |row: &Option<Row>| row.as_ref().map_or(0, |row| row.minutes);
        of(&self.now) - of(&self.was)
    }

    /// The row that says what it is about: as it stands, or as it was.
    pub fn row(&self) -> Option<&Row> {
        self.now.as_ref().or(self.was.as_ref())
    }
}

/// What the reports up to the last one have told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The last report's cut-off.
    pub at: DateTime<Utc>,
    pub from: NaiveDate,
    /// The first day that no report has told of.
    pub until: NaiveDate,
    shown: BTreeSet<TimeEntryId>,
    settled: BTreeSet<TimeEntryId>,
}

impl Seen {
    /// What has been told once this report is out.
    pub fn of(report: &Report) -> Self {
        let shown = report.parts.iter().flat_map(|part| {
            let changed = part.changes.iter().filter_map(|change| change.now.as_ref());
            part.rows.iter().chain(changed).map(|row| row.id)
        });
        Self {
            at: report.made_at,
            from: report.from,
            until: report.until,
            shown: shown.collect(),
            settled: report.settled.iter().copied().collect(),
        }
    }

    /// From which moment on what was written has to be looked at.
    pub fn doubt_from(&self) -> DateTime<Utc> {
        self.at.checked_sub_signed(DOUBT).unwrap_or(self.at)
    }

    /// Whether the reports have told of an entry as one that counts.
    pub fn has_told(&self, entry: &Logged) -> bool {
        let id = entry.row.id;
        if entry.row.worked_on >= self.until || entry.created_at > self.at {
            return false;
        }
        if self.shown.contains(&id) {
            return true;
        }
        // The last week and what was settled are named in the report, whole.
        if entry.row.worked_on >= self.from || self.settled.contains(&id) {
            return false;
        }
        let doubt = self.doubt_from();
        entry.created_at <= doubt && entry.corrected_at.is_none_or(|at| at > doubt)
    }
}

/// The changes of an engagement's entries on days before `from`, by day.
pub fn changes<'a>(seen: &Seen, from: NaiveDate, entries: impl Iterator<Item = &'a Logged>) -> Vec<Change> {
    let past: BTreeMap<TimeEntryId, &Logged> =
        entries.filter(|entry| entry.row.worked_on < from).map(|entry| (entry.row.id, entry)).collect();
    let mut told: BTreeMap<TimeEntryId, &Logged> =
        past.iter().filter(|(_, entry)| seen.has_told(entry)).map(|(id, entry)| (*id, *entry)).collect();
    let mut changes = Vec::new();
    for entry in past.values().filter(|entry| entry.corrected_at.is_none()) {
        if told.remove(&entry.row.id).is_some() {
            continue;
        }
        let mut earlier = entry.corrects;
        let mut was = None;
        while let (None, Some(id)) = (was, earlier) {
            was = told.remove(&id);
            earlier = past.get(&id).and_then(|entry| entry.corrects);
        }
        changes.push(Change {
            was: was.map(|was| was.row.clone()),
            now: Some(entry.row.clone()),
            reason: was.and_then(|was| was.reason.clone()),
        });
    }
    changes.extend(told.into_values().map(|entry| Change {
        was: Some(entry.row.clone()),
        now: None,
        reason: entry.reason.clone(),
    }));
    changes.sort_by_key(|change| change.row().map(|row| (row.worked_on, row.id)));
    changes
}
