//! Trainings.

pub mod edit;

pub use edit::TrainingMutation;

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::ClientId;
use domain::knowledge::TrainingStatus;
use domain::policy::Target;
use entity::{training, training_person};
use serde::Serialize;

use super::block::Block;
use super::client::Client;
use super::error::field;
use super::filter::{DateTimeFilter, IdFilter, TextFilter};
use super::id::Identified;
use super::page::{PageArgs, connection};
use super::scalar::DateTime;
use super::task::Task;
use super::user::User;
use super::{call, request, settle};
use crate::error::Result;
use crate::store::filter::Tree;
use crate::store::page::Binding;
use crate::store::training::Leaf;
use crate::usecase;

/// A lesson for a client's people.
#[derive(Clone)]
pub struct Training {
    row: training::Model,
}

impl From<training::Model> for Training {
    fn from(row: training::Model) -> Self {
        Self { row }
    }
}

/// A lesson for a client's people.
#[Object]
impl Training {
    /// The training's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The client whose people it is for.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|row| row.map(Client::from)))
    }

    /// The block that it is about; null where it is about a task or in general.
    async fn block(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Block>> {
        let id = self.row.block_id?;
        field(request(ctx).loaders.block(id).await.map(|row| row.map(Block::from)))
    }

    /// The task that it is about; null where it is about a block or in general.
    async fn task(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Task>> {
        let id = self.row.task_id?;
        field(request(ctx).loaders.task(id).await.map(|row| row.map(Task::from)))
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// What is taught.
    async fn description(&self) -> Option<&str> {
        self.row.description.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> TrainingStatus {
        self.row.status
    }

    /// When it begins.
    async fn starts_at(&self) -> DateTime {
        self.row.starts_at.into()
    }

    /// Where it is: a place, or the link of a call. Null where nobody said.
    async fn place(&self) -> Option<&str> {
        self.row.place.as_deref()
    }

    /// Who teaches.
    async fn trainer(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(request(ctx).loaders.user(self.row.trainer_id).await.map(|row| row.map(User::from)))
    }

    /// Whether it is for all of the client's people rather than for those who are named.
    async fn everyone(&self) -> bool {
        self.row.everyone
    }

    /// Those who are named, and once it was held whoever else came; at most 200.
    async fn people(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<TrainingPerson>>> {
        let rows = request(ctx).loaders.people_of_training(self.row.id).await;
        field(rows.map(|rows| Some(rows.into_iter().map(|row| TrainingPerson { row }).collect())))
    }

    /// Why it was called off; given exactly where it is CANCELLED.
    async fn cancel_reason(&self) -> Option<&str> {
        self.row.cancel_reason.as_deref()
    }

    /// When it was recorded as held, or called off; null while it is PLANNED.
    async fn closed_at(&self) -> Option<DateTime> {
        self.row.closed_at.map(DateTime::from)
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was planned.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

/// A person of a training: somebody who signs in, or a plain name.
pub struct TrainingPerson {
    row: training_person::Model,
}

/// A person of a training: somebody who signs in, or a plain name.
#[Object]
impl TrainingPerson {
    /// The person, where they sign in.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        let id = self.row.user_id?;
        field(request(ctx).loaders.user(id).await.map(|row| row.map(User::from)))
    }

    /// The person's name, where they do not.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// Whether they came; null until the training was held.
    async fn attended(&self) -> Option<bool> {
        self.row.attended
    }
}

connection!(
    /// A page of trainings, the latest first.
    TrainingConnection, TrainingEdge, Training
);

/// Compares the status of trainings.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct TrainingStatusFilter {
    /// That status.
    eq: Option<TrainingStatus>,
    /// One of these.
    #[graphql(name = "in")]
    one_of: Option<Vec<TrainingStatus>>,
}

/// Which trainings.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct TrainingFilter {
    /// By title.
    title: Option<TextFilter>,
    /// By status.
    status: Option<TrainingStatusFilter>,
    /// By the moment at which they begin.
    starts_at: Option<DateTimeFilter>,
    /// By the block that they are about.
    block_id: Option<IdFilter>,
    /// By the task that they are about.
    task_id: Option<IdFilter>,
}

/// The trainings of a client.
pub async fn of_client(
    ctx: &Context<'_>,
    client: ClientId,
    filter: Option<TrainingFilter>,
    args: PageArgs,
) -> Option<async_graphql::Result<TrainingConnection>> {
    let read = async {
        settle(call(ctx), "Client.trainings", &Target::client(client))?;
        let filter = filter.unwrap_or_default();
        let binding = Binding::new(&("trainings", client, &filter));
        let page = args.page(binding)?;
        let mut all = Vec::new();
        all.extend(filter.title.map(|title| Tree::Leaf(Leaf::Title(title.into()))));
        if let Some(status) = filter.status {
            all.extend(status.eq.map(|status| Tree::Leaf(Leaf::Status(vec![status]))));
            all.extend(status.one_of.map(|statuses| Tree::Leaf(Leaf::Status(statuses))));
        }
        all.extend(filter.starts_at.map(|at| Tree::Leaf(Leaf::StartsAt(at.into()))));
        all.extend(filter.block_id.map(|id| Tree::Leaf(Leaf::Block(id.compare()))));
        all.extend(filter.task_id.map(|id| Tree::Leaf(Leaf::Task(id.compare()))));
        let tree = Tree::All(all);
        let listed = Box::pin(usecase::training::list(call(ctx), client, &tree, binding, &page)).await?;
        Ok(Some(TrainingConnection::new(listed, Training::from)))
    };
    field(read.await)
}

/// The trainings that hang on a block or task, for a field `Type.trainings` with its row in the policy.
pub async fn hanging(
    ctx: &Context<'_>,
    protected: &str,
    client: ClientId,
    rows: impl Future<Output = Result<Vec<training::Model>>>,
) -> Option<async_graphql::Result<Vec<Training>>> {
    let read = match settle(call(ctx), protected, &Target::client(client)) {
        Ok(()) => rows.await,
        Err(denied) => Err(denied),
    };
    field(read.map(|rows| Some(rows.into_iter().map(Training::from).collect())))
}
