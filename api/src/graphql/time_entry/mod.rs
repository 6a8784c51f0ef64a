//! Time entries.

pub mod edit;
mod filter;

use async_graphql::{Context, ID, Object};
use domain::policy::{Action, Target};
use domain::time_entry::{Activity, DrawReason};
use entity::{task, time_entry, user};

pub use edit::TimeEntryMutation;
pub use filter::{TimeEntryFilter, TimeEntryOrder};

use super::asked::Asked;
use super::comment::{CommentConnection, comments};
use super::error::field;
use super::id::Identified;
use super::page::{PageArgs, connection};
use super::scalar::{Date, DateTime};
use super::task::Task;
use super::time_entry_question::TimeEntryQuestion;
use super::user::User;
use super::{call, request, settle};
use crate::error::{Error, Result};
use crate::store::page::Binding;
use crate::usecase;
use crate::usecase::comment::Subject;
use crate::usecase::time_entry::Wanted;

/// Who did what for how long, on which day, in which kind of work.
#[derive(Clone)]
pub struct TimeEntry {
    row: time_entry::Model,
    user: Option<user::Model>,
    task: Option<task::Model>,
}

impl From<time_entry::Model> for TimeEntry {
    fn from(row: time_entry::Model) -> Self {
        Self { row, user: None, task: None }
    }
}

impl TimeEntry {
    /// An entry with what was in hand when it was written or read, so that showing it costs nothing more.
    pub fn logged(row: time_entry::Model, user: Option<user::Model>, task: Option<task::Model>) -> Self {
        Self { row, user, task }
    }
}

/// Who did what for how long, on which day, in which kind of work.
#[Object]
impl TimeEntry {
    /// The entry's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Whose time it is.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        if let Some(user) = &self.user {
            return Some(Ok(user.clone().into()));
        }
        field(request(ctx).loaders.user(self.row.user_id).await.map(|user| user.map(User::from)))
    }

    /// Who logged it, where that was someone else.
    async fn logged_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        if self.row.logged_by == self.row.user_id {
            return None;
        }
        field(request(ctx).loaders.user(self.row.logged_by).await.map(|user| user.map(User::from)))
    }

    /// The day on which the work was done, in the client's time zone.
    async fn worked_on(&self) -> Date {
        self.row.worked_on.into()
    }

    /// Minutes, 1 to 1440.
    async fn minutes(&self) -> i32 {
        self.row.minutes
    }

    /// The kind of work.
    async fn activity(&self) -> Activity {
        self.row.activity
    }

    /// What was done, in words that the client reads.
    async fn note(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        let target = Target::client(self.row.client_id).owned_by(Some(self.row.user_id));
        field(settle(call(ctx), "TimeEntry.note", &target).map(|()| Some(self.row.note.clone())))
    }

    /// Whether the minutes were taken from the balance.
    async fn draws_on_balance(&self) -> bool {
        self.row.draws_on_balance
    }

    /// Why the minutes were or were not taken from the balance.
    async fn explain(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<TimeEntryExplanation>> {
        field(
            Box::pin(usecase::time_entry::explain(call(ctx), &self.row))
                .await
                .map(|reason| reason.map(|reason| TimeEntryExplanation { reason })),
        )
    }

    /// What this entry replaced, newest first.
    async fn corrections(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<TimeEntry>>> {
        if self.row.corrects_id.is_none() {
            return Some(Ok(Vec::new()));
        }
        field(
            Box::pin(usecase::time_entry::history(call(ctx), &self.row))
                .await
                .map(|earlier| Some(earlier.into_iter().map(Self::from).collect())),
        )
    }

    /// The task that the work belongs to.
    async fn task(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Task>> {
        if let Some(task) = &self.task {
            return Some(Ok(task.clone().into()));
        }
        let id = self.row.task_id?;
        field(request(ctx).loaders.task(id).await.map(|task| task.map(Task::from)))
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
        comments(ctx, "TimeEntry.comments", Subject::TimeEntry(self.row.id), self.row.client_id, args).await
    }

    /// What the client asked about it, the oldest first, with the answers; at most 20. What was asked about an entry that
    /// this one replaced stands here too.
    async fn questions(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<TimeEntryQuestion>>> {
        field(
            async {
                let target = Target::client(self.row.client_id).owned_by(Some(self.row.user_id));
                settle(call(ctx), "TimeEntry.questions", &target)?;
                let rows = request(ctx).loaders.questions_of(self.row.id).await?;
                Ok(Some(rows.into_iter().map(TimeEntryQuestion::from).collect()))
            }
            .await,
        )
    }

    /// When it was corrected or taken back; null while it stands.
    async fn corrected_at(&self) -> Option<DateTime> {
        self.row.corrected_at.map(DateTime::from)
    }

    /// Why it was corrected or taken back.
    async fn correction_reason(&self) -> Option<&str> {
        self.row.correction_reason.as_deref()
    }

    /// When it was logged.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

/// Why time did or did not draw on the balance.
pub struct TimeEntryExplanation {
    reason: DrawReason,
}

/// Why time did or did not draw on the balance.
#[Object]
impl TimeEntryExplanation {
    /// The reason, for programs.
    async fn reason(&self) -> DrawReason {
        self.reason
    }

    /// The reason, for people.
    async fn text(
        &self,
        #[graphql(desc = "The language.", default_with = "domain::client::Locale::En")]
        locale: domain::client::Locale,
    ) -> &'static str {
        self.reason.text(locale)
    }
}

connection!(
    /// A page of time entries.
    TimeEntryConnection, TimeEntryEdge, TimeEntry;
    /// Minutes of the whole list, not of the page alone.
    total_minutes
);

/// Queries of time.
#[derive(Default)]
pub struct TimeEntryQuery;

#[Object]
impl TimeEntryQuery {
    /// The time entries that the caller sees and that stand, newest day first where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn time_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<Box<TimeEntryFilter>>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<TimeEntryOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<TimeEntryConnection>> {
        field(time_entries(ctx, filter, order_by, PageArgs { first, after, last, before }).await.map(Some))
    }
}

/// A page of time, by whatever leads to it.
///
/// # Errors
/// BAD_USER_INPUT for the page's arguments; the caller reads no time at all.
pub async fn time_entries(
    ctx: &Context<'_>,
    filter: Option<Box<TimeEntryFilter>>,
    order_by: Option<Vec<TimeEntryOrder>>,
    page: PageArgs,
) -> Result<TimeEntryConnection> {
    call(ctx).scope(Action::TimeEntryRead)?;
    let binding = Binding::new(&("timeEntries", &filter, &order_by));
    let page = page.page(binding)?;
    let order = filter::order(order_by);
    let filter = filter.map(|filter| filter.tree());
    let entries = Asked::of(ctx).at("nodes").and(Asked::of(ctx).at("edges").at("node"));
    let (user, task) = (entries.at("user"), entries.at("task"));
    let wanted = Wanted {
        user: user.exists() && user.only(User::BRIEF),
        task: task.exists() && task.only(Task::BRIEF),
    };
    let listed =
        Box::pin(usecase::time_entry::list(call(ctx), filter.as_ref(), order, binding, &page, wanted))
            .await?;
    let total = {
        let call = call(ctx).clone();
        let filter = filter.clone();
        std::sync::Arc::new(move || {
            let (call, filter) = (call.clone(), filter.clone());
            let sum: futures_util::future::BoxFuture<'static, Result<i64, Error>> = Box::pin(async move {
                Box::pin(usecase::time_entry::total_minutes(&call, filter.as_ref())).await
            });
            sum
        })
    };
    let entry = |(row, user, task)| TimeEntry::logged(row, user, task);
    Ok(TimeEntryConnection::new(listed, entry, total))
}
