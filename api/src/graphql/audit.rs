//! The audit log.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::UserId;
use entity::audit;
use serde::Serialize;

use super::client::Client;
use super::error::field;
use super::filter::{DateTimeFilter, IdFilter};
use super::id::{Gid, Identified, Kind, Named, decode, encode};
use super::page::{PageArgs, connection};
use super::scalar::DateTime;
use super::user::User;
use super::{call, request};
use crate::error::{Error, Result};
use crate::store::audit::Filter;
use crate::store::page::Binding;
use crate::usecase;

/// One change on record.
#[derive(Clone)]
pub struct AuditEntry {
    row: audit::Model,
}

impl From<audit::Model> for AuditEntry {
    fn from(row: audit::Model) -> Self {
        Self { row }
    }
}

/// One change on record: who, when, what, before and after. Entries are never altered or removed.
#[Object]
impl AuditEntry {
    /// The entry's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.row.at.into()
    }

    /// Who, by kind and id: `user:…`, `key:…`, `system:…`, `anonymous`, or `user:… as user:…` for whoever looks as a
    /// contact.
    async fn actor(&self) -> &str {
        &self.row.actor
    }

    /// Who, where it was a person.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        let id = self.row.actor_id.filter(|_| self.row.actor.starts_with("user:"))?;
        field(request(ctx).loaders.user(UserId(id)).await.map(|row| row.map(User::from)))
    }

    /// The client that it concerned; null for what belongs to the provider.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        let id = self.row.client_id?;
        field(request(ctx).loaders.client(id).await.map(|row| row.map(Client::from)))
    }

    /// The id of the request, as answers and logs have it.
    async fn request_id(&self) -> &str {
        &self.row.request_id
    }

    /// What was done, by its name in the policy.
    async fn action(&self) -> &str {
        &self.row.action
    }

    /// The type of the object that it was done to.
    async fn object(&self) -> &str {
        &self.row.object
    }

    /// The object's id; null where objects of this type have none in the API.
    async fn object_id(&self) -> Option<ID> {
        Some(encode(Kind::named(&self.row.object)?, self.row.object_id?))
    }

    /// The object before, as JSON text; null where it was made.
    async fn before(&self) -> Option<&str> {
        self.row.before.as_deref()
    }

    /// The object after, as JSON text; null where nothing of it is kept.
    async fn after(&self) -> Option<&str> {
        self.row.after.as_deref()
    }
}

connection!(
    /// A page of the audit log.
    AuditEntryConnection, AuditEntryEdge, AuditEntry
);

/// Which entries.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct AuditEntryFilter {
    /// By the moment.
    at: Option<DateTimeFilter>,
    /// By the person who did it.
    user_id: Option<Gid<UserId>>,
    /// By the client that it concerned.
    client_id: Option<IdFilter>,
    /// By what was done.
    action: Option<String>,
    /// By the type of the object.
    object: Option<String>,
    /// By the object.
    object_id: Option<ID>,
    /// By the request.
    request_id: Option<String>,
}

impl AuditEntryFilter {
    fn read(self) -> Result<Filter> {
        let object_id = match self.object_id.map(|id| decode(&id)) {
            None => None,
            Some(Some(Named::Row(_, id))) => Some(id),
            Some(_) => return Err(Error::BadInput("This is no id of an object on record.".to_owned())),
        };
        Ok(Filter {
            at: self.at.map(Into::into),
            actor_id: self.user_id.map(|id| id.0.0),
            client: self.client_id.map(IdFilter::compare),
            action: self.action,
            object: self.object,
            object_id,
            request_id: self.request_id,
        })
    }
}

/// Queries of the audit log.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// The audit log, the newest entries first.
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<Box<AuditEntryFilter>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<AuditEntryConnection>> {
        field(
            async {
                let binding = Binding::new(&("auditEntries", &filter));
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let filter = filter.unwrap_or_default().read()?;
                let listed = Box::pin(usecase::audit::list(call(ctx), &filter, binding, &page)).await?;
                Ok(Some(AuditEntryConnection::new(listed, |row| AuditEntry { row })))
            }
            .await,
        )
    }
}
