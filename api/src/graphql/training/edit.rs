//! Planning, changing, holding and calling off trainings.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, OneofObject};
use domain::id::{BlockId, ClientId, TaskId, TrainingId, UserId};
use entity::training;
use uuid::Uuid;

use super::super::call;
use super::super::error::{UserError, answer, payload};
use super::super::id::Gid;
use super::super::patch::{conflict, patch};
use super::super::scalar::DateTime;
use super::Training;
use crate::usecase;
use crate::usecase::knowledge::On;
use crate::usecase::patch::Edited;
use crate::usecase::training::Who;

/// Names a person of a training in one of two ways.
#[derive(OneofObject)]
pub enum TrainingPersonInput {
    /// One of the client's people who sign in.
    UserId(Gid<UserId>),
    /// Anybody, by name; at most 200 characters.
    Name(String),
}

fn all(people: Vec<TrainingPersonInput>) -> Vec<Who> {
    let who = |person| match person {
        TrainingPersonInput::UserId(id) => Who::User(id.0),
        TrainingPersonInput::Name(name) => Who::Name(name),
    };
    people.into_iter().map(who).collect()
}

/// A training to be planned.
#[derive(InputObject)]
pub struct TrainingCreateInput {
    /// The client whose people it is for.
    client_id: Gid<ClientId>,
    /// The block that it is about; with neither block nor task it is in general.
    block_id: Option<Gid<BlockId>>,
    /// The task that it is about.
    task_id: Option<Gid<TaskId>>,
    /// Its title, at most 300 characters.
    title: String,
    /// What is taught, at most 10,000 characters.
    description: Option<String>,
    /// When it begins.
    starts_at: DateTime,
    /// Where it is: a place, or the link of a call.
    place: Option<String>,
    /// Who teaches: a person of the client's team; the caller where absent.
    trainer_id: Option<Gid<UserId>>,
    /// Whether it is for all of the client's people; then nobody is named.
    #[graphql(default)]
    everyone: bool,
    /// Whom it is for, at most 100.
    people: Option<Vec<TrainingPersonInput>>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A change of a training to come: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct TrainingUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Its title, at most 300 characters.
    title: MaybeUndefined<String>,
    /// What is taught, at most 10,000 characters.
    description: MaybeUndefined<String>,
    /// When it begins.
    starts_at: MaybeUndefined<DateTime>,
    /// Where it is: a place, or the link of a call.
    place: MaybeUndefined<String>,
    /// Who teaches: a person of the client's team.
    trainer_id: MaybeUndefined<Gid<UserId>>,
    /// Whom it is for, at most 100; null or nobody makes it one for everyone.
    people: MaybeUndefined<Vec<TrainingPersonInput>>,
}

/// A training that was held.
#[derive(InputObject)]
pub struct TrainingHoldInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Who came, at most 100, also those who were not named before.
    attended: Vec<TrainingPersonInput>,
}

/// A training that is called off.
#[derive(InputObject)]
pub struct TrainingCancelInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Why; required, at most 4,000 characters.
    reason: String,
}

macro_rules! training_payloads {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        payload! {
            $(#[$doc])*
            $name {
                /// The training as it is now, also where the change met a conflict.
                training: Training,
            }
        }

        impl From<Edited<training::Model>> for $name {
            fn from(edited: Edited<training::Model>) -> Self {
                let (row, errors): (_, Vec<UserError>) = match edited {
                    Edited::Done(row) => (row, Vec::new()),
                    Edited::Conflict(row) => (row, vec![conflict()]),
                };
                Self { training: Some(row.into()), errors }
            }
        }
    )+};
}

training_payloads! {
    /// The outcome of planning a training.
    TrainingCreatePayload,
    /// The outcome of changing a training.
    TrainingUpdatePayload,
    /// The outcome of recording a training as held.
    TrainingHoldPayload,
    /// The outcome of calling a training off.
    TrainingCancelPayload,
}

/// Changes of trainings.
#[derive(Default)]
pub struct TrainingMutation;

#[Object]
impl TrainingMutation {
    /// Plans a training, about a block, a task, or in general; a block or task has at most 20. Its time is logged on its
    /// own, as TRAINING.
    async fn training_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The training.")] input: TrainingCreateInput,
    ) -> Option<async_graphql::Result<TrainingCreatePayload>> {
        let key = input.idempotency_key;
        let command = usecase::training::Create {
            client_id: input.client_id.0,
            on: On { block_id: input.block_id.map(|id| id.0), task_id: input.task_id.map(|id| id.0) },
            title: input.title,
            description: input.description,
            starts_at: input.starts_at.0,
            place: input.place,
            trainer_id: input.trainer_id.map(|id| id.0),
            everyone: input.everyone,
            people: all(input.people.unwrap_or_default()),
        };
        let made = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::training::create(&call, command, key).await
        }))
        .await;
        answer(made.map(|row| Edited::Done(row).into()))
    }

    /// Changes a training to come.
    async fn training_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which training.")] id: Gid<TrainingId>,
        #[graphql(desc = "What changes.")] input: TrainingUpdateInput,
    ) -> Option<async_graphql::Result<TrainingUpdatePayload>> {
        let version = input.expected_version;
        let command = usecase::training::Update {
            title: patch(input.title),
            description: patch(input.description),
            starts_at: patch(input.starts_at).map(|at| at.map(|at| at.0)),
            place: patch(input.place),
            trainer_id: patch(input.trainer_id).map(|id| id.map(|id| id.0)),
            people: patch(input.people).map(|people| people.map(all)),
        };
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::training::update(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(Into::into))
    }

    /// Records that a training was held, and who came.
    async fn training_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which training.")] id: Gid<TrainingId>,
        #[graphql(desc = "Who came.")] input: TrainingHoldInput,
    ) -> Option<async_graphql::Result<TrainingHoldPayload>> {
        let (version, attended) = (input.expected_version, all(input.attended));
        let edited = Box::pin(usecase::retry(call(ctx), attended, move |call, attended| async move {
            usecase::training::hold(&call, id.0, version, attended).await
        }))
        .await;
        answer(edited.map(Into::into))
    }

    /// Calls a training off, with the reason.
    async fn training_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which training.")] id: Gid<TrainingId>,
        #[graphql(desc = "Why.")] input: TrainingCancelInput,
    ) -> Option<async_graphql::Result<TrainingCancelPayload>> {
        let version = input.expected_version;
        let edited = Box::pin(usecase::retry(call(ctx), input.reason, move |call, reason| async move {
            usecase::training::cancel(&call, id.0, version, reason).await
        }))
        .await;
        answer(edited.map(Into::into))
    }
}
