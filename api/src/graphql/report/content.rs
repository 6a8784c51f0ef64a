//! What a report says, typed. Names, titles and figures are those of its moment, not of today.

use async_graphql::{Context, Object};
use domain::report::{Part, Report};

use super::super::engagement::Engagement;
use super::super::error::{field, top_level};
use super::super::id::Identified;
use super::super::request;
use super::super::scalar::{Date, DateTime};
use super::value::{
    ReportActivityTotal, ReportChange, ReportHours, ReportMonth, ReportPersonTotal, ReportRow, ReportTask,
    ReportTaskTotal,
};
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
