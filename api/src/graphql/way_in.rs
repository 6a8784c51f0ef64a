//! Ways in to support.

use async_graphql::{Context, ID, InputObject, Object};
use domain::client::WayInKind;
use domain::id::ClientId;
use domain::policy::Target;
use entity::way_in;
use uuid::Uuid;

use super::client::Client;
use super::error::{answer, field, payload};
use super::id::{Gid, Identified};
use super::scalar::{Date, DateTime};
use super::{call, request, settle};
use crate::error::Error;
use crate::usecase;

/// How a client came to support: an implementation completed, or an audit with its findings. Support starts only
/// with one on record; where another integrator set the CRM up, only with an audit.
#[derive(Clone)]
pub struct WayIn {
    row: way_in::Model,
}

impl From<way_in::Model> for WayIn {
    fn from(row: way_in::Model) -> Self {
        Self { row }
    }
}

/// How a client came to support: an implementation completed, or an audit with its findings. Support starts only
/// with one on record; where another integrator set the CRM up, only with an audit.
#[Object]
impl WayIn {
    /// The record's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Which of the two ways.
    async fn kind(&self) -> WayInKind {
        self.row.kind
    }

    /// The day on which it was complete.
    async fn completed_on(&self) -> Date {
        self.row.completed_on.into()
    }

    /// What was found; never null for an audit.
    async fn findings(&self) -> Option<&str> {
        self.row.findings.as_deref()
    }

    /// The provider's own note on it.
    async fn note(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        let settled = settle(call(ctx), "WayIn.note", &Target::client(self.row.client_id));
        field(settled.map(|()| self.row.note.clone()))
    }

    /// When it was recorded.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

/// The ways in of a client, the latest day first.
pub async fn of_client(ctx: &Context<'_>, client: ClientId) -> Option<async_graphql::Result<Vec<WayIn>>> {
    let rows = async {
        settle(call(ctx), "Client.waysIn", &Target::client(client))?;
        let mut rows = request(ctx).loaders.ways_in_of(client).await?;
        rows.sort_by_key(|row| std::cmp::Reverse((row.completed_on, row.id)));
        Ok(Some(rows.into_iter().map(WayIn::from).collect()))
    };
    field(rows.await)
}

/// What is recorded.
#[derive(InputObject)]
pub struct WayInRecordInput {
    /// The client.
    client_id: Gid<ClientId>,
    /// Which of the two ways.
    kind: WayInKind,
    /// The day on which it was complete; not in the future.
    completed_on: Date,
    /// What was found, at most 10,000 characters; required for an audit.
    findings: Option<String>,
    /// The provider's own note, at most 10,000 characters; clients do not see it.
    note: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of recording a way in.
    WayInRecordPayload {
        /// The new record.
        way_in: WayIn,
        /// The client with its ways in as they are now.
        client: Client,
    }
}

/// Records of ways in.
#[derive(Default)]
pub struct WayInMutation;

#[Object]
impl WayInMutation {
    /// Records an implementation that the provider completed, or an audit with its findings, so that support can start.
    async fn way_in_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: WayInRecordInput,
    ) -> Option<async_graphql::Result<WayInRecordPayload>> {
        let key = input.idempotency_key;
        let command = usecase::way_in::Record {
            client_id: input.client_id.0,
            kind: input.kind,
            completed_on: input.completed_on.0,
            findings: input.findings,
            note: input.note,
        };
        let recorded = async {
            let row = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
                usecase::way_in::record(&call, command, key).await
            }))
            .await?;
            let client = request(ctx).loaders.client(row.client_id).await?.ok_or(Error::NotFound)?;
            Ok(WayInRecordPayload {
                way_in: Some(row.into()),
                client: Some(client.into()),
                errors: Vec::new(),
            })
        };
        answer(recorded.await)
    }
}
