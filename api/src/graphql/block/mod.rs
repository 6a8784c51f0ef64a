//! Blocks.

pub mod edit;

pub use edit::BlockMutation;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::block::BlockStatus;
use domain::policy::Target;
use entity::block;
use futures_util::future::try_join_all;

use super::comment::{CommentConnection, comments};
use super::error::field;
use super::id::Identified;
use super::instruction::{self, Instruction};
use super::page::PageArgs;
use super::plan::Plan;
use super::scalar::DateTime;
use super::sign_off::SignOff;
use super::task::Task;
use super::training::{self, Training};
use super::{call, request, settle};
use crate::usecase::comment::Subject;
use crate::usecase::tree::TaskLeaf;

/// A part of a plan, a direction of work, in order of priority.
#[derive(Clone)]
pub struct Block {
    row: block::Model,
    tasks: Option<Arc<[Task]>>,
}

impl From<block::Model> for Block {
    fn from(row: block::Model) -> Self {
        Self { row, tasks: None }
    }
}

impl From<(block::Model, Option<Vec<TaskLeaf>>)> for Block {
    fn from((row, tasks): (block::Model, Option<Vec<TaskLeaf>>)) -> Self {
        Self { row, tasks: tasks.map(|tasks| tasks.into_iter().map(Task::from).collect()) }
    }
}

/// A part of a plan, a direction of work, in order of priority.
#[Object]
impl Block {
    /// The block's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The plan that it is part of.
    async fn plan(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Plan>> {
        field(request(ctx).loaders.plan(self.row.plan_id).await.map(|row| row.map(Plan::from)))
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
    async fn status(&self) -> BlockStatus {
        self.row.status
    }

    /// Its place in the plan: smaller comes first.
    async fn position(&self) -> i32 {
        self.row.position
    }

    /// The sum of its tasks' estimates in minutes, without cancelled tasks.
    async fn estimate_minutes(&self) -> i32 {
        self.row.estimate_minutes
    }

    /// The sum of its tasks' developments in minutes, without cancelled tasks; a figure apart.
    async fn development_minutes(&self) -> i32 {
        self.row.development_minutes
    }

    /// The minutes spent on its tasks, cancelled ones included.
    async fn spent_minutes(&self) -> i32 {
        self.row.spent_minutes
    }

    /// The blocks that it waits for: it begins once they are confirmed.
    async fn depends_on(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Block>>> {
        let loaders = &request(ctx).loaders;
        field(
            async {
                let waits = loaders.waits_of_block(self.row.id).await?;
                let blocks = try_join_all(waits.iter().map(|wait| loaders.block(wait.depends_on_id))).await?;
                let mut blocks: Vec<block::Model> = blocks.into_iter().flatten().collect();
                blocks.sort_by_key(|row| (row.position, row.id));
                Ok(Some(blocks.into_iter().map(Block::from).collect()))
            }
            .await,
        )
    }

    /// Its tasks of every status, in order of priority; at most 200.
    async fn tasks(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Arc<[Task]>>> {
        if let Some(tasks) = &self.tasks {
            return Some(Ok(Arc::clone(tasks)));
        }
        let rows = request(ctx).loaders.tasks_of_block(self.row.id).await;
        field(rows.map(|rows| Some(rows.into_iter().map(Task::from).collect())))
    }

    /// What was said of it, oldest first.
    async fn sign_offs(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<SignOff>>> {
        field(
            async {
                settle(call(ctx), "Block.signOffs", &Target::client(self.row.client_id))?;
                let rows = request(ctx).loaders.sign_offs_of_block(self.row.id).await?;
                Ok(Some(rows.into_iter().map(SignOff::from).collect()))
            }
            .await,
        )
    }

    /// What its users read and watch, by title; at most 20.
    async fn instructions(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Instruction>>> {
        let rows = request(ctx).loaders.instructions_of_block(self.row.id);
        instruction::hanging(ctx, "Block.instructions", self.row.client_id, rows).await
    }

    /// The trainings about it, the earliest first; at most 20.
    async fn trainings(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Training>>> {
        let rows = request(ctx).loaders.trainings_of_block(self.row.id);
        training::hanging(ctx, "Block.trainings", self.row.client_id, rows).await
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
        comments(ctx, "Block.comments", Subject::Block(self.row.id), self.row.client_id, args).await
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed itself; its tasks have times of their own.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}
