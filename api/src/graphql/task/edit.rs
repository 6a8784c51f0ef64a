//! Asking for tasks, planning, changing and ordering them.

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::id::{BlockId, ClientId, TaskId, UserId};
use uuid::Uuid;

use super::super::block::Block;
use super::super::call;
use super::super::error::{Payload, UserError, answer, payload};
use super::super::id::Gid;
use super::super::patch::{conflict, patch};
use super::super::plan::Plan;
use super::Task;
use crate::error::Result;
use crate::usecase;
use crate::usecase::patch::Edited;
use crate::usecase::task::Touched;

/// What a client asks for.
#[derive(InputObject)]
pub struct TaskRequestInput {
    /// The client that it is for.
    client_id: Gid<ClientId>,
    /// Its title, at most 300 characters.
    title: String,
    /// What it is about, at most 10,000 characters.
    description: Option<String>,
    /// Its id in the client's own CRM; unique for the client.
    external_id: Option<String>,
    /// Its address in the client's own CRM.
    external_url: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A new task in a block.
#[derive(InputObject)]
pub struct TaskCreateInput {
    /// The block that it is part of.
    block_id: Gid<BlockId>,
    /// Its title, at most 300 characters.
    title: String,
    /// What it is about, at most 10,000 characters.
    description: Option<String>,
    /// What it is expected to take in minutes, 0 to 100,000; custom code is a figure apart.
    estimate_minutes: Option<i32>,
    /// What its custom code is expected to take in minutes, 0 to 100,000.
    development_minutes: Option<i32>,
    /// Who is to do it: a person on the client's team.
    assignee_id: Option<Gid<UserId>>,
    /// Its id in the client's own CRM; unique for the client.
    external_id: Option<String>,
    /// Its address in the client's own CRM.
    external_url: Option<String>,
    /// The task of the block that it is put before; last where absent.
    before: Option<Gid<TaskId>>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// Where a requested task goes: what is absent keeps.
#[derive(InputObject)]
pub struct TaskPlanInput {
    /// The block that it is planned into.
    block_id: Gid<BlockId>,
    /// The task of the block that it is put before; last where absent.
    before: Option<Gid<TaskId>>,
    /// What it is expected to take in minutes, 0 to 100,000.
    estimate_minutes: MaybeUndefined<i32>,
    /// What its custom code is expected to take in minutes, 0 to 100,000.
    development_minutes: MaybeUndefined<i32>,
    /// Who is to do it: a person on the client's team.
    assignee_id: MaybeUndefined<Gid<UserId>>,
}

/// A change of a task: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct TaskUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Its title, at most 300 characters.
    title: MaybeUndefined<String>,
    /// What it is about, at most 10,000 characters.
    description: MaybeUndefined<String>,
    /// What it is expected to take in minutes, 0 to 100,000.
    estimate_minutes: MaybeUndefined<i32>,
    /// What its custom code is expected to take in minutes, 0 to 100,000.
    development_minutes: MaybeUndefined<i32>,
    /// Who is to do it: a person on the client's team.
    assignee_id: MaybeUndefined<Gid<UserId>>,
    /// Its id in the client's own CRM; unique for the client.
    external_id: MaybeUndefined<String>,
    /// Its address in the client's own CRM.
    external_url: MaybeUndefined<String>,
}

/// Where a task goes.
#[derive(InputObject)]
pub struct TaskMoveInput {
    /// Another block of its plan; where absent it stays in its block or inbox. Needs the right to plan.
    block_id: Option<Gid<BlockId>>,
    /// The task of the block or inbox that it is put before; last where absent.
    before: Option<Gid<TaskId>>,
}

/// Declares payloads of mutations that touch a task, its block and its plan.
macro_rules! task_payloads {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $crate::graphql::error::payload! {
            $(#[$doc])*
            $name {
                /// The task as it is now, also where the change met a conflict.
                task: $crate::graphql::task::Task,
                /// The block that it is in, with its sums; null for the inbox.
                block: $crate::graphql::block::Block,
                /// Its plan; null for the inbox.
                plan: $crate::graphql::plan::Plan,
            }
        }

        impl From<(Touched, Vec<UserError>)> for $name {
            fn from((touched, errors): (Touched, Vec<UserError>)) -> Self {
                Self {
                    task: Some(touched.task.into()),
                    block: touched.block.map(Into::into),
                    plan: touched.plan.map(Into::into),
                    errors,
                }
            }
        }
    )+};
}
pub(super) use task_payloads;

task_payloads! {
    /// The outcome of asking for a task.
    TaskRequestPayload,
    /// The outcome of creating a task.
    TaskCreatePayload,
    /// The outcome of planning a task.
    TaskPlanPayload,
    /// The outcome of changing a task.
    TaskUpdatePayload,
}

payload! {
    /// The outcome of moving a task.
    TaskMovePayload {
        /// The task as it is now.
        task: Task,
        /// The block that it is in, with its sums; null for the inbox.
        block: Block,
        /// The block that it was in before, with its sums; null where it stayed.
        left_block: Block,
        /// Its plan; null for the inbox.
        plan: Plan,
    }
}

impl From<(Touched, Vec<UserError>)> for TaskMovePayload {
    fn from((touched, errors): (Touched, Vec<UserError>)) -> Self {
        Self {
            task: Some(touched.task.into()),
            block: touched.block.map(Block::from),
            left_block: touched.left.map(Block::from),
            plan: touched.plan.map(Plan::from),
            errors,
        }
    }
}

/// The answer of a mutation that touched a task.
pub(super) fn done<P: Payload + From<(Touched, Vec<UserError>)>>(
    result: Result<Touched>,
) -> Option<async_graphql::Result<P>> {
    answer(result.map(|touched| (touched, Vec::new()).into()))
}

/// Changes of tasks.
#[derive(Default)]
pub struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Asks for a task: it lands in the client's inbox, REQUESTED, until it is planned into a block.
    async fn task_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: TaskRequestInput,
    ) -> Option<async_graphql::Result<TaskRequestPayload>> {
        let key = input.idempotency_key;
        let command = usecase::task::Request {
            client_id: input.client_id.0,
            title: input.title,
            description: input.description,
            external_id: input.external_id,
            external_url: input.external_url,
        };
        done(
            Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::task::request(&call, command, key).await
            }))
            .await,
        )
    }

    /// Creates a task in a block, PLANNED.
    async fn task_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new task.")] input: TaskCreateInput,
    ) -> Option<async_graphql::Result<TaskCreatePayload>> {
        let key = input.idempotency_key;
        let command = usecase::task::Create {
            block_id: input.block_id.0,
            title: input.title,
            description: input.description,
            estimate_minutes: input.estimate_minutes,
            development_minutes: input.development_minutes,
            assignee_id: input.assignee_id.map(|id| id.0),
            external_id: input.external_id,
            external_url: input.external_url,
            before: input.before.map(|id| id.0),
        };
        done(
            Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::task::create(&call, command, key).await
            }))
            .await,
        )
    }

    /// Plans a requested task into a block: REQUESTED becomes PLANNED.
    async fn task_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
        #[graphql(desc = "Where it goes.")] input: TaskPlanInput,
    ) -> Option<async_graphql::Result<TaskPlanPayload>> {
        let command = usecase::task::Plan {
            block_id: input.block_id.0,
            before: input.before.map(|id| id.0),
            estimate_minutes: patch(input.estimate_minutes),
            development_minutes: patch(input.development_minutes),
            assignee_id: patch(input.assignee_id).map(|assignee| assignee.map(|id| id.0)),
        };
        done(
            Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::task::plan(&call, id.0, command).await
            }))
            .await,
        )
    }

    /// Changes a task that is neither DONE nor CANCELLED; the sums of its block follow.
    async fn task_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
        #[graphql(desc = "What changes.")] input: TaskUpdateInput,
    ) -> Option<async_graphql::Result<TaskUpdatePayload>> {
        let version = input.expected_version;
        let command = usecase::task::Update {
            title: patch(input.title),
            description: patch(input.description),
            estimate_minutes: patch(input.estimate_minutes),
            development_minutes: patch(input.development_minutes),
            assignee_id: patch(input.assignee_id).map(|assignee| assignee.map(|id| id.0)),
            external_id: patch(input.external_id),
            external_url: patch(input.external_url),
        };
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::task::update(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(|edited| match edited {
            Edited::Done(touched) => (touched, Vec::new()).into(),
            Edited::Conflict(touched) => (touched, vec![conflict()]).into(),
        }))
    }

    /// Puts a task before another of its block or inbox, or last; the client's owner may at any time. With a block it
    /// moves to another one of its plan, which needs the right to plan; the sums of both follow.
    async fn task_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
        #[graphql(desc = "Where it goes.")] input: TaskMoveInput,
    ) -> Option<async_graphql::Result<TaskMovePayload>> {
        let command = usecase::task::Move {
            block_id: input.block_id.map(|id| id.0),
            before: input.before.map(|id| id.0),
        };
        done(
            Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::task::reposition(&call, id.0, command).await
            }))
            .await,
        )
    }
}
