//! The plain values that a report is made of.

use async_graphql::{ID, SimpleObject};
use domain::report::{Change, Hours, Month, Row, Work};
use domain::stage::Stage;
use domain::task::TaskStatus;
use domain::time_entry::Activity;

use super::super::id::Identified;
use super::super::scalar::Date;

/// Who did what, as a report tells it.
#[derive(SimpleObject)]
pub struct ReportRow {
    /// The time entry; it may have been corrected since.
    pub time_entry_id: ID,
    /// The day of the work.
    pub worked_on: Date,
    /// Whose work it is.
    pub user_name: String,
    /// The task; null for work without one.
    pub task_id: Option<ID>,
    /// The task's title.
    pub task_title: Option<String>,
    /// The kind of work.
    pub activity: Activity,
    /// Minutes.
    pub minutes: i32,
    /// What was done.
    pub note: String,
    /// Whether the minutes were taken from the balance.
    pub draws_on_balance: bool,
    /// The stage of an implementation.
    pub stage: Option<Stage>,
}

impl From<&Row> for ReportRow {
    fn from(row: &Row) -> Self {
        Self {
            time_entry_id: row.id.global(),
            worked_on: row.worked_on.into(),
            user_name: row.user.clone(),
            task_id: row.task.as_ref().map(|task| task.id.global()),
            task_title: row.task.as_ref().map(|task| task.title.clone()),
            activity: row.activity,
            minutes: row.minutes,
            note: row.note.clone(),
            draws_on_balance: row.draws_on_balance,
            stage: row.stage,
        }
    }
}

/// A change in a week that was reported before.
#[derive(SimpleObject)]
pub struct ReportChange {
    /// What an earlier report has told; null for time added since.
    pub before: Option<ReportRow>,
    /// What stands now; null for time taken back.
    pub now: Option<ReportRow>,
    /// By how many minutes the past has become longer, or shorter where it is below zero.
    pub minutes: i32,
    /// Why it was corrected or taken back.
    pub reason: Option<String>,
}

impl From<&Change> for ReportChange {
    fn from(change: &Change) -> Self {
        Self {
            before: change.was.as_ref().map(ReportRow::from),
            now: change.now.as_ref().map(ReportRow::from),
            minutes: change.minutes(),
            reason: change.reason.clone(),
        }
    }
}

/// The minutes of a task in a report.
#[derive(SimpleObject)]
pub struct ReportTaskTotal {
    /// The task; null for work without one.
    pub task_id: Option<ID>,
    /// Its title.
    pub title: Option<String>,
    /// Minutes.
    pub minutes: i32,
}

/// The minutes of a person in a report.
#[derive(SimpleObject)]
pub struct ReportPersonTotal {
    /// The person.
    pub user_id: ID,
    /// Their name.
    pub name: String,
    /// Minutes.
    pub minutes: i32,
}

/// The minutes of a kind of work in a report.
#[derive(SimpleObject)]
pub struct ReportActivityTotal {
    /// The kind of work.
    pub activity: Activity,
    /// Minutes.
    pub minutes: i32,
}

/// A task as a report lists it.
#[derive(SimpleObject)]
pub struct ReportTask {
    /// The task.
    pub task_id: ID,
    /// Its title.
    pub title: String,
    /// The title of its block.
    pub block_title: Option<String>,
    /// Where it stood.
    pub status: TaskStatus,
    /// Whether it was urgent.
    pub urgent: bool,
    /// Minutes that it had taken.
    pub spent_minutes: i32,
    /// Minutes that it was estimated at.
    estimate_minutes: Option<i32>,
    /// The name of whose work it was.
    pub assignee_name: Option<String>,
}

impl From<&Work> for ReportTask {
    fn from(work: &Work) -> Self {
        Self {
            task_id: work.task_id.global(),
            title: work.title.clone(),
            block_title: work.block.clone(),
            status: work.status,
            urgent: work.urgent,
            spent_minutes: work.spent_minutes,
            estimate_minutes: work.estimate_minutes,
            assignee_name: work.assignee.clone(),
        }
    }
}

/// The hours of a running month, as a report tells them.
#[derive(SimpleObject)]
pub struct ReportHours {
    /// The month's first day.
    pub starts_on: Date,
    /// The first day that no longer belongs to it.
    pub ends_on: Date,
    /// Minutes granted, carried over and adjusted.
    pub granted_minutes: i32,
    /// Minutes used.
    pub used_minutes: i32,
    /// Minutes left.
    pub remaining_minutes: i32,
    /// Minutes beyond what was there.
    pub overage_minutes: i32,
    /// The last day on which unused minutes can be used; null where they are kept.
    pub last_day: Option<Date>,
    /// The version of the balance that it was made at.
    pub balance_version: i32,
}

impl From<&Hours> for ReportHours {
    fn from(hours: &Hours) -> Self {
        Self {
            starts_on: hours.starts_on.into(),
            ends_on: hours.ends_on.into(),
            granted_minutes: hours.granted_minutes,
            used_minutes: hours.used_minutes,
            remaining_minutes: hours.remaining_minutes,
            overage_minutes: hours.overage_minutes,
            last_day: hours.last_day.map(Date::from),
            balance_version: hours.version,
        }
    }
}

/// A month that had ended when the report was made.
#[derive(SimpleObject)]
pub struct ReportMonth {
    /// Its first day.
    pub starts_on: Date,
    /// The first day that no longer belongs to it.
    pub ends_on: Date,
    /// Minutes granted, carried over and adjusted.
    pub granted_minutes: i32,
    /// Minutes used.
    pub used_minutes: i32,
    /// Minutes that ended unused.
    pub expired_minutes: i32,
    /// Minutes beyond what was there.
    pub overage_minutes: i32,
}

impl From<&Month> for ReportMonth {
    fn from(month: &Month) -> Self {
        Self {
            starts_on: month.starts_on.into(),
            ends_on: month.ends_on.into(),
            granted_minutes: month.granted_minutes,
            used_minutes: month.used_minutes,
            expired_minutes: month.expired_minutes,
            overage_minutes: month.overage_minutes,
        }
    }
}
