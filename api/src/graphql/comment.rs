//! Comments on plans, blocks, tasks, time entries and weekly reports.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::{BlockId, ClientId, PlanId, TaskId, TimeEntryId, WeeklyReportId};
use domain::policy::Target;
use entity::comment;
use uuid::Uuid;

use super::block::Block;
use super::error::{answer, field, payload, top_level};
use super::id::{Identified, Kind, Named, decode};
use super::page::{PageArgs, connection};
use super::plan::Plan;
use super::report::WeeklyReport;
use super::scalar::DateTime;
use super::task::Task;
use super::time_entry::TimeEntry;
use super::user::User;
use super::{call, request, settle};
use crate::error::Error;
use crate::store::page::Binding;
use crate::usecase;
use crate::usecase::comment::Subject;

/// What a person said about a plan, block, task, time entry or weekly report.
#[derive(Clone)]
pub struct Comment {
    row: comment::Model,
}

impl From<comment::Model> for Comment {
    fn from(row: comment::Model) -> Self {
        Self { row }
    }
}

/// What a person said about a plan, block, task, time entry or weekly report.
#[Object]
impl Comment {
    /// The comment's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// What was said, at most 10,000 characters.
    async fn body(&self) -> &str {
        &self.row.body
    }

    /// Whether it is for the provider's staff only; clients never see such a comment.
    async fn internal(&self) -> bool {
        self.row.internal
    }

    /// Who said it.
    async fn author(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(request(ctx).loaders.user(self.row.author_id).await.map(|row| row.map(User::from)))
    }

    /// When it was said.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    /// A page of comments, oldest first.
    CommentConnection, CommentEdge, Comment
);

/// The comments on something of a client, for a field `Type.comments` that has its row in the policy.
pub async fn comments(
    ctx: &Context<'_>,
    protected: &str,
    subject: Subject,
    client: ClientId,
    args: PageArgs,
) -> Option<async_graphql::Result<CommentConnection>> {
    field(
        async {
            settle(call(ctx), protected, &Target::client(client))?;
            let binding = Binding::new(&("comments", subject));
            let page = args.page(binding)?;
            let listed = Box::pin(usecase::comment::list(call(ctx), subject, client, binding, &page)).await?;
            Ok(Some(CommentConnection::new(listed, Comment::from)))
        }
        .await,
    )
}

/// A new comment.
#[derive(InputObject)]
pub struct CommentCreateInput {
    /// The plan, block, task, time entry or weekly report that it is about.
    subject_id: ID,
    /// What is said, at most 10,000 characters.
    body: String,
    /// Whether it is for the provider's staff only.
    #[graphql(default)]
    internal: bool,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of commenting.
    CommentCreatePayload {
        /// The new comment.
        comment: Comment,
        /// The plan, where it is about one.
        plan: Plan,
        /// The block, where it is about one.
        block: Block,
        /// The task, where it is about one.
        task: Task,
        /// The time entry, where it is about one.
        time_entry: TimeEntry,
        /// The report, where it is about one.
        weekly_report: WeeklyReport,
    }
}

/// Changes of comments.
#[derive(Default)]
pub struct CommentMutation;

#[Object]
impl CommentMutation {
    /// Comments on a plan, block, task, time entry or weekly report; an internal comment needs a right of the provider's staff.
    async fn comment_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new comment.")] input: CommentCreateInput,
    ) -> Option<async_graphql::Result<CommentCreatePayload>> {
        let subject = match decode(&input.subject_id) {
            Some(Named::Row(Kind::Plan, id)) => Subject::Plan(PlanId(id)),
            Some(Named::Row(Kind::Block, id)) => Subject::Block(BlockId(id)),
            Some(Named::Row(Kind::Task, id)) => Subject::Task(TaskId(id)),
            Some(Named::Row(Kind::TimeEntry, id)) => Subject::TimeEntry(TimeEntryId(id)),
            Some(Named::Row(Kind::WeeklyReport, id)) => Subject::Report(WeeklyReportId(id)),
            _ => {
                let words = "This is no id of a plan, block, task, time entry or report.".to_owned();
                return Some(Err(top_level(Error::BadInput(words))));
            }
        };
        let key = input.idempotency_key;
        let command = usecase::comment::Create { subject, body: input.body, internal: input.internal };
        let made = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::comment::create(&call, command, key).await
        }))
        .await;
        let payload = async {
            let row = made?;
            let loaders = &request(ctx).loaders;
            let mut payload = CommentCreatePayload { comment: Some(row.into()), ..Default::default() };
            match subject {
                Subject::Plan(id) => payload.plan = loaders.plan(id).await?.map(Plan::from),
                Subject::Block(id) => payload.block = loaders.block(id).await?.map(Block::from),
                Subject::Task(id) => payload.task = loaders.task(id).await?.map(Task::from),
                Subject::TimeEntry(id) => {
                    payload.time_entry =
                        Box::pin(usecase::time_entry::find(call(ctx), id)).await?.map(TimeEntry::from);
                }
                Subject::Report(id) => {
                    payload.weekly_report =
                        Box::pin(usecase::report::find(call(ctx), id)).await?.map(WeeklyReport::from);
                }
            }
            Ok(payload)
        };
        answer(payload.await)
    }
}
