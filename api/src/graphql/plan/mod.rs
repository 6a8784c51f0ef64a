//! Plans.

pub mod edit;

pub use edit::PlanMutation;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::id::PlanId;
use domain::plan::{PlanKind, PlanStatus};
use domain::policy::Target;
use entity::{block, plan};

use super::block::Block;
use super::client::Client;
use super::comment::{CommentConnection, comments};
use super::error::{field, found};
use super::id::{Gid, Identified};
use super::page::PageArgs;
use super::scalar::DateTime;
use super::sign_off::SignOff;
use super::task::{TaskConnection, TaskFilter, TaskOrder, tasks};
use super::{call, request, settle};
use crate::usecase;
use crate::usecase::comment::Subject;
use crate::usecase::tree::PlanBranch;

/// What is to be done for a client: goals, and blocks of tasks.
#[derive(Clone)]
pub struct Plan {
    row: plan::Model,
    blocks: Option<Arc<[Block]>>,
}

impl From<plan::Model> for Plan {
    fn from(row: plan::Model) -> Self {
        Self { row, blocks: None }
    }
}

impl From<PlanBranch> for Plan {
    fn from(branch: PlanBranch) -> Self {
        Self { row: branch.plan, blocks: Some(branch.blocks.into_iter().map(Block::from).collect()) }
    }
}

/// The sums of a plan's blocks, each figure apart, in minutes.
#[derive(Clone, SimpleObject)]
pub struct PlanTotals {
    /// The estimates of all tasks that are not cancelled: in support of everyone who works on them.
    estimate_minutes: i32,
    /// The developments of all tasks that are not cancelled.
    development_minutes: i32,
    /// What was spent on all tasks, cancelled ones included.
    spent_minutes: i32,
}

impl PlanTotals {
    fn of(blocks: &[block::Model]) -> Self {
        let sum = |figure: fn(&block::Model) -> i32| {
            let sum: i64 = blocks.iter().map(|row| i64::from(figure(row))).sum();
            i32::try_from(sum).unwrap_or(i32::MAX)
        };
        Self {
            estimate_minutes: sum(|row| row.estimate_minutes),
            development_minutes: sum(|row| row.development_minutes),
            spent_minutes: sum(|row| row.spent_minutes),
        }
    }
}

/// What is to be done for a client: goals, and blocks of tasks.
#[Object]
impl Plan {
    /// The plan's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The client that it is for.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|row| row.map(Client::from)))
    }

    /// What it is for.
    async fn kind(&self) -> PlanKind {
        self.row.kind
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// Where it stands.
    async fn status(&self) -> PlanStatus {
        self.row.status
    }

    /// The revision, from 1: sign-offs are bound to it, and submitting after one makes the next.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// Its goals, in order; at most 20.
    async fn goals(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<String>>> {
        let rows = request(ctx).loaders.goals_of_plan(self.row.id).await;
        field(rows.map(|rows| Some(rows.into_iter().map(|row| row.text).collect())))
    }

    /// The overall estimate in minutes, given by hand; null until then. The sums of the tasks are `totals`.
    async fn estimate_minutes(&self) -> Option<i32> {
        self.row.estimate_minutes
    }

    /// The sums of its blocks.
    async fn totals(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<PlanTotals>> {
        let rows = request(ctx).loaders.blocks_of_plan(self.row.id).await;
        field(rows.map(|rows| Some(PlanTotals::of(&rows))))
    }

    /// Its blocks in order of priority; at most 100.
    async fn blocks(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Arc<[Block]>>> {
        if let Some(blocks) = &self.blocks {
            return Some(Ok(Arc::clone(blocks)));
        }
        let rows = request(ctx).loaders.blocks_of_plan(self.row.id).await;
        field(rows.map(|rows| Some(rows.into_iter().map(Block::from).collect())))
    }

    /// The tasks of all its blocks, page by page; last changed first where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<Box<TaskFilter>>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<TaskOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<TaskConnection>> {
        Box::pin(tasks(ctx, Some(self.row.id), filter, order_by, PageArgs { first, after, last, before }))
            .await
    }

    /// What was said of its revisions, oldest first.
    async fn sign_offs(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<SignOff>>> {
        field(
            async {
                settle(call(ctx), "Plan.signOffs", &Target::client(self.row.client_id))?;
                let rows = request(ctx).loaders.sign_offs_of_plan(self.row.id).await?;
                Ok(Some(rows.into_iter().map(SignOff::from).collect()))
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
        comments(ctx, "Plan.comments", Subject::Plan(self.row.id), self.row.client_id, args).await
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed itself; its blocks and tasks have times of their own.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

/// Queries of plans.
#[derive(Default)]
pub struct PlanQuery;

#[Object]
impl PlanQuery {
    /// One plan.
    async fn plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: Gid<PlanId>,
    ) -> Option<async_graphql::Result<Plan>> {
        found(Box::pin(usecase::plan::find(call(ctx), id.0)).await.map(|row| row.map(Plan::from)))
    }
}
