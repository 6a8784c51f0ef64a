//! The months of an engagement.

use async_graphql::{Context, ID, Object};
use domain::id::ClientId;
use domain::policy::Target;
use entity::{payment_period, period};

use super::super::error::field;
use super::super::id::Identified;
use super::super::scalar::{Date, DateTime};
use super::super::tariff::{self, Tariff, TariffRevision};
use super::super::{call, request, settle};
use super::{Engagement, Payment};
use crate::error::Result;
use crate::usecase::ledger::counters;

/// One month of an engagement, with its minutes. One that has ended reads as expired and one that has begun as granted
/// from the first second on.
#[derive(Clone)]
pub struct Period {
    client: ClientId,
    row: period::Model,
}

impl Period {
    /// A period of a client's engagement.
    pub fn of(client: ClientId, row: period::Model) -> Self {
        Self { client, row }
    }

    /// Which payment is for this period, where one is on record.
    async fn payment(&self, ctx: &Context<'_>, name: &str) -> Result<Option<payment_period::Model>> {
        settle(call(ctx), name, &Target::client(self.client))?;
        let paid = request(ctx).loaders.paid_periods_of(self.row.engagement_id).await?;
        Ok(paid.into_iter().find(|paid| paid.period_number == self.row.number))
    }
}

/// One month of an engagement, with its minutes. One that has ended reads as expired and one that has begun as granted
/// from the first second on.
#[Object]
impl Period {
    /// The period's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The engagement that it is a month of.
    async fn engagement(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Engagement>> {
        let engagement = request(ctx).loaders.engagement(self.row.engagement_id).await;
        field(engagement.map(|found| found.map(Engagement::from)))
    }

    /// Its number in the engagement, from 1.
    async fn number(&self) -> i32 {
        self.row.number
    }

    /// The first day, in the engagement's time zone.
    async fn starts_on(&self) -> Date {
        Date(self.row.starts_on)
    }

    /// The first day of the next period.
    async fn ends_on(&self) -> Date {
        Date(self.row.ends_on)
    }

    /// The tariff that it runs on, as it is on sale now; `terms` holds what was bought.
    async fn tariff(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Tariff>> {
        field(tariff::of_revision(ctx, self.row.tariff_revision_id).await)
    }

    /// The terms that it runs on.
    async fn terms(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<TariffRevision>> {
        let terms = request(ctx).loaders.tariff_revision(self.row.tariff_revision_id).await;
        field(terms.map(|found| found.map(TariffRevision::from)))
    }

    /// Minutes granted, top-ups included.
    async fn granted_minutes(&self) -> i32 {
        self.row.granted_minutes
    }

    /// Minutes carried in from other periods, or out of this one where negative.
    async fn transferred_minutes(&self) -> i32 {
        self.row.transferred_minutes
    }

    /// Minutes of corrections, either way.
    async fn adjusted_minutes(&self) -> i32 {
        self.row.adjusted_minutes
    }

    /// Minutes used.
    async fn used_minutes(&self) -> i32 {
        self.row.used_minutes
    }

    /// Minutes that ended unused with the period.
    async fn expired_minutes(&self) -> i32 {
        self.row.expired_minutes
    }

    /// Minutes left, never below 0.
    async fn remaining_minutes(&self) -> i32 {
        counters(&self.row).remaining()
    }

    /// Minutes used beyond the balance; 0 while anything is left.
    async fn overage_minutes(&self) -> i32 {
        counters(&self.row).overage()
    }

    /// Extra minutes that the client's owner approved; they count where the engagement's policy is ASK_CLIENT.
    async fn approved_overage_minutes(&self) -> i32 {
        self.row.approved_overage_minutes
    }

    /// Whether a payment for it is on record.
    async fn paid(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<bool>> {
        field(self.payment(ctx, "Period.paid").await.map(|paid| Some(paid.is_some())))
    }

    /// The payment for it. Null while it is unpaid.
    async fn paid_by(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Payment>> {
        field(
            async {
                let Some(paid) = self.payment(ctx, "Period.paidBy").await? else { return Ok(None) };
                Ok(request(ctx).loaders.payment(paid.payment_id).await?.map(Payment::from))
            }
            .await,
        )
    }

    /// When it was closed. Null while it is open, or is not closed yet.
    async fn closed_at(&self) -> Option<DateTime> {
        self.row.closed_at.map(DateTime)
    }
}
