//! What the caller is told.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Subscription};
use domain::client::Locale;
use domain::id::NotificationId;
use domain::notification::{Content, NotificationKind, Words};
use domain::policy::{Action, Target};
use entity::notification;
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;

use super::client::Client;
use super::error::{answer, field, payload, top_level};
use super::event::events;
use super::id::{Gid, Identified, Kind, encode};
use super::live::begin;
use super::page::{PageArgs, connection};
use super::scalar::DateTime;
use super::viewer::Viewer;
use super::{call, request};
use crate::error::{Error, Result};
use crate::store::page::Binding;
use crate::usecase;
use crate::usecase::notification::{Filter, Marked};
use crate::usecase::watch;

/// Something that the caller must know.
#[derive(Clone)]
pub struct Notification {
    row: notification::Model,
}

impl From<notification::Model> for Notification {
    fn from(row: notification::Model) -> Self {
        Self { row }
    }
}

impl Notification {
    async fn written(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Option<Words>> {
        let locale = match locale {
            Some(locale) => locale,
            None => {
                request(ctx).loaders.user(self.row.user_id).await?.map_or(Locale::En, |reader| reader.locale)
            }
        };
        let content: Content =
            serde_json::from_str(&self.row.content).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Some(content.words(locale)))
    }
}

/// Something that the caller must know: in the application always, by mail as they choose.
#[Object]
impl Notification {
    /// The notification's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// What it tells of.
    async fn kind(&self) -> NotificationKind {
        self.row.kind
    }

    /// One line.
    async fn title(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; in the reader's own where absent.")] locale: Option<Locale>,
    ) -> Option<async_graphql::Result<String>> {
        field(self.written(ctx, locale).await.map(|words| words.map(|words| words.title)))
    }

    /// One or a few sentences.
    async fn text(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; in the reader's own where absent.")] locale: Option<Locale>,
    ) -> Option<async_graphql::Result<String>> {
        field(self.written(ctx, locale).await.map(|words| words.map(|words| words.text)))
    }

    /// The client whose matter it is; null for what is the reader's or the provider's own.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        let id = self.row.client_id?;
        field(request(ctx).loaders.client(id).await.map(|row| row.map(Client::from)))
    }

    /// The id of what it is about, for `node`: whether it can still be seen is decided then.
    async fn subject_id(&self) -> Option<ID> {
        Some(encode(Kind::named(self.row.object.as_deref()?)?, self.row.object_id?))
    }

    /// When it was told.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was marked as read; null while it is unread.
    async fn read_at(&self) -> Option<DateTime> {
        self.row.read_at.map(DateTime::from)
    }
}

connection!(
    /// A page of notifications.
    NotificationConnection, NotificationEdge, Notification
);

/// Which notifications.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct NotificationFilter {
    /// Those unread, or those read.
    unread: Option<bool>,
    /// One of these kinds.
    kind_in: Option<Vec<NotificationKind>>,
}

/// Whether a kind of notification also comes by mail.
#[derive(SimpleObject)]
pub struct NotificationChoice {
    /// What it tells of.
    pub kind: NotificationKind,
    /// Whether it comes by mail; in the application it is shown in any case.
    pub by_mail: bool,
}

/// Queries of notifications.
#[derive(Default)]
pub struct NotificationQuery;

#[Object]
impl NotificationQuery {
    /// What the caller was told, the newest first.
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<NotificationFilter>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<NotificationConnection>> {
        field(
            async {
                let binding = Binding::new(&("notifications", &filter));
                let page = PageArgs { first, after, last, before }.page(binding)?;
                let filter = filter.unwrap_or_default();
                let filter = Filter { unread: filter.unread, kinds: filter.kind_in };
                let listed =
                    Box::pin(usecase::notification::list(call(ctx), &filter, binding, &page)).await?;
                Ok(Some(NotificationConnection::new(listed, Notification::from)))
            }
            .await,
        )
    }
}

/// Which notifications are marked, and how: `ids` or `upTo`.
#[derive(InputObject)]
pub struct NotificationsMarkInput {
    /// These, at most 100.
    ids: Option<Vec<Gid<NotificationId>>>,
    /// This one and every earlier one.
    up_to: Option<Gid<NotificationId>>,
    /// As read, or as unread again.
    #[graphql(default = true)]
    read: bool,
}

/// A choice.
#[derive(InputObject)]
pub struct NotificationChoiceSetInput {
    /// What it tells of.
    kind: NotificationKind,
    /// Whether it also comes by mail.
    by_mail: bool,
}

payload! {
    /// The outcome of marking notifications.
    NotificationsMarkPayload {
        /// How many changed.
        marked_count: i32,
        /// The caller, whose unread count it changes.
        viewer: Viewer,
    }
}

payload! {
    /// The outcome of a choice.
    NotificationChoiceSetPayload {
        /// The caller, with every choice.
        viewer: Viewer,
    }
}

/// Changes of notifications.
#[derive(Default)]
pub struct NotificationMutation;

#[Object]
impl NotificationMutation {
    /// Marks some of the caller's notifications as read, or as unread again.
    async fn notifications_mark(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones, and how.")] input: NotificationsMarkInput,
    ) -> Option<async_graphql::Result<NotificationsMarkPayload>> {
        let marked = match (input.ids, input.up_to) {
            (Some(ids), None) => Marked::These(ids.into_iter().map(|id| id.0).collect()),
            (None, Some(id)) => Marked::UpTo(id.0),
            _ => {
                let text = "Give `ids` or `upTo`, and not both.".to_owned();
                return Some(Err(top_level(Error::BadInput(text))));
            }
        };
        let read = input.read;
        let done = Box::pin(usecase::retry(call(ctx), marked, move |call, marked| async move {
            usecase::notification::mark(&call, marked, read).await
        }))
        .await;
        answer(done.map(|changed| NotificationsMarkPayload {
            marked_count: Some(i32::try_from(changed).unwrap_or(i32::MAX)),
            viewer: Some(Viewer::new(call(ctx).actor.clone())),
            ..Default::default()
        }))
    }

    /// Chooses for a kind of notification whether it also comes by mail.
    async fn notification_choice_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The choice.")] input: NotificationChoiceSetInput,
    ) -> Option<async_graphql::Result<NotificationChoiceSetPayload>> {
        let NotificationChoiceSetInput { kind, by_mail } = input;
        let done = Box::pin(usecase::retry(call(ctx), (), move |call, ()| async move {
            usecase::notification::choose(&call, kind, by_mail).await
        }))
        .await;
        answer(done.map(|()| NotificationChoiceSetPayload {
            viewer: Some(Viewer::new(call(ctx).actor.clone())),
            ..Default::default()
        }))
    }
}

/// Live notifications.
#[derive(Default)]
pub struct NotificationSubscription;

#[Subscription]
impl NotificationSubscription {
    /// Each thing that the caller is told, from now on.
    async fn notification_received(
        &self,
        ctx: &Context<'_>,
    ) -> impl Stream<Item = Option<async_graphql::Result<Notification>>> + use<> {
        let source = async {
            let owner = call(ctx).actor.user_id();
            let permit = call(ctx).permit(Action::NotificationRead, &Target { client: None, owner });
            match permit.and(owner.ok_or(Error::NotFound)) {
                Ok(user) => begin(ctx, watch::notifications(user), Notification::from).await.left_stream(),
                Err(refusal) => stream::iter([Some(Err(top_level(refusal)))]).right_stream(),
            }
        };
        events(ctx, source).await
    }
}
