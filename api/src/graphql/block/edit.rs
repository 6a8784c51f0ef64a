//! Creating blocks, changing and ordering them, and their steps.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::id::{BlockId, PlanId};
use uuid::Uuid;

use super::super::call;
use super::super::error::{Payload, UserError, answer, payload};
use super::super::id::{Gid, Identified};
use super::super::patch::{conflict, patch};
use super::super::plan::Plan;
use super::Block;
use crate::error::Result;
use crate::usecase;
use crate::usecase::block::{Step, Touched};
use crate::usecase::patch::Edited;

/// A new block.
#[derive(InputObject)]
pub struct BlockCreateInput {
    /// The plan that it is part of.
    plan_id: Gid<PlanId>,
    /// Its title, at most 300 characters.
    title: String,
    /// What it is about, at most 10,000 characters.
    description: Option<String>,
    /// The block that it is put before; last where absent.
    before: Option<Gid<BlockId>>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A change of a block: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct BlockUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Its title, at most 300 characters.
    title: MaybeUndefined<String>,
    /// What it is about, at most 10,000 characters.
    description: MaybeUndefined<String>,
}

/// Where a block goes.
#[derive(InputObject)]
pub struct BlockMoveInput {
    /// The block of the same plan that it is put before; last where absent.
    before: Option<Gid<BlockId>>,
}

/// What a block waits for.
#[derive(InputObject)]
pub struct BlockDependenciesSetInput {
    /// Blocks of the same plan, replaced as a whole; the block may not wait for itself, over however many steps.
    depends_on: Vec<Gid<BlockId>>,
}

/// The client's confirmation.
#[derive(InputObject)]
pub struct BlockConfirmInput {
    /// Words to it, at most 4,000 characters.
    comment: Option<String>,
}

/// The client's return.
#[derive(InputObject)]
pub struct BlockReturnInput {
    /// What is to be changed; required, at most 4,000 characters.
    comment: String,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        payload! {
            $(#[$doc])*
            $name {
                /// The block as it is now, also where the change met a conflict.
                block: Block,
                /// Its plan.
                plan: Plan,
            }
        }

        impl From<(Touched, Vec<UserError>)> for $name {
            fn from((touched, errors): (Touched, Vec<UserError>)) -> Self {
                Self { block: Some(touched.block.into()), plan: Some(touched.plan.into()), errors }
            }
        }
    )+};
}

payloads! {
    /// The outcome of creating a block.
    BlockCreatePayload,
    /// The outcome of changing a block.
    BlockUpdatePayload,
    /// The outcome of moving a block.
    BlockMovePayload,
    /// The outcome of saying what a block waits for.
    BlockDependenciesSetPayload,
    /// The outcome of starting a block.
    BlockStartPayload,
    /// The outcome of handing a block over.
    BlockSubmitPayload,
    /// The outcome of confirming a block.
    BlockConfirmPayload,
    /// The outcome of returning a block.
    BlockReturnPayload,
}

payload! {
    /// The outcome of removing a block.
    BlockDeletePayload {
        /// The id of the block that is gone.
        deleted_id: ID,
        /// Its plan.
        plan: Plan,
    }
}

fn done<P: Payload + From<(Touched, Vec<UserError>)>>(
    result: Result<Touched>,
) -> Option<async_graphql::Result<P>> {
    answer(result.map(|touched| (touched, Vec::new()).into()))
}

async fn step<P: Payload + From<(Touched, Vec<UserError>)>>(
    ctx: &Context<'_>,
    id: Gid<BlockId>,
    step: Step,
) -> Option<async_graphql::Result<P>> {
    done(
        Box::pin(usecase::retry(call(ctx), step, move |call, step| async move {
            usecase::block::step(&call, id.0, step).await
        }))
        .await,
    )
}

/// Changes of blocks.
#[derive(Default)]
pub struct BlockMutation;

#[Object]
impl BlockMutation {
    /// Adds a block to a plan that is not completed.
    async fn block_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new block.")] input: BlockCreateInput,
    ) -> Option<async_graphql::Result<BlockCreatePayload>> {
        let key = input.idempotency_key;
        let command = usecase::block::Create {
            plan_id: input.plan_id.0,
            title: input.title,
            description: input.description,
            before: input.before.map(|id| id.0),
        };
        done(
            Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::block::create(&call, command, key).await
            }))
            .await,
        )
    }

    /// Changes a block's words.
    async fn block_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] id: Gid<BlockId>,
        #[graphql(desc = "What changes.")] input: BlockUpdateInput,
    ) -> Option<async_graphql::Result<BlockUpdatePayload>> {
        let version = input.expected_version;
        let command =
            usecase::block::Update { title: patch(input.title), description: patch(input.description) };
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::block::update(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(|edited| match edited {
            Edited::Done(touched) => (touched, Vec::new()).into(),
            Edited::Conflict(touched) => (touched, vec![conflict()]).into(),
        }))
    }

    /// Puts a block before another, or last. In support the client's owner may at any time.
    async fn block_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] id: Gid<BlockId>,
        #[graphql(desc = "Where it goes.")] input: BlockMoveInput,
    ) -> Option<async_graphql::Result<BlockMovePayload>> {
        let before = input.before.map(|id| id.0);
        done(
            Box::pin(usecase::retry(call(ctx), before, move |call, before| async move {
                usecase::block::reposition(&call, id.0, before).await
            }))
            .await,
        )
    }

    /// Says which blocks a block waits for.
    async fn block_dependencies_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] id: Gid<BlockId>,
        #[graphql(desc = "What it waits for.")] input: BlockDependenciesSetInput,
    ) -> Option<async_graphql::Result<BlockDependenciesSetPayload>> {
        let depends_on: Vec<BlockId> = input.depends_on.into_iter().map(|id| id.0).collect();
        done(
            Box::pin(usecase::retry(call(ctx), depends_on, move |call, depends_on| async move {
                usecase::block::depend(&call, id.0, depends_on).await
            }))
            .await,
        )
    }

    /// Begins a block: PLANNED becomes IN_PROGRESS. Refused while a block that it waits for is not CONFIRMED.
    async fn block_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] id: Gid<BlockId>,
    ) -> Option<async_graphql::Result<BlockStartPayload>> {
        step(ctx, id, Step::Start).await
    }

    /// Hands a block over once it was demonstrated: IN_PROGRESS becomes IN_REVIEW.
    async fn block_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] id: Gid<BlockId>,
    ) -> Option<async_graphql::Result<BlockSubmitPayload>> {
        step(ctx, id, Step::Submit).await
    }

    /// Confirms a block: IN_REVIEW becomes CONFIRMED, and a sign-off is kept.
    async fn block_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] id: Gid<BlockId>,
        #[graphql(desc = "Words to it.")] input: Option<BlockConfirmInput>,
    ) -> Option<async_graphql::Result<BlockConfirmPayload>> {
        step(ctx, id, Step::Confirm { comment: input.and_then(|input| input.comment) }).await
    }

    /// Returns a block with a comment: IN_REVIEW becomes IN_PROGRESS, and a sign-off is kept.
    async fn block_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] id: Gid<BlockId>,
        #[graphql(desc = "Why.")] input: BlockReturnInput,
    ) -> Option<async_graphql::Result<BlockReturnPayload>> {
        step(ctx, id, Step::Return { comment: input.comment }).await
    }

    /// Removes a block that is PLANNED and holds neither tasks nor comments.
    async fn block_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] id: Gid<BlockId>,
    ) -> Option<async_graphql::Result<BlockDeletePayload>> {
        let gone = Box::pin(usecase::retry(call(ctx), id.0, |call, id| async move {
            usecase::block::delete(&call, id).await
        }))
        .await;
        answer(gone.map(|plan| BlockDeletePayload {
            deleted_id: Some(id.0.global()),
            plan: Some(plan.into()),
            errors: Vec::new(),
        }))
    }
}
