//! Engagements.

pub mod edit;
pub mod money;
pub mod outcome;
mod payment;
mod period;
mod terms;

pub use edit::EngagementMutation;
pub use money::EngagementMoneyMutation;
pub use payment::Payment;
pub use period::Period;
pub use terms::EngagementTariff;

use async_graphql::{Context, ID, Object};
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::id::EngagementId;
use domain::policy::Target;
use domain::refusal::ErrorCode;
use entity::engagement;

use super::client::Client;
use super::error::{field, found};
use super::hour_balance::HourBalance;
use super::id::{Gid, Identified};
use super::meeting::{MeetingRhythm, rhythm};
use super::plan::Plan;
use super::reservation::{self, Reservation};
use super::scalar::{Date, DateTime, Money};
use super::service::Service;
use super::tariff::{self, Tariff, TariffRevision};
use super::user::User;
use super::{call, request, settle};
use crate::error::Result;
use crate::usecase;

/// One client buying one tariff, from a day; while it is a DRAFT it is the offer.
#[derive(Clone)]
pub struct Engagement {
    row: engagement::Model,
}

impl From<engagement::Model> for Engagement {
    fn from(row: engagement::Model) -> Self {
        Self { row }
    }
}

impl Engagement {
    /// Settles the right to a protected field of this engagement.
    fn settle(&self, ctx: &Context<'_>, name: &str) -> Result<()> {
        settle(call(ctx), name, &Target::client(self.row.client_id))
    }
}

/// One client buying one tariff, from a day; while it is a DRAFT it is the offer.
#[Object]
impl Engagement {
    /// The engagement's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The client who buys.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|found| found.map(Client::from)))
    }

    /// The service that it is of.
    async fn service(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Service>> {
        let service = request(ctx).loaders.service(self.row.service_id).await;
        field(service.map(|found| found.map(Service::from)))
    }

    /// The tariff that it was bought on, as it is on sale now; `terms` holds what was bought.
    async fn tariff(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Tariff>> {
        field(tariff::of_revision(ctx, self.row.tariff_revision_id).await)
    }

    /// Where it stands. A support that was cancelled stays ACTIVE until `endsOn`.
    async fn status(&self) -> EngagementStatus {
        self.row.status
    }

    /// The first day served; in a DRAFT the day wished for. Null where none is named yet.
    async fn starts_on(&self) -> Option<Date> {
        self.row.starts_on.map(Date)
    }

    /// The first day no longer served. Null while no end is set.
    async fn ends_on(&self) -> Option<Date> {
        self.row.ends_on.map(Date)
    }

    /// The IANA time zone in which its days and periods are counted: the client's, fixed at the start. Null in a DRAFT.
    async fn time_zone(&self) -> Option<&str> {
        self.row.time_zone.as_deref()
    }

    /// The terms that it was bought on, kept whatever becomes of the tariff.
    async fn terms(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<TariffRevision>> {
        let terms = request(ctx).loaders.tariff_revision(self.row.tariff_revision_id).await;
        field(terms.map(|found| found.map(TariffRevision::from)))
    }

    /// The terms by the period that each counts from, the first ones first; what is named for a period to come stands
    /// last. Empty in a DRAFT.
    async fn tariffs(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<EngagementTariff>>> {
        field(request(ctx).loaders.terms_of(self.row.id).await.map(|mut rows| {
            rows.sort_by_key(|row| row.from_period);
            Some(rows.into_iter().map(EngagementTariff::from).collect())
        }))
    }

    /// Minutes of its own, where the tariff states none. Null for all others.
    async fn own_minutes(&self) -> Option<i32> {
        self.row.own_minutes
    }

    /// A length of its own in months, where the tariff states none. Null for all others.
    async fn own_length_months(&self) -> Option<i32> {
        self.row.own_length_months
    }

    /// What the client pays for a period. Null where no price is agreed yet.
    async fn price(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Money>> {
        let price = || Money::of(self.row.price_minor, self.row.currency.as_deref());
        field(self.settle(ctx, "Engagement.price").map(|()| price()))
    }

    /// What becomes of time logged beyond the balance.
    async fn overage_policy(&self) -> OveragePolicy {
        self.row.overage_policy
    }

    /// Whether periods after the first are granted their minutes on their first day, paid or not.
    async fn grant_unpaid(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<bool>> {
        field(self.settle(ctx, "Engagement.grantUnpaid").map(|()| Some(self.row.grant_unpaid)))
    }

    /// What the seller noted for those who serve the client. Null where nothing is noted.
    async fn sale_note(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        field(self.settle(ctx, "Engagement.saleNote").map(|()| self.row.sale_note.clone()))
    }

    /// Who sells it. Null where nobody is named.
    async fn seller(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(
            async {
                self.settle(ctx, "Engagement.seller")?;
                let Some(id) = self.row.seller_id else { return Ok(None) };
                Ok(request(ctx).loaders.user(id).await?.map(User::from))
            }
            .await,
        )
    }

    /// Its periods that have begun, the newest first.
    async fn periods(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Period>>> {
        field(
            async {
                let written = request(ctx).loaders.periods_of(self.row.id).await?;
                let periods =
                    Box::pin(usecase::engagement::period::as_of_now(call(ctx), &self.row, written)).await?;
                let client = self.row.client_id;
                Ok(Some(periods.into_iter().map(|row| Period::of(client, row)).collect()))
            }
            .await,
        )
    }

    /// Its payments, the newest first.
    async fn payments(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Payment>>> {
        field(
            async {
                self.settle(ctx, "Engagement.payments")?;
                let mut rows = request(ctx).loaders.payments_of(self.row.id).await?;
                rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
                Ok(Some(rows.into_iter().map(Payment::from).collect()))
            }
            .await,
        )
    }

    /// Who holds how many minutes a month for it, past ones included, by period.
    async fn reservations(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Reservation>>> {
        reservation::of_engagement(ctx, self.row.client_id, self.row.id).await
    }

    /// What keeps a DRAFT from starting on its day (today where it names none), all of it, by the codes that
    /// `engagementStart` would answer. Empty where it can start, and for all that are no drafts.
    async fn unmet_start_conditions(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<ErrorCode>>> {
        field(
            async {
                self.settle(ctx, "Engagement.unmetStartConditions")?;
                Box::pin(usecase::engagement::start::unmet_now(call(ctx), &self.row)).await.map(Some)
            }
            .await,
        )
    }

    /// Why it was cancelled. Null where it was not.
    async fn end_reason(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        field(self.settle(ctx, "Engagement.endReason").map(|()| self.row.end_reason.clone()))
    }

    /// When it was started. Null in a DRAFT.
    async fn started_at(&self) -> Option<DateTime> {
        self.row.started_at.map(DateTime)
    }

    /// When it ended. Null while it has not.
    async fn ended_at(&self) -> Option<DateTime> {
        self.row.ended_at.map(DateTime)
    }

    /// Its current hours; null before the first period begins and after the end.
    async fn hour_balance(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<HourBalance>> {
        let read = async {
            settle(call(ctx), "Engagement.hourBalance", &Target::client(self.row.client_id))?;
            let balances = request(ctx).loaders.balances(self.row.client_id).await?;
            let own = balances.into_iter().find(|balance| balance.engagement_id == self.row.id);
            Ok(own.map(HourBalance::from))
        };
        field(read.await)
    }

    /// When its weekly meeting is; null where it has no rhythm of meetings.
    async fn meeting_rhythm(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<MeetingRhythm>> {
        rhythm::of_engagement(ctx, &self.row).await
    }

    /// The plan that its work follows.
    async fn plan(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Plan>> {
        let plan = request(ctx).loaders.plan(self.row.plan_id?).await;
        field(plan.map(|found| found.map(Plan::from)))
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }
}

/// Queries of engagements.
#[derive(Default)]
pub struct EngagementQuery;

#[Object]
impl EngagementQuery {
    /// One engagement.
    async fn engagement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: Gid<EngagementId>,
    ) -> Option<async_graphql::Result<Engagement>> {
        let engagement = Box::pin(usecase::engagement::find(call(ctx), id.0)).await;
        found(engagement.map(|row| row.map(Engagement::from)))
    }
}
