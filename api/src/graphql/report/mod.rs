//! Weekly reports, previews, and answers to them.

mod content;
mod value;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::client::Locale;
use domain::id::{ClientId, EngagementId, WeeklyReportId};
use domain::policy::Target;
use domain::report::Report;
use domain::stage::Stage;
use entity::{report_answer, weekly_report};
use serde::Serialize;
use uuid::Uuid;

use self::content::ReportContent;
use super::client::Client;
use super::comment::{CommentConnection, comments};
use super::error::{answer, field, found, payload};
use super::filter::{DateFilter, IdFilter};
use super::id::{Gid, Identified};
use super::page::{PageArgs, connection};
use super::scalar::{Date, DateTime};
use super::user::User;
use super::{call, request, settle};
use crate::store::filter::Tree;
use crate::store::page::Binding;
use crate::store::report::Leaf;
use crate::usecase;
use crate::usecase::report::{Preview, Subject};

/// A week's report to a client as it was mailed; it never changes.
#[derive(Clone)]
pub struct WeeklyReport {
    row: weekly_report::Model,
}

impl From<weekly_report::Model> for WeeklyReport {
    fn from(row: weekly_report::Model) -> Self {
        Self { row }
    }
}

/// A week's report to a client as it was mailed; it never changes.
#[Object]
impl WeeklyReport {
    /// The report's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Whose it is.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|row| row.map(Client::from)))
    }

    /// The Monday of the week.
    async fn week_starts_on(&self) -> Date {
        self.row.week_starts_on.into()
    }

    /// The client's time zone when it was made.
    async fn time_zone(&self) -> &str {
        &self.row.time_zone
    }

    /// The language in which it was mailed.
    async fn locale(&self) -> Locale {
        self.row.locale
    }

    /// To how many addresses it was mailed; 0 also for a week made good so late that nobody was mailed.
    async fn recipient_count(&self) -> i32 {
        self.row.recipient_count
    }

    /// When it was frozen: what was logged for the week later stands in the next report.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// What it says.
    async fn content(&self) -> Option<async_graphql::Result<ReportContent>> {
        field(usecase::report::content(&self.row).map(|report| Some(report.into())))
    }

    /// Links to it as a page and as files.
    async fn files(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The language; that of the mail where absent.")] locale: Option<Locale>,
    ) -> Option<async_graphql::Result<ReportFiles>> {
        field(files(ctx, Subject::Frozen(self.row.id), locale.unwrap_or(self.row.locale)).map(Some))
    }

    /// What the client's people answered, the newest first.
    async fn answers(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ReportAnswerConnection>> {
        field(
            async {
                settle(call(ctx), "WeeklyReport.answers", &Target::client(self.row.client_id))?;
                let binding = Binding::new(&("reportAnswers", self.row.id));
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let listed =
                    Box::pin(usecase::report::answers(call(ctx), self.row.id, binding, &page)).await?;
                Ok(Some(ReportAnswerConnection::new(listed, ReportAnswer::from)))
            }
            .await,
        )
    }

    /// The comments on it, oldest first.
    async fn comments(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<CommentConnection>> {
        let args = PageArgs { first, after, last, before };
        let subject = usecase::comment::Subject::Report(self.row.id);
        comments(ctx, "WeeklyReport.comments", subject, self.row.client_id, args).await
    }
}

connection!(
    /// A page of weekly reports.
    WeeklyReportConnection, WeeklyReportEdge, WeeklyReport
);

/// A report as a page and as files. The links need no token and work for fifteen minutes: hand them to whoever may read
/// the report and keep them nowhere.
#[derive(SimpleObject)]
pub struct ReportFiles {
    /// The page.
    html: String,
    /// The spreadsheet.
    xlsx: String,
    /// The entries as comma-separated values.
    csv: String,
    /// When the links end.
    expires_at: DateTime,
}

fn files(ctx: &Context<'_>, of: Subject, locale: Locale) -> crate::error::Result<ReportFiles> {
    let (links, until) = usecase::report::links(call(ctx), of, locale)?;
    Ok(ReportFiles { html: links.html, xlsx: links.xlsx, csv: links.csv, expires_at: until.into() })
}

/// What a client's person answered to a report; never changed afterwards.
#[derive(Clone)]
pub struct ReportAnswer {
    row: report_answer::Model,
}

impl From<report_answer::Model> for ReportAnswer {
    fn from(row: report_answer::Model) -> Self {
        Self { row }
    }
}

/// What a client's person answered to a report; never changed afterwards.
#[Object]
impl ReportAnswer {
    /// The answer's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The report.
    async fn weekly_report(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<WeeklyReport>> {
        let report = Box::pin(usecase::report::find(call(ctx), self.row.report_id)).await;
        field(report.map(|row| row.map(WeeklyReport::from)))
    }

    /// Who answered.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(request(ctx).loaders.user(self.row.user_id).await.map(|row| row.map(User::from)))
    }

    /// A mark from 1, not satisfied at all, to 5.
    async fn satisfaction(&self) -> i32 {
        self.row.satisfaction
    }

    /// What was said.
    async fn comment(&self) -> Option<&str> {
        self.row.comment.as_deref()
    }

    /// What should be different from now on.
    async fn changes_wanted(&self) -> Option<&str> {
        self.row.changes_wanted.as_deref()
    }

    /// When it was given.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    /// A page of answers to a report.
    ReportAnswerConnection, ReportAnswerEdge, ReportAnswer
);

/// A report of any days, made for this answer and kept nowhere.
pub struct ReportPreview {
    asked: Preview,
    locale: Locale,
    report: Report,
}

/// A report of any days, made for this answer and kept nowhere.
#[Object]
impl ReportPreview {
    /// What it says.
    async fn content(&self) -> ReportContent {
        self.report.clone().into()
    }

    /// Links to it as a page and as files; each makes it anew.
    async fn files(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The language; the client's where absent.")] locale: Option<Locale>,
    ) -> Option<async_graphql::Result<ReportFiles>> {
        field(files(ctx, Subject::Preview(self.asked), locale.unwrap_or(self.locale)).map(Some))
    }
}

/// Which reports.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct WeeklyReportFilter {
    /// By client.
    client_id: Option<IdFilter>,
    /// By the Monday of the week.
    week_starts_on: Option<DateFilter>,
}

impl WeeklyReportFilter {
    fn tree(self) -> Tree<Leaf> {
        let mut all: Vec<Tree<Leaf>> = Vec::new();
        all.extend(self.client_id.map(|id| Tree::Leaf(Leaf::Client(id.compare()))));
        all.extend(self.week_starts_on.map(|day| Tree::Leaf(Leaf::Week(day.into()))));
        Tree::All(all)
    }
}

/// Queries of reports.
#[derive(Default)]
pub struct ReportQuery;

#[Object]
impl ReportQuery {
    /// The weekly reports that the caller sees, the newest week first.
    async fn weekly_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<WeeklyReportFilter>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<WeeklyReportConnection>> {
        field(
            async {
                let binding = Binding::new(&("weeklyReports", &filter));
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let tree = filter.map(WeeklyReportFilter::tree);
                let listed =
                    Box::pin(usecase::report::list(call(ctx), tree.as_ref(), binding, &page)).await?;
                Ok(Some(WeeklyReportConnection::new(listed, WeeklyReport::from)))
            }
            .await,
        )
    }

    /// A report of any days at any time, not frozen and not mailed; at most 366 days.
    #[allow(clippy::too_many_arguments, reason = "the days, and what they are cut to")]
    async fn report_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which client.")] client_id: Gid<ClientId>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day.")] to: Date,
        #[graphql(desc = "This engagement alone.")] engagement_id: Option<Gid<EngagementId>>,
        #[graphql(desc = "Time of this stage alone.")] stage: Option<Stage>,
    ) -> Option<async_graphql::Result<ReportPreview>> {
        let asked = Preview {
            client: client_id.0,
            from: from.into(),
            to: to.into(),
            engagement: engagement_id.map(|id| id.0),
            stage,
        };
        let made = Box::pin(usecase::report::preview(call(ctx), asked)).await;
        found(made.map(|(client, report)| Some(ReportPreview { asked, locale: client.locale, report })))
    }
}

/// An answer to a report.
#[derive(InputObject)]
pub struct ReportAnswerInput {
    /// Which report.
    weekly_report_id: Gid<WeeklyReportId>,
    /// A mark from 1, not satisfied at all, to 5.
    satisfaction: i32,
    /// What is to be said, at most 4,000 characters.
    comment: Option<String>,
    /// What should be different from now on, at most 4,000 characters; it goes onto the next meeting's agenda.
    changes_wanted: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of answering a report.
    ReportAnswerPayload {
        /// The answer.
        report_answer: ReportAnswer,
        /// The report.
        weekly_report: WeeklyReport,
    }
}

/// Changes around reports.
#[derive(Default)]
pub struct ReportMutation;

#[Object]
impl ReportMutation {
    /// Answers a report. Whoever answers again adds an answer; the earlier one stays.
    async fn report_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: ReportAnswerInput,
    ) -> Option<async_graphql::Result<ReportAnswerPayload>> {
        let key = input.idempotency_key;
        let command = usecase::report::Answer {
            report: input.weekly_report_id.0,
            satisfaction: input.satisfaction,
            comment: input.comment,
            changes_wanted: input.changes_wanted,
        };
        let made = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::report::answer(&call, command, key).await
        }))
        .await;
        answer(made.map(|(report, row)| ReportAnswerPayload {
            report_answer: Some(row.into()),
            weekly_report: Some(report.into()),
            errors: Vec::new(),
        }))
    }
}
