//! What a report says, typed. Names, titles and figures are those of its moment, not of today.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::report::{Change, Hours, Month, Part, Report, Row, Work};
use domain::stage::Stage;
use domain::task::TaskStatus;
use domain::time_entry::Activity;

use super::super::engagement::Engagement;
use super::super::error::{field, top_level};
use super::super::id::Identified;
use super::super::request;
use super::super::scalar::{Date, DateTime};
use crate::error::Error;

/// The most rows handed out at once.
const MOST: i32 = 100;

/// A stretch of a list that is in hand already.
fn stretch<T, U>(list: &[T], first: i32, skip: i32, make: impl Fn(&T) -> U) -> async_graphql::Result<Vec<U>> {
    let bad = |words: &str| top_level(Error::BadInput(words.to_owned()));
    if !(1..=MOST).contains(&first) {
        return Err(bad("`first` lies between 1 and 100."));
    }
    let skip = usize::try_from(skip).map_err(|_| bad("`skip` is not below 0."))?;
    let first = usize::try_from(first).unwrap_or(0);
    Ok(list.iter().skip(skip).take(first).map(make).collect())
}

/// What a report says.
pub struct ReportContent {
    report: Report,
}

impl From<Report> for ReportContent {
    fn from(report: Report) -> Self {
        Self { report }
    }
}

/// What a report says.
#[Object]
impl ReportContent {
    /// The first day that it tells of.
    async fn starts_on(&self) -> Date {
        self.report.from.into()
    }

    /// The last day that it tells of.
    async fn ends_on(&self) -> Date {
        self.report.until.pred_opt().unwrap_or(self.report.until).into()
    }

    /// The moment whose hours and tasks it tells.
    async fn as_of(&self) -> DateTime {
        self.report.made_at.into()
    }

    /// The client's name.
    async fn client_name(&self) -> &str {
        &self.report.client
    }

    /// A part for each engagement, the oldest first. Hours of different engagements are never added into one number.
    async fn parts(&self) -> Vec<ReportPart> {
        self.report.parts.iter().map(|part| ReportPart { part: part.clone() }).collect()
    }
}

/// What a report says of one engagement.
pub struct ReportPart {
    part: Part,
}

/// What a report says of one engagement.
#[Object]
impl ReportPart {
    /// The engagement as it is today.
    async fn engagement(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Engagement>> {
        let row = request(ctx).loaders.engagement(self.part.engagement_id).await;
        field(row.map(|row| row.map(Engagement::from)))
    }

    /// The service's name in English.
    async fn service_name_en(&self) -> &str {
        &self.part.service.en
    }

    /// The service's name in Russian.
    async fn service_name_ru(&self) -> &str {
        &self.part.service.ru
    }

    /// The tariff's name in English.
    async fn tariff_name_en(&self) -> &str {
        &self.part.tariff.en
    }

    /// The tariff's name in Russian.
    async fn tariff_name_ru(&self) -> &str {
        &self.part.tariff.ru
    }

    /// All minutes of these days.
    async fn total_minutes(&self) -> i32 {
        self.part.minutes()
    }

    /// Those of them that were taken from the balance.
    async fn drawn_minutes(&self) -> i32 {
        self.part.drawn_minutes()
    }

    /// How many rows there are.
    async fn row_count(&self) -> i32 {
        i32::try_from(self.part.rows.len()).unwrap_or(i32::MAX)
    }

    /// Who did what, by day.
    async fn rows(
        &self,
        #[graphql(desc = "How many, 1 to 100.", default = 100)] first: i32,
        #[graphql(desc = "How many are left out before.", default)] skip: i32,
    ) -> Option<async_graphql::Result<Vec<ReportRow>>> {
        Some(stretch(&self.part.rows, first, skip, |row| ReportRow::from(row)))
    }

    /// The minutes of each task, the most first; work without a task last.
    async fn by_task(
        &self,
        #[graphql(desc = "How many, 1 to 100.", default = 100)] first: i32,
        #[graphql(desc = "How many are left out before.", default)] skip: i32,
    ) -> Option<async_graphql::Result<Vec<ReportTaskTotal>>> {
        Some(stretch(&self.part.by_task(), first, skip, |total| ReportTaskTotal {
            task_id: total.of.as_ref().map(|task| task.id.global()),
            title: total.of.as_ref().map(|task| task.title.clone()),
            minutes: total.minutes,
        }))
    }

    /// The minutes of each person, the most first; at most 100.
    async fn by_person(&self) -> Vec<ReportPersonTotal> {
        let totals = self.part.by_person().into_iter().take(100);
        totals
            .map(|total| ReportPersonTotal {
                user_id: total.of.id.global(),
                name: total.of.name,
                minutes: total.minutes,
            })
            .collect()
    }

    /// The minutes of each kind of work, the most first.
    async fn by_activity(&self) -> Vec<ReportActivityTotal> {
        let totals = self.part.by_activity().into_iter();
        totals.map(|total| ReportActivityTotal { activity: total.of, minutes: total.minutes }).collect()
    }

    /// What weeks reported before have become longer, or shorter where it is below zero.
    async fn changed_minutes(&self) -> i32 {
        self.part.changed_minutes()
    }

    /// What was added to past weeks: logged late, corrected or taken back since the report before.
    async fn changes(
        &self,
        #[graphql(desc = "How many, 1 to 100.", default = 100)] first: i32,
        #[graphql(desc = "How many are left out before.", default)] skip: i32,
    ) -> Option<async_graphql::Result<Vec<ReportChange>>> {
        Some(stretch(&self.part.changes, first, skip, |change| ReportChange::from(change)))
    }

    /// Tasks finished in these days, at most 50.
    async fn done(&self) -> Vec<ReportTask> {
        self.part.done.iter().map(ReportTask::from).collect()
    }

    /// Tasks in work, waiting to be accepted, or paused; at most 50.
    async fn in_work(&self) -> Vec<ReportTask> {
        self.part.in_work.iter().map(ReportTask::from).collect()
    }

    /// The next five tasks.
    async fn next(&self) -> Vec<ReportTask> {
        self.part.next.iter().map(ReportTask::from).collect()
    }

    /// How many tasks are planned in all.
    async fn planned_count(&self) -> i32 {
        self.part.planned
    }

    /// The hours of the month that ran when it was made; null where none did.
    async fn hours(&self) -> Option<ReportHours> {
        self.part.hours.as_ref().map(ReportHours::from)
    }

    /// Months that touch these days and were over when it was made.
    async fn ended_months(&self) -> Vec<ReportMonth> {
        self.part.ended.iter().map(ReportMonth::from).collect()
    }
}

/// Who did what, as a report tells it.
#[derive(SimpleObject)]
pub struct ReportRow {
    /// The time entry; it may have been corrected since.
    time_entry_id: ID,
    /// The day of the work.
    worked_on: Date,
    /// Whose work it is.
    user_name: String,
    /// The task; null for work without one.
    task_id: Option<ID>,
    /// The task's title.
    task_title: Option<String>,
    /// The kind of work.
    activity: Activity,
    /// Minutes.
    minutes: i32,
    /// What was done.
    note: String,
    /// Whether the minutes were taken from the balance.
    draws_on_balance: bool,
    /// The stage of an implementation.
    stage: Option<Stage>,
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
    before: Option<ReportRow>,
    /// What stands now; null for time taken back.
    now: Option<ReportRow>,
    /// By how many minutes the past has become longer, or shorter where it is below zero.
    minutes: i32,
    /// Why it was corrected or taken back.
    reason: Option<String>,
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
    task_id: Option<ID>,
    /// Its title.
    title: Option<String>,
    /// Minutes.
    minutes: i32,
}

/// The minutes of a person in a report.
#[derive(SimpleObject)]
pub struct ReportPersonTotal {
    /// The person.
    user_id: ID,
    /// Their name.
    name: String,
    /// Minutes.
    minutes: i32,
}

/// The minutes of a kind of work in a report.
#[derive(SimpleObject)]
pub struct ReportActivityTotal {
    /// The kind of work.
    activity: Activity,
    /// Minutes.
    minutes: i32,
}

/// A task as a report lists it.
#[derive(SimpleObject)]
pub struct ReportTask {
    /// The task.
    task_id: ID,
    /// Its title.
    title: String,
    /// The title of its block.
    block_title: Option<String>,
    /// Where it stood.
    status: TaskStatus,
    /// Whether it was urgent.
    urgent: bool,
    /// Minutes that it had taken.
    spent_minutes: i32,
    /// Minutes that it was estimated at.
    estimate_minutes: Option<i32>,
    /// The name of whose work it was.
    assignee_name: Option<String>,
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
    starts_on: Date,
    /// The first day that no longer belongs to it.
    ends_on: Date,
    /// Minutes granted, carried over and adjusted.
    granted_minutes: i32,
    /// Minutes used.
    used_minutes: i32,
    /// Minutes left.
    remaining_minutes: i32,
    /// Minutes beyond what was there.
    overage_minutes: i32,
    /// The last day on which unused minutes can be used; null where they are kept.
    last_day: Option<Date>,
    /// The version of the balance that it was made at.
    balance_version: i32,
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
    starts_on: Date,
    /// The first day that no longer belongs to it.
    ends_on: Date,
    /// Minutes granted, carried over and adjusted.
    granted_minutes: i32,
    /// Minutes used.
    used_minutes: i32,
    /// Minutes that ended unused.
    expired_minutes: i32,
    /// Minutes beyond what was there.
    overage_minutes: i32,
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
