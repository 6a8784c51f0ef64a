//! Clients.

pub mod edit;
pub mod list;

pub use edit::ClientMutation;
pub use list::{ClientConnection, ClientQuery, by_name};

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::calendar::Weekday;
use domain::client::{CrmKind, Locale, SetUpBy};
use domain::policy::Target;
use entity::client;

use super::asked::Asked;
use super::engagement::Engagement;
use super::error::field;
use super::hour_balance::HourBalance;
use super::id::Identified;
use super::instruction::{self, InstructionConnection, InstructionFilter};
use super::meeting::{
    MeetingConnection, MeetingFilter, MeetingItemConnection, MeetingOrder, meeting_items, meetings,
};
use super::page::PageArgs;
use super::plan::Plan;
use super::satisfaction::{self, SatisfactionFigureConnection};
use super::scalar::DateTime;
use super::task::Task;
use super::team::{self, TeamMember};
use super::time_entry::{TimeEntryConnection, TimeEntryFilter, TimeEntryOrder, time_entries};
use super::training::{self, TrainingConnection, TrainingFilter};
use super::user::User;
use super::way_in::{self, WayIn};
use super::{call, request, settle};
use crate::usecase;
use crate::usecase::tree::{Branches, Wanted};

/// A company served.
#[derive(Clone)]
pub struct Client {
    row: client::Model,
    balances: Option<Arc<[HourBalance]>>,
    team: Option<Arc<[TeamMember]>>,
    plans: Option<Arc<[Plan]>>,
}

impl From<client::Model> for Client {
    fn from(row: client::Model) -> Self {
        Self { row, balances: None, team: None, plans: None }
    }
}

impl From<(client::Model, Branches)> for Client {
    fn from((row, branches): (client::Model, Branches)) -> Self {
        Self {
            balances: branches.balances.map(|some| some.into_iter().map(HourBalance::from).collect()),
            team: branches.team.map(|some| some.into_iter().map(TeamMember::from).collect()),
            plans: branches.plans.map(|some| some.into_iter().map(Plan::from).collect()),
            row,
        }
    }
}

/// What the document asks for below clients and can be read along with them.
fn wanted(clients: &Asked<'_>) -> Wanted {
    let blocks = clients.at("plans").at("blocks");
    let tasks = blocks.at("tasks");
    Wanted {
        balances: clients.at("hourBalances").exists(),
        team: clients.at("team").is_plain() && clients.at("team").at("user").only(User::BRIEF),
        plans: blocks.exists(),
        tasks: tasks.exists() && tasks.only(Task::BRIEF) && tasks.at("assignee").only(User::BRIEF),
    }
}

/// The same below a connection of clients.
pub fn listed(connection: &Asked<'_>) -> Wanted {
    wanted(&connection.at("nodes").and(connection.at("edges").at("node")))
}

impl Client {
    /// What is known of the company beside its status: not a partner's to read.
    fn profile<T>(
        &self,
        ctx: &Context<'_>,
        name: &str,
        value: Option<T>,
    ) -> Option<async_graphql::Result<T>> {
        field(settle(call(ctx), name, &Target::client(self.row.id)).map(|()| value))
    }
}

/// A company served.
#[Object]
impl Client {
    /// The client's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Its id in the provider's other systems.
    async fn external_id(&self) -> Option<&str> {
        self.row.external_id.as_deref()
    }

    /// The CRM that it works in.
    async fn crm_kind(&self) -> CrmKind {
        self.row.crm_kind
    }

    /// The address of its CRM.
    async fn crm_url(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        self.profile(ctx, "Client.crmUrl", self.row.crm_url.clone())
    }

    /// Who set its CRM up.
    async fn set_up_by(&self) -> SetUpBy {
        self.row.set_up_by
    }

    /// Number of licences in its CRM.
    async fn licences(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<i32>> {
        self.profile(ctx, "Client.licences", self.row.licences)
    }

    /// What it does.
    async fn line_of_business(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        self.profile(ctx, "Client.lineOfBusiness", self.row.line_of_business.clone())
    }

    /// What it wants to reach.
    async fn goals(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        self.profile(ctx, "Client.goals", self.row.goals.clone())
    }

    /// The language in which it is written to.
    async fn locale(&self) -> Locale {
        self.row.locale
    }

    /// The IANA time zone in which its days and months are counted.
    async fn time_zone(&self) -> &str {
        &self.row.time_zone
    }

    /// The day of the week on which the report of the week before is made.
    async fn report_weekday(&self) -> Weekday {
        self.row.report_weekday
    }

    /// The hour of that day, 0 to 23, in the client's time zone.
    async fn report_hour(&self) -> i32 {
        self.row.report_hour
    }

    /// The link of the chat shared with the provider.
    async fn chat_url(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        self.profile(ctx, "Client.chatUrl", self.row.chat_url.clone())
    }

    /// The addresses that its weekly reports go to.
    async fn report_recipients(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<String>>> {
        field(
            async {
                settle(call(ctx), "Client.reportRecipients", &Target::client(self.row.id))?;
                Box::pin(usecase::client::recipients(call(ctx), self.row.id)).await.map(Some)
            }
            .await,
        )
    }

    /// What it buys and bought, the newest first; DRAFTs are offers.
    async fn engagements(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Engagement>>> {
        field(
            async {
                settle(call(ctx), "Client.engagements", &Target::client(self.row.id))?;
                let mut rows = request(ctx).loaders.engagements_of(self.row.id).await?;
                rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
                Ok(Some(rows.into_iter().map(Engagement::from).collect()))
            }
            .await,
        )
    }

    /// Its hours: one balance for each active or paused engagement, never added into one number.
    async fn hour_balances(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Arc<[HourBalance]>>> {
        let read = async {
            settle(call(ctx), "Client.hourBalances", &Target::client(self.row.id))?;
            if let Some(balances) = &self.balances {
                return Ok(Some(Arc::clone(balances)));
            }
            let balances = request(ctx).loaders.balances(self.row.id).await?;
            Ok(Some(balances.into_iter().map(HourBalance::from).collect()))
        };
        field(read.await)
    }

    /// The time logged for it, newest day first where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn time_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all of the client's where absent.")] filter: Option<
            Box<TimeEntryFilter>,
        >,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<TimeEntryOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<TimeEntryConnection>> {
        let filter = TimeEntryFilter::of_client(self.row.id.global(), filter);
        let page = PageArgs { first, after, last, before };
        field(Box::pin(time_entries(ctx, Some(Box::new(filter)), order_by, page)).await.map(Some))
    }

    /// Its plans, oldest first.
    async fn plans(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Arc<[Plan]>>> {
        if let Some(plans) = &self.plans {
            return Some(Ok(Arc::clone(plans)));
        }
        let rows = request(ctx).loaders.plans_of_client(self.row.id).await;
        field(rows.map(|rows| Some(rows.into_iter().map(Plan::from).collect())))
    }

    /// The people fixed to it, by position.
    async fn team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Places that have ended as well.", default)] include_ended: bool,
    ) -> Option<async_graphql::Result<Vec<TeamMember>>> {
        team::of_client(ctx, &self.row, self.team.as_deref(), include_ended).await
    }

    /// Its meetings, the last ones first where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all of the client's where absent.")] filter: Option<Box<MeetingFilter>>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<MeetingOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<MeetingConnection>> {
        if let Err(error) = settle(call(ctx), "Client.meetings", &Target::client(self.row.id)) {
            return field(Err(error));
        }
        meetings(ctx, Some(self.row.id), filter, order_by, PageArgs { first, after, last, before }).await
    }

    /// The points of its agendas, the newest first.
    async fn meeting_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that wait for a meeting, or only the others.")] waiting: Option<bool>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<MeetingItemConnection>> {
        meeting_items(ctx, self.row.id, waiting, PageArgs { first, after, last, before }).await
    }

    /// How satisfied it said to be, the newest figure first.
    async fn satisfaction(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<SatisfactionFigureConnection>> {
        satisfaction::of_client(ctx, self.row.id, PageArgs { first, after, last, before }).await
    }

    /// Its knowledge base, by title: what its people read and watch.
    async fn instructions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that stand where absent.")] filter: Option<InstructionFilter>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<InstructionConnection>> {
        instruction::of_client(ctx, self.row.id, filter, PageArgs { first, after, last, before }).await
    }

    /// Its trainings, the latest first.
    async fn trainings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<TrainingFilter>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<TrainingConnection>> {
        training::of_client(ctx, self.row.id, filter, PageArgs { first, after, last, before }).await
    }

    /// How it came to support, the latest first.
    async fn ways_in(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<WayIn>>> {
        way_in::of_client(ctx, self.row.id).await
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}
