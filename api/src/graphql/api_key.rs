//! Keys of partners.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::{ApiKeyId, ClientId};
use domain::policy::Target;
use entity::api_key;
use uuid::Uuid;

use super::client::Client;
use super::error::{answer, field, payload};
use super::id::{Gid, Identified};
use super::page::{PageArgs, connection};
use super::scalar::DateTime;
use super::user::User;
use super::{call, request, settle};
use crate::store::page::Binding;
use crate::usecase;
use crate::usecase::api_key::{Create, Key};

/// A partner's key: reads the status of the clients granted to it.
#[derive(Clone)]
pub struct ApiKey {
    row: api_key::Model,
    clients: Vec<ClientId>,
}

impl From<Key> for ApiKey {
    fn from(key: Key) -> Self {
        Self { row: key.row, clients: key.clients }
    }
}

/// A partner's key: reads the status of the clients granted to it. The secret is kept as a hash alone.
#[Object]
impl ApiKey {
    /// The key's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The clients that it reads, at most 100.
    async fn clients(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Client>>> {
        let loaders = &request(ctx).loaders;
        let rows = futures_util::future::try_join_all(self.clients.iter().map(|id| loaders.client(*id)));
        field(rows.await.map(|rows| Some(rows.into_iter().flatten().map(Client::from).collect())))
    }

    /// Who made it.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(
            async {
                settle(call(ctx), "ApiKey.createdBy", &Target::PROVIDER)?;
                Ok(request(ctx).loaders.user(self.row.created_by).await?.map(User::from))
            }
            .await,
        )
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it ends by itself; null where it does not.
    async fn expires_at(&self) -> Option<DateTime> {
        self.row.expires_at.map(Into::into)
    }

    /// When it was revoked; null where it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.row.revoked_at.map(Into::into)
    }

    /// When it was last used, to the minute; null where it never was.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.row.last_used_at.map(Into::into)
    }
}

connection!(
    /// A page of keys.
    ApiKeyConnection, ApiKeyEdge, ApiKey
);

/// A new key.
#[derive(InputObject)]
pub struct ApiKeyCreateInput {
    /// What it is for, at most 200 characters.
    name: String,
    /// The clients that it reads, 1 to 100.
    client_ids: Vec<Gid<ClientId>>,
    /// When it ends by itself; never where absent.
    expires_at: Option<DateTime>,
    /// Makes a retry harmless: the same key and input give the first outcome, without the secret.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of making a key.
    ApiKeyCreatePayload {
        /// The new key.
        api_key: ApiKey,
        /// The secret, told this once: it travels as `Authorization: Bearer …`.
        key: String,
    }
}

payload! {
    /// The outcome of revoking a key.
    ApiKeyRevokePayload {
        /// The key, of no use any more.
        api_key: ApiKey,
    }
}

/// Queries of keys.
#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// The keys of partners, the newest first, those included that are revoked.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ApiKeyConnection>> {
        field(
            async {
                let binding = Binding::new(&"apiKeys");
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let (listed, clients) = Box::pin(usecase::api_key::list(call(ctx), binding, &page)).await?;
                Ok(Some(ApiKeyConnection::new(listed, |row| {
                    let clients = clients.get(&row.id).cloned().unwrap_or_default();
                    ApiKey { row, clients }
                })))
            }
            .await,
        )
    }
}

/// Changes of keys.
#[derive(Default)]
pub struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Makes a key for a partner. Its secret stands in this answer and nowhere else.
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new key.")] input: ApiKeyCreateInput,
    ) -> Option<async_graphql::Result<ApiKeyCreatePayload>> {
        let idempotency = input.idempotency_key;
        let command = Create {
            name: input.name,
            clients: input.client_ids.into_iter().map(|id| id.0).collect(),
            expires_at: input.expires_at.map(Into::into),
        };
        let made = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::api_key::create(&call, command, idempotency).await
        }))
        .await;
        answer(made.map(|(key, secret)| ApiKeyCreatePayload {
            api_key: Some(key.into()),
            key: secret,
            errors: Vec::new(),
        }))
    }

    /// Revokes a key for good, at once.
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] id: Gid<ApiKeyId>,
    ) -> Option<async_graphql::Result<ApiKeyRevokePayload>> {
        let revoked = Box::pin(usecase::retry(call(ctx), id.0, |call, id| async move {
            usecase::api_key::revoke(&call, id).await
        }))
        .await;
        answer(revoked.map(|key| ApiKeyRevokePayload { api_key: Some(key.into()), errors: Vec::new() }))
    }
}
