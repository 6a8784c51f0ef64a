//! Meetings.

pub mod edit;
pub mod hold;
pub mod item;
pub mod list;
pub mod rhythm;

pub use edit::MeetingMutation;
pub use hold::MeetingHoldMutation;
pub use item::{MeetingItem, MeetingItemConnection, meeting_items};
pub use list::{MeetingConnection, MeetingFilter, MeetingOrder, MeetingQuery, meetings};
pub use rhythm::MeetingRhythm;

use async_graphql::{Context, ID, Object};
use domain::meeting::{MeetingKind, MeetingStatus};
use domain::policy::Target;
use domain::task::TaskStatus;
use entity::meeting;
use futures_util::future::try_join_all;

use super::client::Client;
use super::engagement::Engagement;
use super::error::field;
use super::hour_balance::HourBalance;
use super::id::Identified;
use super::page::PageArgs;
use super::scalar::DateTime;
use super::task::{TaskConnection, tasks_of_client};
use super::user::User;
use super::{call, request, settle};

/// A call or visit of a client with its project manager, with its agenda and outcome.
#[derive(Clone)]
pub struct Meeting {
    row: meeting::Model,
}

impl From<meeting::Model> for Meeting {
    fn from(row: meeting::Model) -> Self {
        Self { row }
    }
}

/// A call or visit of a client with its project manager, with its agenda and outcome.
#[Object]
impl Meeting {
    /// The meeting's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The client that it is with.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|row| row.map(Client::from)))
    }

    /// The engagement that it is about.
    async fn engagement(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Engagement>> {
        field(
            request(ctx)
                .loaders
                .engagement(self.row.engagement_id)
                .await
                .map(|row| row.map(Engagement::from)),
        )
    }

    /// What it is for.
    async fn kind(&self) -> MeetingKind {
        self.row.kind
    }

    /// Where it stands.
    async fn status(&self) -> MeetingStatus {
        self.row.status
    }

    /// When it begins.
    async fn starts_at(&self) -> DateTime {
        self.row.starts_at.into()
    }

    /// How long it is, in minutes: as planned, and once it was held as it was.
    async fn duration_minutes(&self) -> i32 {
        self.row.duration_minutes
    }

    /// Where it is: a place, or the link of a call. Null where nobody said.
    async fn place(&self) -> Option<&str> {
        self.row.place.as_deref()
    }

    /// Who takes part, of either side; at most 50.
    async fn participants(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<User>>> {
        let loaders = &request(ctx).loaders;
        field(
            async {
                let people = loaders.people_of_meeting(self.row.id).await?;
                let users = try_join_all(people.iter().map(|person| loaders.user(person.user_id))).await?;
                let mut users: Vec<_> = users.into_iter().flatten().collect();
                users.sort_by(|one, other| (&one.name_key, one.id).cmp(&(&other.name_key, other.id)));
                Ok(Some(users.into_iter().map(User::from).collect()))
            }
            .await,
        )
    }

    /// What is to be talked about, in order; at most 100 points. What is not done when it ends goes on to the next one.
    async fn agenda(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<MeetingItem>>> {
        let rows = request(ctx).loaders.agenda_of(self.row.id).await;
        field(rows.map(|rows| Some(rows.into_iter().map(MeetingItem::from).collect())))
    }

    /// The engagement's hours as they are now; null where no period runs. A part of every agenda.
    async fn hour_balance(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<HourBalance>> {
        let read = async {
            settle(call(ctx), "Engagement.hourBalance", &Target::client(self.row.client_id))?;
            let balances = request(ctx).loaders.balances(self.row.client_id).await?;
            let own = balances.into_iter().find(|balance| balance.engagement_id == self.row.engagement_id);
            Ok(own.map(HourBalance::from))
        };
        field(read.await)
    }

    /// The client's tasks that are in work now. A part of every agenda.
    async fn tasks_in_work(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<TaskConnection>> {
        let args = PageArgs { first, after, last, before };
        tasks_of_client(ctx, self.row.client_id, TaskStatus::InProgress, args).await
    }

    /// The client's tasks that wait to be accepted now. A part of every agenda.
    async fn tasks_in_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<TaskConnection>> {
        let args = PageArgs { first, after, last, before };
        tasks_of_client(ctx, self.row.client_id, TaskStatus::InReview, args).await
    }

    /// How satisfied the client said to be, 1 to 5; null where nobody asked.
    async fn satisfaction(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<i32>> {
        let settled = settle(call(ctx), "Meeting.satisfaction", &Target::client(self.row.client_id));
        field(settled.map(|()| self.row.satisfaction))
    }

    /// What was said, for both sides; null until it was held.
    async fn notes(&self) -> Option<&str> {
        self.row.notes.as_deref()
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
