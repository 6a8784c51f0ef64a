//! The steps of a task, and how a client's owner steers it.

use async_graphql::{Context, InputObject, Object};
use domain::id::TaskId;

use super::super::call;
use super::super::error::{Payload, UserError};
use super::super::id::Gid;
use super::edit::{done, task_payloads};
use crate::usecase;
use crate::usecase::task::{Step, Touched};

/// The acceptance of a task.
#[derive(Default, InputObject)]
pub struct TaskAcceptInput {
    /// Words to it, at most 4,000 characters.
    comment: Option<String>,
    /// The client said so in a meeting, and the provider records it.
    #[graphql(default)]
    in_meeting: bool,
}

/// The return of a task.
#[derive(InputObject)]
pub struct TaskReturnInput {
    /// What is to be changed; required, at most 4,000 characters.
    comment: String,
    /// The client said so in a meeting, and the provider records it.
    #[graphql(default)]
    in_meeting: bool,
}

/// The end of a task that is given up.
#[derive(InputObject)]
pub struct TaskCancelInput {
    /// Why; required, at most 4,000 characters.
    reason: String,
}

/// The limit of a task.
#[derive(InputObject)]
pub struct TaskLimitSetInput {
    /// The minutes at which it warns, 0 to 100,000; null or absent takes the limit away.
    limit_minutes: Option<i32>,
}

/// The urgency of a task.
#[derive(InputObject)]
pub struct TaskUrgentSetInput {
    /// Whether it is urgent.
    urgent: bool,
    /// Whether it is put first in its block or inbox as well.
    #[graphql(default)]
    first: bool,
}

task_payloads! {
    /// The outcome of starting a task.
    TaskStartPayload,
    /// The outcome of handing a task over.
    TaskSubmitPayload,
    /// The outcome of accepting a task.
    TaskAcceptPayload,
    /// The outcome of returning a task.
    TaskReturnPayload,
    /// The outcome of pausing a task.
    TaskPausePayload,
    /// The outcome of resuming a task.
    TaskResumePayload,
    /// The outcome of cancelling a task.
    TaskCancelPayload,
    /// The outcome of setting a task's limit.
    TaskLimitSetPayload,
    /// The outcome of marking a task urgent.
    TaskUrgentSetPayload,
}

async fn step<P: Payload + From<(Touched, Vec<UserError>)>>(
    ctx: &Context<'_>,
    id: Gid<TaskId>,
    step: Step,
) -> Option<async_graphql::Result<P>> {
    done(
        Box::pin(usecase::retry(call(ctx), step, move |call, step| async move {
            usecase::task::step(&call, id.0, step).await
        }))
        .await,
    )
}

/// Steps of tasks.
#[derive(Default)]
pub struct TaskStepMutation;

#[Object]
impl TaskStepMutation {
    /// Begins a task: PLANNED becomes IN_PROGRESS.
    async fn task_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
    ) -> Option<async_graphql::Result<TaskStartPayload>> {
        step(ctx, id, Step::Start).await
    }

    /// Hands a task over to be accepted: IN_PROGRESS becomes IN_REVIEW.
    async fn task_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
    ) -> Option<async_graphql::Result<TaskSubmitPayload>> {
        step(ctx, id, Step::Submit).await
    }

    /// Accepts a task: IN_REVIEW becomes DONE, and a sign-off is kept. The client's owner accepts; what they said in a
    /// meeting is recorded by the project manager with `inMeeting`.
    async fn task_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
        #[graphql(desc = "How it is accepted.")] input: Option<TaskAcceptInput>,
    ) -> Option<async_graphql::Result<TaskAcceptPayload>> {
        let input = input.unwrap_or_default();
        step(ctx, id, Step::Accept { comment: input.comment, in_meeting: input.in_meeting }).await
    }

    /// Returns a task with a comment: IN_REVIEW becomes IN_PROGRESS, and a sign-off is kept. Who may is as with
    /// `taskAccept`.
    async fn task_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
        #[graphql(desc = "Why.")] input: TaskReturnInput,
    ) -> Option<async_graphql::Result<TaskReturnPayload>> {
        step(ctx, id, Step::Return { comment: input.comment, in_meeting: input.in_meeting }).await
    }

    /// Stops a task for now: any open status becomes PAUSED, and is remembered.
    async fn task_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
    ) -> Option<async_graphql::Result<TaskPausePayload>> {
        step(ctx, id, Step::Pause).await
    }

    /// Lets a paused task go on where it stood.
    async fn task_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
    ) -> Option<async_graphql::Result<TaskResumePayload>> {
        step(ctx, id, Step::Resume).await
    }

    /// Gives a task up: any open status becomes CANCELLED. Its estimates leave the sums of its block; what was spent on
    /// it stays.
    async fn task_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
        #[graphql(desc = "Why.")] input: TaskCancelInput,
    ) -> Option<async_graphql::Result<TaskCancelPayload>> {
        step(ctx, id, Step::Cancel { reason: input.reason }).await
    }

    /// Sets the minutes at which a task warns; logging goes on beyond it.
    async fn task_limit_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
        #[graphql(desc = "The limit.")] input: TaskLimitSetInput,
    ) -> Option<async_graphql::Result<TaskLimitSetPayload>> {
        done(
            Box::pin(usecase::retry(call(ctx), input.limit_minutes, move |call, limit| async move {
                usecase::task::limit(&call, id.0, limit).await
            }))
            .await,
        )
    }

    /// Marks a task urgent or not, and puts it first where asked to.
    async fn task_urgent_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] id: Gid<TaskId>,
        #[graphql(desc = "How urgent it is.")] input: TaskUrgentSetInput,
    ) -> Option<async_graphql::Result<TaskUrgentSetPayload>> {
        done(
            Box::pin(usecase::retry(
                call(ctx),
                (input.urgent, input.first),
                move |call, (urgent, first)| async move {
                    usecase::task::urgent(&call, id.0, urgent, first).await
                },
            ))
            .await,
        )
    }
}
