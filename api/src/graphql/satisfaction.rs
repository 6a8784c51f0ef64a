//! Satisfaction: the figures of a client, and how clients stand by them.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::ClientId;
use domain::meeting::{SatisfactionSource, SatisfactionTrend, trend};
use domain::policy::{Action, Target};
use entity::{client_satisfaction, satisfaction};
use serde::Serialize;
use uuid::Uuid;

use super::client::Client;
use super::error::{answer, field, payload};
use super::filter::{IdFilter, IntFilter, OrderDirection};
use super::id::{Gid, Identified};
use super::meeting::Meeting;
use super::page::{PageArgs, connection};
use super::scalar::{Date, DateTime};
use super::user::User;
use super::{call, request, settle};
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction};
use crate::store::satisfaction::Leaf;
use crate::usecase;

/// A figure of a client's satisfaction.
#[derive(Clone)]
pub struct SatisfactionFigure {
    row: satisfaction::Model,
}

impl From<satisfaction::Model> for SatisfactionFigure {
    fn from(row: satisfaction::Model) -> Self {
        Self { row }
    }
}

/// A figure of a client's satisfaction.
#[Object]
impl SatisfactionFigure {
    /// The figure's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// How satisfied the client is, 1 to 5.
    async fn score(&self) -> i32 {
        self.row.score
    }

    /// The day on which it was said, in the client's time zone.
    async fn on_day(&self) -> Date {
        self.row.on_day.into()
    }

    /// Where it comes from.
    async fn source(&self) -> SatisfactionSource {
        self.row.source
    }

    /// The client's words to it.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }

    /// The meeting that it was asked in, where it was asked in one.
    async fn meeting(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Meeting>> {
        let id = self.row.meeting_id?;
        field(request(ctx).loaders.meeting(id).await.map(|row| row.map(Meeting::from)))
    }

    /// Who recorded it.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        let id = self.row.recorded_by?;
        field(request(ctx).loaders.user(id).await.map(|row| row.map(User::from)))
    }

    /// When it was recorded.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    /// A page of figures, the newest first.
    SatisfactionFigureConnection, SatisfactionFigureEdge, SatisfactionFigure
);

/// The figures of a client.
pub async fn of_client(
    ctx: &Context<'_>,
    client: ClientId,
    args: PageArgs,
) -> Option<async_graphql::Result<SatisfactionFigureConnection>> {
    let read = async {
        settle(call(ctx), "Client.satisfaction", &Target::client(client))?;
        let binding = Binding::new(&("satisfaction", client));
        let page = args.page(binding)?;
        let listed = Box::pin(usecase::satisfaction::of_client(call(ctx), client, binding, &page)).await?;
        Ok(Some(SatisfactionFigureConnection::new(listed, SatisfactionFigure::from)))
    };
    field(read.await)
}

/// How a client's satisfaction stands, by its last two figures.
#[derive(Clone)]
pub struct ClientSatisfaction {
    row: client_satisfaction::Model,
}

impl From<client_satisfaction::Model> for ClientSatisfaction {
    fn from(row: client_satisfaction::Model) -> Self {
        Self { row }
    }
}

/// How a client's satisfaction stands, by its last two figures.
#[Object]
impl ClientSatisfaction {
    /// The record's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Whose it is.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|row| row.map(Client::from)))
    }

    /// The latest figure, 1 to 5.
    async fn latest_score(&self) -> i32 {
        self.row.latest_score
    }

    /// The day of the latest figure.
    async fn latest_on(&self) -> Date {
        self.row.latest_on.into()
    }

    /// The figure before; null with the first.
    async fn previous_score(&self) -> Option<i32> {
        self.row.previous_score
    }

    /// The day of the figure before; null with the first.
    async fn previous_on(&self) -> Option<Date> {
        self.row.previous_on.map(Date)
    }

    /// How it has moved since the figure before.
    async fn trend(&self) -> SatisfactionTrend {
        trend(self.row.previous_score, self.row.latest_score)
    }

    /// The latest figure less the one before, -4 to 4; 0 with the first.
    async fn change(&self) -> i32 {
        self.row.change
    }

    /// How many figures there are.
    async fn figure_count(&self) -> i32 {
        self.row.figures
    }

    /// When the latest figure was recorded.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(
    /// A page of how clients stand.
    ClientSatisfactionConnection, ClientSatisfactionEdge, ClientSatisfaction
);

/// Which clients.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct ClientSatisfactionFilter {
    /// By client.
    client_id: Option<IdFilter>,
    /// By the latest figure.
    latest_score: Option<IntFilter>,
    /// By the latest figure less the one before.
    change: Option<IntFilter>,
}

/// What clients can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, Serialize)]
pub enum ClientSatisfactionOrderField {
    /// By the latest figure.
    LatestScore,
    /// By the latest figure less the one before.
    Change,
    /// By the moment of the latest figure.
    UpdatedAt,
}

/// How clients are sorted.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ClientSatisfactionOrder {
    /// What by.
    field: ClientSatisfactionOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// What a client said in a quality call.
#[derive(InputObject)]
pub struct SatisfactionRecordInput {
    /// The client.
    client_id: Gid<ClientId>,
    /// How satisfied it is, 1 to 5.
    score: i32,
    /// Its words to it, at most 4,000 characters.
    note: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of recording satisfaction.
    SatisfactionRecordPayload {
        /// The figure.
        figure: SatisfactionFigure,
        /// The client.
        client: Client,
    }
}

/// Queries across clients.
#[derive(Default)]
pub struct SatisfactionQuery;

#[Object]
impl SatisfactionQuery {
    /// How the clients stand that have given a figure, the least satisfied first where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn client_satisfactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<ClientSatisfactionFilter>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<ClientSatisfactionOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ClientSatisfactionConnection>> {
        let read = async {
            call(ctx).scope(Action::QualityRead)?;
            let binding = Binding::new(&("clientSatisfactions", &filter, &order_by));
            let page = PageArgs { first, after, last, before }.page(binding)?;
            let lowest = ClientSatisfactionOrder {
                field: ClientSatisfactionOrderField::LatestScore,
                direction: OrderDirection::Asc,
            };
            let mut order: Vec<_> = order_by
                .unwrap_or_else(|| vec![lowest])
                .into_iter()
                .map(|by| {
                    let column = match by.field {
                        ClientSatisfactionOrderField::LatestScore => client_satisfaction::Column::LatestScore,
                        ClientSatisfactionOrderField::Change => client_satisfaction::Column::Change,
                        ClientSatisfactionOrderField::UpdatedAt => client_satisfaction::Column::UpdatedAt,
                    };
                    (column, by.direction.into())
                })
                .collect();
            order.push((client_satisfaction::Column::Id, Direction::Asc));
            let ClientSatisfactionFilter { client_id, latest_score, change } = filter.unwrap_or_default();
            let mut all = Vec::new();
            all.extend(client_id.map(|id| Tree::Leaf(Leaf::Client(id.compare()))));
            all.extend(latest_score.map(|score| Tree::Leaf(Leaf::LatestScore(score.into()))));
            all.extend(change.map(|change| Tree::Leaf(Leaf::Change(change.into()))));
            let tree = Tree::All(all);
            let listed =
                Box::pin(usecase::satisfaction::standing(call(ctx), Some(&tree), order, binding, &page))
                    .await?;
            Ok(Some(ClientSatisfactionConnection::new(listed, ClientSatisfaction::from)))
        };
        field(read.await)
    }
}

/// Records of satisfaction.
#[derive(Default)]
pub struct SatisfactionMutation;

#[Object]
impl SatisfactionMutation {
    /// Records how satisfied a client said to be in a quality call.
    async fn satisfaction_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it said.")] input: SatisfactionRecordInput,
    ) -> Option<async_graphql::Result<SatisfactionRecordPayload>> {
        let key = input.idempotency_key;
        let command = usecase::satisfaction::Record {
            client_id: input.client_id.0,
            score: input.score,
            note: input.note,
        };
        let recorded = async {
            let row = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::satisfaction::ask(&call, command, key).await
            }))
            .await?;
            let client = request(ctx).loaders.client(row.client_id).await?;
            Ok(SatisfactionRecordPayload {
                figure: Some(row.into()),
                client: client.map(Client::from),
                errors: Vec::new(),
            })
        };
        answer(recorded.await)
    }
}
