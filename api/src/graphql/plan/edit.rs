//! Creating plans, changing them, and their steps.

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::id::{ClientId, PlanId};
use domain::plan::PlanKind;
use entity::plan;
use uuid::Uuid;

use super::super::call;
use super::super::error::{Payload, UserError, answer, payload};
use super::super::id::Gid;
use super::super::patch::{conflict, patch};
use super::Plan;
use crate::error::Result;
use crate::usecase;
use crate::usecase::patch::Edited;
use crate::usecase::plan::Step;

/// A new plan.
#[derive(InputObject)]
pub struct PlanCreateInput {
    /// The client that it is for.
    client_id: Gid<ClientId>,
    /// What it is for; only DEVELOPMENT is offered in this version.
    #[graphql(default_with = "PlanKind::Development")]
    kind: PlanKind,
    /// Its title, at most 300 characters.
    title: String,
    /// Its goals, in order; at most 20 of 4,000 characters.
    #[graphql(default)]
    goals: Vec<String>,
    /// The overall estimate in minutes, 0 to 100,000.
    estimate_minutes: Option<i32>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A change of a plan: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct PlanUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Its title, at most 300 characters.
    title: MaybeUndefined<String>,
    /// Its goals, in order, replaced as a whole; at most 20 of 4,000 characters.
    goals: MaybeUndefined<Vec<String>>,
    /// The overall estimate in minutes, 0 to 100,000.
    estimate_minutes: MaybeUndefined<i32>,
}

/// The client's approval.
#[derive(InputObject)]
pub struct PlanApproveInput {
    /// The revision that was read; CONFLICT where the plan has another by now.
    revision: i32,
    /// Words to it, at most 4,000 characters.
    comment: Option<String>,
}

/// The client's return.
#[derive(InputObject)]
pub struct PlanReturnInput {
    /// The revision that was read; CONFLICT where the plan has another by now.
    revision: i32,
    /// What is to be changed; required, at most 4,000 characters.
    comment: String,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        payload! {
            $(#[$doc])*
            $name {
                /// The plan as it is now, also where the change met a conflict.
                plan: Plan,
            }
        }

        impl From<(plan::Model, Vec<UserError>)> for $name {
            fn from((row, errors): (plan::Model, Vec<UserError>)) -> Self {
                Self { plan: Some(row.into()), errors }
            }
        }
    )+};
}

payloads! {
    /// The outcome of creating a plan.
    PlanCreatePayload,
    /// The outcome of changing a plan.
    PlanUpdatePayload,
    /// The outcome of submitting a plan.
    PlanSubmitPayload,
    /// The outcome of approving a plan.
    PlanApprovePayload,
    /// The outcome of returning a plan.
    PlanReturnPayload,
    /// The outcome of starting a plan.
    PlanStartPayload,
    /// The outcome of completing a plan.
    PlanCompletePayload,
}

type Outcome = (plan::Model, Vec<UserError>);

fn edited<P: Payload + From<Outcome>>(
    edited: Result<Edited<plan::Model>>,
) -> Option<async_graphql::Result<P>> {
    answer(edited.map(|edited| match edited {
        Edited::Done(row) => (row, Vec::new()).into(),
        Edited::Conflict(row) => (row, vec![conflict()]).into(),
    }))
}

async fn step<P: Payload + From<Outcome>>(
    ctx: &Context<'_>,
    id: Gid<PlanId>,
    step: Step,
) -> Option<async_graphql::Result<P>> {
    edited(
        Box::pin(usecase::retry(call(ctx), step, move |call, step| async move {
            usecase::plan::step(&call, id.0, step).await
        }))
        .await,
    )
}

/// Changes of plans.
#[derive(Default)]
pub struct PlanMutation;

#[Object]
impl PlanMutation {
    /// Creates a plan, as a DRAFT. SERVICE_NOT_OFFERED for an implementation plan.
    async fn plan_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new plan.")] input: PlanCreateInput,
    ) -> Option<async_graphql::Result<PlanCreatePayload>> {
        let key = input.idempotency_key;
        let command = usecase::plan::Create {
            client_id: input.client_id.0,
            kind: input.kind,
            title: input.title,
            goals: input.goals,
            estimate_minutes: input.estimate_minutes,
        };
        let made = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::plan::create(&call, command, key).await
        }))
        .await;
        answer(made.map(|row| (row, Vec::new()).into()))
    }

    /// Changes a plan's title, goals and overall estimate, in any status but COMPLETED.
    async fn plan_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] id: Gid<PlanId>,
        #[graphql(desc = "What changes.")] input: PlanUpdateInput,
    ) -> Option<async_graphql::Result<PlanUpdatePayload>> {
        let version = input.expected_version;
        let command = usecase::plan::Update {
            title: patch(input.title),
            goals: patch(input.goals).map(Option::unwrap_or_default),
            estimate_minutes: patch(input.estimate_minutes),
        };
        edited(
            Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::plan::update(&call, id.0, version, command).await
            }))
            .await,
        )
    }

    /// Sends a plan to the client: DRAFT, APPROVED or IN_PROGRESS becomes CLIENT_REVIEW. After a sign-off it makes the
    /// next revision.
    async fn plan_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] id: Gid<PlanId>,
    ) -> Option<async_graphql::Result<PlanSubmitPayload>> {
        step(ctx, id, Step::Submit).await
    }

    /// Approves a plan: CLIENT_REVIEW becomes APPROVED, and a sign-off of the revision is kept.
    async fn plan_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] id: Gid<PlanId>,
        #[graphql(desc = "What is approved.")] input: PlanApproveInput,
    ) -> Option<async_graphql::Result<PlanApprovePayload>> {
        step(ctx, id, Step::Approve { revision: input.revision, comment: input.comment }).await
    }

    /// Returns a plan with a comment: CLIENT_REVIEW becomes DRAFT, and a sign-off of the revision is kept.
    async fn plan_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] id: Gid<PlanId>,
        #[graphql(desc = "What is returned, and why.")] input: PlanReturnInput,
    ) -> Option<async_graphql::Result<PlanReturnPayload>> {
        step(ctx, id, Step::Return { revision: input.revision, comment: input.comment }).await
    }

    /// Begins a plan: APPROVED becomes IN_PROGRESS.
    async fn plan_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] id: Gid<PlanId>,
    ) -> Option<async_graphql::Result<PlanStartPayload>> {
        step(ctx, id, Step::Start).await
    }

    /// Completes a plan: IN_PROGRESS becomes COMPLETED. Refused while any of its tasks is neither DONE nor CANCELLED;
    /// nothing in a completed plan changes any more.
    async fn plan_complete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which plan.")] id: Gid<PlanId>,
    ) -> Option<async_graphql::Result<PlanCompletePayload>> {
        step(ctx, id, Step::Complete).await
    }
}
