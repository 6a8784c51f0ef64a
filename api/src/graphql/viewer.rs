//! Who asks.

use std::sync::Arc;

use async_graphql::{Context, Object};
use domain::policy::{Action, Actor, Target};
use domain::user::Role;

use super::api_key::ApiKey;
use super::asked::Asked;
use super::client::{ClientConnection, by_name, listed};
use super::error::{field, found};
use super::notification::NotificationChoice;
use super::page::PageArgs;
use super::user::User;
use super::{call, request};
use crate::store::page::Binding;
use crate::usecase;

/// Who asks: a person, or a partner's key.
pub struct Viewer {
    actor: Arc<Actor>,
}

impl Viewer {
    /// The one who asks.
    pub fn new(actor: Arc<Actor>) -> Self {
        Self { actor }
    }
}

/// Who asks: a person, or a partner's key.
#[Object]
impl Viewer {
    /// The person; null for a partner's key.
    async fn user(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        let id = self.actor.user_id()?;
        found(request(ctx).loaders.user(id).await.map(|row| row.map(User::from)))
    }

    /// The partner's key; null for a person.
    async fn api_key(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ApiKey>> {
        field(Box::pin(usecase::api_key::own(call(ctx))).await.map(|key| key.map(ApiKey::from)))
    }

    /// What the person may do; null for a partner's key.
    async fn role(&self) -> Option<Role> {
        self.actor.user().map(|user| user.role)
    }

    /// Who of the provider looks at the API as this person, read only; null where it is the person themselves.
    async fn viewed_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        let id = self.actor.user()?.viewed_by?;
        found(request(ctx).loaders.user(id).await.map(|row| row.map(User::from)))
    }

    /// How many notifications the caller has not read; null for a partner's key.
    async fn unread_notification_count(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<i32>> {
        self.actor.user_id()?;
        let counted = Box::pin(usecase::notification::unread_count(call(ctx))).await;
        field(counted.map(|count| Some(i32::try_from(count).unwrap_or(i32::MAX))))
    }

    /// For each kind of notification whether the caller also gets it by mail; null for a partner's key.
    async fn notification_choices(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<NotificationChoice>>> {
        self.actor.user_id()?;
        let choices = Box::pin(usecase::notification::choices(call(ctx))).await;
        let shown = |(kind, by_mail)| NotificationChoice { kind, by_mail };
        field(choices.map(|choices| Some(choices.into_iter().map(shown).collect())))
    }

    /// The clients that the caller sees, by name.
    async fn clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ClientConnection>> {
        field(
            async {
                let binding = Binding::new(&"viewer.clients");
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let wanted = listed(&Asked::of(ctx));
                let listed =
                    Box::pin(usecase::tree::list(call(ctx), None, by_name(), binding, &page, wanted)).await?;
                Ok(Some(ClientConnection::new(listed, Into::into)))
            }
            .await,
        )
    }
}

/// Queries of the caller.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who asks.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Viewer>> {
        let call = call(ctx);
        let permit = call.permit(Action::ViewerRead, &Target::PROVIDER);
        field(permit.map(|_| Some(Viewer::new(Arc::clone(&call.actor)))))
    }
}
