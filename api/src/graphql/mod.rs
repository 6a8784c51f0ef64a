//! The API's shape: one file per noun with its object, inputs, and parts of the roots.
//!
//! A resolver parses, calls one use-case and hands out what it got: it decides nothing. Nullable fields that can fail
//! are `Option<Result<T>>`, since the library nulls the parent of a failed `Result<Option<T>>`.

pub mod access;
pub mod client;
pub mod cost;
pub mod error;
pub mod filter;
pub mod hour_balance;
pub mod id;
pub mod loader;
pub mod page;
pub mod patch;
pub mod scalar;
pub mod time_entry;
pub mod user;

use std::sync::Arc;

use async_graphql::{Context, MergedObject, MergedSubscription, SchemaBuilder};
use domain::policy::{Actor, Target, action_of, decide};

use crate::app::{App, Call};
use crate::auth::Session;
use crate::error::{Error, Result};
use loader::Loaders;

/// What may be read.
#[derive(MergedObject, Default)]
pub struct Query(client::ClientQuery, time_entry::TimeEntryQuery);

/// What may be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(client::ClientMutation, time_entry::TimeEntryMutation);

/// What is pushed as it changes.
#[derive(MergedSubscription, Default)]
pub struct Subscription(hour_balance::HourBalanceSubscription);

/// The whole schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema on which queries and mutations run.
pub fn schema() -> Schema {
    builder().finish()
}

/// What all forms of the schema share; each adds what is its own. The guard in front of them is the first line, their
/// limits are the second.
pub fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    async_graphql::Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<access::AccessSentences>()
        .disable_suggestions()
        .limit_depth(24)
        .limit_recursive_depth(48)
}

/// One operation (or one event of a subscription) inside the library.
pub struct Request {
    pub call: Call,
    pub loaders: Loaders,
    session: Arc<Session>,
}

impl Request {
    /// What the resolvers of an operation find in their context.
    pub fn new(app: &Arc<App>, session: &Arc<Session>, request_id: &str) -> Self {
        Self::of(app, session, session.actor(), request_id)
    }

    /// The same operation a moment later, for the next event of a subscription: nothing cached, today's rights.
    pub async fn again(&self) -> Self {
        let Call { app, request_id, .. } = &self.call;
        let actor = app.sessions.alive(&self.session).await.unwrap_or_else(|| Arc::new(Actor::Anonymous));
        Self::of(app, &self.session, actor, request_id)
    }

    /// The session that it belongs to, for what outlives it.
    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }

    fn of(app: &Arc<App>, session: &Arc<Session>, actor: Arc<Actor>, request_id: &str) -> Self {
        Self {
            call: Call::new(Arc::clone(app), actor, request_id.to_owned()),
            loaders: Loaders::new(app),
            session: Arc::clone(session),
        }
    }
}

/// The operation that a resolver is part of.
pub fn request<'a>(ctx: &Context<'a>) -> &'a Request {
    ctx.data_unchecked::<Request>()
}

/// The call that a resolver is part of.
pub fn call<'a>(ctx: &Context<'a>) -> &'a Call {
    &request(ctx).call
}

/// Settles the right to a protected field, `Type.field`, of something at `target`.
///
/// # Errors
/// Forbidden where the caller may not read the field's class.
pub fn settle(call: &Call, field: &str, target: &Target) -> Result<()> {
    let action =
        action_of(field).ok_or_else(|| Error::Internal(format!("{field} has no row in the policy")))?;
    decide(&call.actor, action, target)
        .map(|_| ())
        .map_err(|_| Error::Denied(domain::policy::Denied::Forbidden))
}
