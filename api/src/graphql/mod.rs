//! The API's shape: one file per noun with its object, inputs, and parts of the roots.
//!
//! A resolver parses, calls one use-case and hands out what it got: it decides nothing. Nullable fields that can fail
//! are `Option<Result<T>>`, since the library nulls the parent of a failed `Result<Option<T>>`.

pub mod access;
pub mod api_key;
pub mod asked;
pub mod audit;
pub mod block;
pub mod calendar;
pub mod client;
pub mod comment;
pub mod cost;
pub mod engagement;
pub mod error;
pub mod event;
pub mod filter;
pub mod hour_balance;
pub mod id;
pub mod invitation;
pub mod ledger;
pub mod live;
pub mod loader;
pub mod node;
pub mod notification;
pub mod operation;
pub mod page;
pub mod password;
pub mod patch;
pub mod plan;
pub mod rate_limit;
pub mod report;
pub mod reservation;
pub mod scalar;
pub mod service;
pub mod sign_in;
pub mod sign_off;
pub mod tariff;
pub mod task;
pub mod team;
pub mod time_entry;
pub mod user;
pub mod viewer;
pub mod way_in;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use async_graphql::{Context, MergedObject, MergedSubscription, SDLExportOptions, SchemaBuilder};
use domain::policy::{Actor, Target, action_of, decide};

use crate::app::{App, Call};
use crate::auth::Session;
use crate::error::{Error, Result};
use loader::Loaders;

/// What may be read.
#[derive(MergedObject, Default)]
pub struct Query(
    api_key::ApiKeyQuery,
    audit::AuditQuery,
    calendar::CalendarQuery,
    client::ClientQuery,
    engagement::EngagementQuery,
    node::NodeQuery,
    notification::NotificationQuery,
    operation::OperationQuery,
    plan::PlanQuery,
    rate_limit::RateLimitQuery,
    report::ReportQuery,
    reservation::CapacityQuery,
    service::ServiceQuery,
    tariff::TariffQuery,
    task::TaskQuery,
    time_entry::TimeEntryQuery,
    user::UserQuery,
    viewer::ViewerQuery,
);

/// What may be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    api_key::ApiKeyMutation,
    block::BlockMutation,
    calendar::CalendarMutation,
    client::ClientMutation,
    comment::CommentMutation,
    engagement::EngagementMoneyMutation,
    engagement::EngagementMutation,
    invitation::InvitationMutation,
    notification::NotificationMutation,
    operation::OperationMutation,
    password::PasswordMutation,
    plan::PlanMutation,
    report::ReportMutation,
    reservation::ReservationMutation,
    service::ServiceMutation,
    sign_in::SignInMutation,
    tariff::TariffMutation,
    task::TaskMutation,
    task::TaskStepMutation,
    team::TeamMutation,
    time_entry::TimeEntryMutation,
    user::UserMutation,
    way_in::WayInMutation,
);

/// What is pushed as it changes.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    hour_balance::HourBalanceSubscription,
    live::LiveSubscription,
    notification::NotificationSubscription,
);

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

/// The schema as text: what callers build on. Everything in it stands in the order of the alphabet, so that a change
/// reads as what it is. Directives that every GraphQL has are not spelled out.
pub fn sdl() -> String {
    let text = schema().sdl_with_options(
        SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .include_specified_by()
            .use_space_ident(),
    );
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    for known in ["deprecated", "include", "skip", "specifiedBy"] {
        let definition = format!("directive @{known}");
        let Some(at) = lines.iter().position(|line| line.starts_with(&definition)) else { continue };
        let quotes: Vec<usize> = (0..at).rev().filter(|line| lines[*line] == "\"\"\"").take(2).collect();
        lines.drain(quotes.last().copied().unwrap_or(at)..=at);
    }
    lines.join("\n") + "\n"
}

/// One operation (or one event of a subscription) inside the library.
pub struct Request {
    pub call: Call,
    pub loaders: Loaders,
    /// Who the caller has become by signing in within this operation.
    signed_in: OnceLock<Call>,
    session: Arc<Session>,
}

impl Request {
    /// What the resolvers of an operation find in their context: the rights that the session was opened with.
    pub fn new(app: &Arc<App>, session: &Arc<Session>, request_id: &str) -> Self {
        Self::of(app, session, session.actor(), request_id)
    }

    /// The same for an event of a subscription: the rights of this moment, which are nobody's once the session has ended.
    pub async fn of_this_moment(app: &Arc<App>, session: &Arc<Session>, request_id: &str) -> Self {
        let actor = app.sessions.alive(session).await.unwrap_or_else(|| Arc::new(Actor::Anonymous));
        Self::of(app, session, actor, request_id)
    }

    /// The session that it belongs to, for what outlives it.
    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }

    fn of(app: &Arc<App>, session: &Arc<Session>, actor: Arc<Actor>, request_id: &str) -> Self {
        Self {
            call: Call::new(Arc::clone(app), actor, request_id.to_owned()),
            loaders: Loaders::new(app),
            signed_in: OnceLock::new(),
            session: Arc::clone(session),
        }
    }

    /// The same, coming from a network address.
    pub fn from_address(mut self, address: Option<IpAddr>) -> Self {
        self.call.address = address;
        self
    }

    /// Whether signing in is still to be had: once in an operation (T11).
    ///
    /// # Errors
    /// BAD_USER_INPUT the second time.
    fn may_sign_in(&self) -> Result<()> {
        if self.signed_in.get().is_none() {
            return Ok(());
        }
        Err(Error::BadInput("One sign-in in an operation is enough.".to_owned()))
    }

    /// From here on the rest of the operation is the new caller's: what it asks of them is theirs to see.
    fn become_caller(&self, actor: Arc<Actor>) {
        // Set once: `may_sign_in` was asked before.
        let _ = self.signed_in.set(Call { actor, ..self.call.clone() });
    }
}

/// The operation that a resolver is part of.
pub fn request<'a>(ctx: &Context<'a>) -> &'a Request {
    ctx.data_unchecked::<Request>()
}

/// The call that a resolver is part of.
pub fn call<'a>(ctx: &Context<'a>) -> &'a Call {
    let request = request(ctx);
    request.signed_in.get().unwrap_or(&request.call)
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
