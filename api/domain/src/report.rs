//! The report of a week: what was done for a client, by whom, how long and by task, what is in work
//! and comes next, and how the hours stand.
//!
//! A report is a value, made by [`assemble`] from plain facts and kept as it is: names and titles
//! are those of its moment. It holds nothing that is for the provider's own eyes, since the facts
//! have no place for it (A-2, T43). Each engagement has a part of its own, and their figures are
//! never added into one. When a report falls due is in [`schedule`]; how time that was logged,
//! corrected or taken back after its week had been reported finds its way into the next one is in
//! [`change`]. Sums are in [`total`].

pub mod change;
pub mod schedule;
#[cfg(test)]
mod tests;
pub mod total;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::client::Locale;
use crate::id::{EngagementId, TaskId, TimeEntryId, UserId};
use crate::stage::Stage;
use crate::task::TaskStatus;
use crate::time_entry::Activity;

pub use change::{Change, Seen};
pub use schedule::Schedule;

/// The form in which reports are kept.
pub const FORMAT: i32 = 1;

/// The most days of a preview.
pub const PREVIEW_DAYS: i64 = 366;

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    pub en: String,
    pub ru: String,
}

impl Title {
    /// The name in a language.
    pub fn of(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::Ru => &self.ru,
        }
    }
}

/// What a report holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The client's name.
    pub client: String,
    pub from: NaiveDate,
    /// The first day that no longer belongs to it.
    pub until: NaiveDate,
    /// The moment that it tells of, and its cut-off.
    pub made_at: DateTime<Utc>,
    /// The client's time zone.
    pub time_zone: String,
    pub parts: Vec<Part>,
    /// Time of days before it that was seen as corrected or taken back: see [`change`].
    pub settled: Vec<TimeEntryId>,
}

/// An engagement's part of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub engagement_id: EngagementId,
    pub service: Title,
    pub tariff: Title,
    /// The time of the days reported, by day.
    pub rows: Vec<Row>,
    /// What has changed in weeks reported before.
    pub changes: Vec<Change>,
    /// Tasks done in these days.
    pub done: Vec<Work>,
    /// Tasks in work.
    pub in_work: Vec<Work>,
    /// The first of the tasks planned.
    pub next: Vec<Work>,
    /// How many tasks are planned in all.
    pub planned: i32,
    /// The hours of the period that runs; none before the first one.
    pub hours: Option<Hours>,
    /// Months that ended in these days, or after them and before the report was made.
    pub ended: Vec<Month>,
}

/// A task by its title.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskName {
    pub id: TaskId,
    pub title: String,
}

/// Who did what, for how long, on which day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub id: TimeEntryId,
    pub worked_on: NaiveDate,
    pub user_id: UserId,
    /// The person's name.
    pub user: String,
    pub task: Option<TaskName>,
    pub activity: Activity,
    pub minutes: i32,
    pub note: String,
    pub draws_on_balance: bool,
    pub stage: Option<Stage>,
}

/// A task and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub task_id: TaskId,
    pub title: String,
    /// The title of its block.
    pub block: Option<String>,
    pub status: TaskStatus,
    pub urgent: bool,
    pub spent_minutes: i32,
    pub estimate_minutes: Option<i32>,
    /// The name of whose work it is.
    pub assignee: Option<String>,
}

/// The hours of a running period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub starts_on: NaiveDate,
    /// The first day that no longer belongs to the period.
    pub ends_on: NaiveDate,
    /// Granted, carried over and adjusted, in minutes.
    pub granted_minutes: i32,
    pub used_minutes: i32,
    pub remaining_minutes: i32,
    pub overage_minutes: i32,
    /// The last day on which unused minutes can be used; none where they are kept.
    pub last_day: Option<NaiveDate>,
    /// Of the balance (B-3).
    pub version: i32,
}

/// A month that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    pub starts_on: NaiveDate,
    /// The first day that no longer belongs to it.
    pub ends_on: NaiveDate,
    pub granted_minutes: i32,
    pub used_minutes: i32,
    pub expired_minutes: i32,
    pub overage_minutes: i32,
}

/// A row with what places it in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    pub engagement_id: EngagementId,
    pub row: Row,
    pub created_at: DateTime<Utc>,
    /// When it was corrected or taken back; it no longer counts then.
    pub corrected_at: Option<DateTime<Utc>>,
    /// The entry that it replaced.
    pub corrects: Option<TimeEntryId>,
    /// Why it was corrected or taken back.
    pub reason: Option<String>,
}

/// What a report is made from.
#[derive(Debug, Clone)]
pub struct Facts {
    pub client: String,
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub made_at: DateTime<Utc>,
    pub time_zone: String,
    /// What the reports before have told; none where there was none, and for a preview.
    pub seen: Option<Seen>,
    pub engagements: Vec<Served>,
    /// Time of these days, and what was written since the last report of days before.
    pub entries: Vec<Logged>,
}

/// An engagement with what its part is made from.
#[derive(Debug, Clone)]
pub struct Served {
    /// Whether it was in force in any of these days: then it has a part, an empty one too.
    pub in_force: bool,
    /// The part without its time.
    pub part: Part,
}

/// Makes the report.
pub fn assemble(facts: Facts) -> Report {
    let Facts { client, from, until, made_at, time_zone, seen, engagements, entries } = facts;
    let is_within = |entry: &&Logged| from <= entry.row.worked_on && entry.row.worked_on < until;
    let mut parts = Vec::new();
    for Served { in_force, mut part } in engagements {
        let own = |entry: &&Logged| entry.engagement_id == part.engagement_id;
        let stands = |entry: &&Logged| entry.corrected_at.is_none();
        part.rows = entries
            .iter()
            .filter(own)
            .filter(stands)
            .filter(is_within)
            .map(|entry| entry.row.clone())
            .collect();
        part.rows.sort_by_key(|row| (row.worked_on, row.id));
        if let Some(seen) = &seen {
            part.changes = change::changes(seen, from, entries.iter().filter(own));
        }
        if in_force || !part.rows.is_empty() || !part.changes.is_empty() {
            parts.push(part);
        }
    }
    let settled = match &seen {
        Some(_) => entries
            .iter()
            .filter(|entry| entry.row.worked_on < from && entry.corrected_at.is_some())
            .map(|entry| entry.row.id)
            .collect(),
        None => Vec::new(),
    };
    Report { client, from, until, made_at, time_zone, parts, settled }
}

/// Whether an engagement serves any of the days: from its first day on to the day before its
/// last. A pause is shorter than a week, so that one that is paused was active too (D-4).
pub fn serves(
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    from: NaiveDate,
    until: NaiveDate,
) -> bool {
    starts_on.is_some_and(|first| first < until) && ends_on.is_none_or(|end| end > from)
}

/// Why there is no preview of some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RangeRefused {
    /// The last day lies before the first.
    #[error("the last day lies before the first")]
    TurnedRound,
    /// More days than a year has.
    #[error("a preview holds at most 366 days")]
    TooLong,
}

/// The days of a preview, both given: the first, and the first behind the last.
///
/// # Errors
/// Turned round, or more than a year.
pub fn preview_days(from: NaiveDate, to: NaiveDate) -> Result<(NaiveDate, NaiveDate), RangeRefused> {
    if to < from {
        return Err(RangeRefused::TurnedRound);
    }
    if (to - from) >= TimeDelta::days(PREVIEW_DAYS) {
        return Err(RangeRefused::TooLong);
    }
    Ok((from, to.succ_opt().ok_or(RangeRefused::TooLong)?))
}
