//! Points of agendas.

use async_graphql::{Context, ID, InputObject, Object};
use domain::id::{ClientId, EngagementId, MeetingId, TaskId};
use domain::meeting::AgendaSource;
use domain::policy::Target;
use entity::meeting_item;
use uuid::Uuid;

use super::super::error::field;
use super::super::id::{Gid, Identified};
use super::super::page::{PageArgs, connection};
use super::super::scalar::DateTime;
use super::super::task::Task;
use super::super::user::User;
use super::super::{call, request, settle};
use super::Meeting;
use crate::store::page::Binding;
use crate::usecase;

/// A point of an agenda.
#[derive(Clone)]
pub struct MeetingItem {
    row: meeting_item::Model,
}

impl From<meeting_item::Model> for MeetingItem {
    fn from(row: meeting_item::Model) -> Self {
        Self { row }
    }
}

/// A point of an agenda.
#[Object]
impl MeetingItem {
    /// The point's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// What it is about.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// Where it comes from.
    async fn source(&self) -> AgendaSource {
        self.row.source
    }

    /// The task that it is about, where it is about one.
    async fn task(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Task>> {
        let id = self.row.task_id?;
        field(request(ctx).loaders.task(id).await.map(|row| row.map(Task::from)))
    }

    /// The meeting that it is talked about in; null while it waits for one to be planned.
    async fn meeting(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Meeting>> {
        let id = self.row.meeting_id?;
        field(request(ctx).loaders.meeting(id).await.map(|row| row.map(Meeting::from)))
    }

    /// Who raised it; null where the system did.
    async fn raised_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        let id = self.row.raised_by?;
        field(request(ctx).loaders.user(id).await.map(|row| row.map(User::from)))
    }

    /// Its place on the agenda: smaller comes first.
    async fn position(&self) -> i32 {
        self.row.position
    }

    /// Whether it was talked about and needs no other meeting.
    async fn done(&self) -> bool {
        self.row.done
    }

    /// When it was raised.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    /// A page of points of agendas, the newest first.
    MeetingItemConnection, MeetingItemEdge, MeetingItem
);

/// The points of a client.
pub async fn meeting_items(
    ctx: &Context<'_>,
    client: ClientId,
    waiting: Option<bool>,
    args: PageArgs,
) -> Option<async_graphql::Result<MeetingItemConnection>> {
    let read = async {
        settle(call(ctx), "Client.meetingItems", &Target::client(client))?;
        let binding = Binding::new(&("meetingItems", client, waiting));
        let page = args.page(binding)?;
        let listed = Box::pin(usecase::meeting::items(call(ctx), client, waiting, binding, &page)).await?;
        Ok(Some(MeetingItemConnection::new(listed, MeetingItem::from)))
    };
    field(read.await)
}

/// A point to be talked about.
#[derive(InputObject)]
pub struct MeetingItemAddInput {
    /// The engagement that it is about.
    pub engagement_id: Gid<EngagementId>,
    /// The meeting of that engagement; the next one where absent, and where none is planned it waits for one.
    pub meeting_id: Option<Gid<MeetingId>>,
    /// The task that it is about.
    pub task_id: Option<Gid<TaskId>>,
    /// What it is about, at most 4,000 characters.
    pub text: String,
    /// Makes a retry harmless: the same key and input give the first outcome.
    pub idempotency_key: Option<Uuid>,
}
