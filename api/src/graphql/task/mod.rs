//! Tasks.

pub mod edit;
pub mod list;
pub mod step;

pub use edit::TaskMutation;
pub use list::{TaskConnection, TaskFilter, TaskOrder, TaskQuery, tasks, tasks_of_client};
pub use step::TaskStepMutation;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::policy::Target;
use domain::task::{TaskStatus, limit_warning, own_minutes_of_development};
use entity::task;

use super::block::Block;
use super::client::Client;
use super::comment::{CommentConnection, comments};
use super::error::field;
use super::id::Identified;
use super::instruction::{self, Instruction};
use super::page::PageArgs;
use super::plan::Plan;
use super::scalar::DateTime;
use super::sign_off::SignOff;
use super::training::{self, Training};
use super::user::User;
use super::{call, request, settle};
use crate::error::Result;
use crate::usecase::comment::Subject;
use crate::usecase::tree::TaskLeaf;

/// A part of a block, or of a client's inbox: something to be done.
#[derive(Clone)]
pub struct Task {
    row: task::Model,
    assignee: Option<User>,
}

impl From<task::Model> for Task {
    fn from(row: task::Model) -> Self {
        Self { row, assignee: None }
    }
}

impl From<TaskLeaf> for Task {
    fn from((row, assignee): TaskLeaf) -> Self {
        Self { row, assignee: assignee.map(User::from) }
    }
}

impl Task {
    /// What a brief row answers.
    pub const BRIEF: &[&str] = &[
        "id",
        "title",
        "status",
        "position",
        "urgent",
        "estimateMinutes",
        "developmentMinutes",
        "suggestedOwnMinutes",
        "limitMinutes",
        "limitReached",
        "spentMinutes",
        "remainingMinutes",
        "assignee",
        "client",
        "plan",
        "block",
    ];
}

/// A range of minutes.
#[derive(Clone, SimpleObject)]
pub struct MinutesRange {
    /// The least, in minutes.
    min_minutes: i32,
    /// The most, in minutes.
    max_minutes: i32,
}

impl Task {
    async fn person(
        &self,
        ctx: &Context<'_>,
        protected: &str,
        id: Option<domain::id::UserId>,
    ) -> Result<Option<User>> {
        settle(call(ctx), protected, &Target::client(self.row.client_id))?;
        match id {
            Some(id) => Ok(request(ctx).loaders.user(id).await?.map(User::from)),
            None => Ok(None),
        }
    }
}

/// A part of a block, or of a client's inbox: something to be done.
#[Object]
impl Task {
    /// The task's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The client that it is for.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|row| row.map(Client::from)))
    }

    /// The plan that it is part of; null while it is in the inbox.
    async fn plan(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Plan>> {
        let id = self.row.plan_id?;
        field(request(ctx).loaders.plan(id).await.map(|row| row.map(Plan::from)))
    }

    /// The block that it is part of; null while it is in the inbox.
    async fn block(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Block>> {
        let id = self.row.block_id?;
        field(request(ctx).loaders.block(id).await.map(|row| row.map(Block::from)))
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// What it is about.
    async fn description(&self) -> Option<&str> {
        self.row.description.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> TaskStatus {
        self.row.status
    }

    /// Where it goes back to; given exactly while it is PAUSED.
    async fn paused_from(&self) -> Option<TaskStatus> {
        self.row.paused_from
    }

    /// Its place in its block or inbox: smaller comes first.
    async fn position(&self) -> i32 {
        self.row.position
    }

    /// Whether it is marked urgent.
    async fn urgent(&self) -> bool {
        self.row.urgent
    }

    /// What it is expected to take in minutes, in support of everyone who works on it; null until estimated. Custom
    /// code is a figure apart.
    async fn estimate_minutes(&self) -> Option<i32> {
        self.row.estimate_minutes
    }

    /// What its custom code is expected to take in minutes; null without any.
    async fn development_minutes(&self) -> Option<i32> {
        self.row.development_minutes
    }

    /// What its custom code is expected to cost beside the code itself, for specification, testing and hand-over; null
    /// without a development.
    async fn suggested_own_minutes(&self) -> Option<MinutesRange> {
        self.row.development_minutes.map(|minutes| {
            let (min_minutes, max_minutes) = own_minutes_of_development(minutes);
            MinutesRange { min_minutes, max_minutes }
        })
    }

    /// The minutes at which it warns, set by the client's owner; null without a limit. Logging goes on beyond it.
    async fn limit_minutes(&self) -> Option<i32> {
        self.row.limit_minutes
    }

    /// Whether what was spent has reached the limit.
    async fn limit_reached(&self) -> bool {
        limit_warning(self.row.spent_minutes, self.row.limit_minutes)
    }

    /// The minutes spent on it.
    async fn spent_minutes(&self) -> i32 {
        self.row.spent_minutes
    }

    /// What is left of its estimate in minutes, never below 0; null until estimated.
    async fn remaining_minutes(&self) -> Option<i32> {
        self.row.estimate_minutes.map(|estimate| estimate.saturating_sub(self.row.spent_minutes).max(0))
    }

    /// Who is to do it; null until assigned.
    async fn assignee(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        if let Some(assignee) = &self.assignee {
            let settled = settle(call(ctx), "Task.assignee", &Target::client(self.row.client_id));
            return field(settled.map(|()| Some(assignee.clone())));
        }
        field(self.person(ctx, "Task.assignee", self.row.assignee_id).await)
    }

    /// Who asked for it; null where the provider planned it.
    async fn requested_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(self.person(ctx, "Task.requestedBy", self.row.requested_by).await)
    }

    /// Why it was given up; given exactly where it is CANCELLED.
    async fn cancel_reason(&self) -> Option<&str> {
        self.row.cancel_reason.as_deref()
    }

    /// Its id in the client's own CRM; unique for the client.
    async fn external_id(&self) -> Option<&str> {
        self.row.external_id.as_deref()
    }

    /// Its address in the client's own CRM.
    async fn external_url(&self) -> Option<&str> {
        self.row.external_url.as_deref()
    }

    /// When it was accepted; given exactly where it is DONE.
    async fn done_at(&self) -> Option<DateTime> {
        self.row.done_at.map(DateTime::from)
    }

    /// What was said of it, oldest first.
    async fn sign_offs(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<SignOff>>> {
        field(
            async {
                settle(call(ctx), "Task.signOffs", &Target::client(self.row.client_id))?;
                let rows = request(ctx).loaders.sign_offs_of_task(self.row.id).await?;
                Ok(Some(rows.into_iter().map(SignOff::from).collect()))
            }
            .await,
        )
    }

    /// What its users read and watch, by title; at most 20.
    async fn instructions(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Instruction>>> {
        let rows = request(ctx).loaders.instructions_of_task(self.row.id);
        instruction::hanging(ctx, "Task.instructions", self.row.client_id, rows).await
    }

    /// The trainings about it, the earliest first; at most 20.
    async fn trainings(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Training>>> {
        let rows = request(ctx).loaders.trainings_of_task(self.row.id);
        training::hanging(ctx, "Task.trainings", self.row.client_id, rows).await
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
        comments(ctx, "Task.comments", Subject::Task(self.row.id), self.row.client_id, args).await
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}
